"""One row of bad input, and the repository that it spoils."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CANARY = "sk-ant-api03-canary7d2f8a51c9e04b36"
MIB = 1024  # KiB
LARGEST = 256 * MIB  # that a process may hold at its peak, its renderer included
# A template that wants all the memory there is gets the 512 MiB of address space that a renderer may ask for.
RENDERER = 600 * MIB

PROD = "environments/prod/"
BAD = f"{PROD}bad.yaml.j2"
CONFIG = f"{PROD}environment.yaml"
VALUES = f"{PROD}values.yaml"
OTHER = "templates/other/other.yaml.j2"

PROVIDER = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: bad, namespace: llm}
spec:
  type: claude
  model: claude-sonnet-4-5
  credential: {secretRef: {name: claude, key: ANTHROPIC_API_KEY}}
"""
FLOKOA = """\
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: bad, namespace: llm}
spec:
  apiKeySecretRef: {name: openai, key: api-key}
  openai: {}
"""
ENVIRONMENT: Mapping[str, str] = {
    CONFIG: "configVersion: 1\nnamespaces: [llm]\nmanifests: [templates/*.yaml.j2]\n",
    VALUES: "model: m\n",
}
# What is in order, and beside it a mistake of another environment, which is told whatever happens.
AROUND: Mapping[str, str] = {
    "templates/good.yaml.j2": PROVIDER.replace("name: bad", "name: good"),
    "environments/spare/environment.yaml": (
        "configVersion: 1\nnamespaces: [llm]\nmanifests: [templates/other/*.yaml.j2]\n"
    ),
    OTHER: PROVIDER.replace("name: bad", "name: other").replace(
        "  model: claude-sonnet-4-5", "  modle: claude-sonnet-4-5"
    ),
}
BASE: Mapping[str, str] = {**AROUND, **ENVIRONMENT}


def nothing(_: Path) -> None:
    """No preparation but the files."""


@dataclass(frozen=True)
class Case:
    """What is spoilt, and what has to come of it.

    Attributes:
        id: `C-07`, with a word where a row has several cases.
        files: on top of a repository that is in order but for one neighbour.
        code: of the environment prod; of the process where there are `args`.
        finding: `error[T003]`, what is found at `place`, `path:line:column`, in words that hold `says`.
        more: codes of further errors; there are no others.
        objects: how many come out of prod, where that is the point: nothing was skipped.
        printed, unprinted: words of the whole output.
        args: of the command; without any `apply --all`, `validate` where `code` is 0.
        prepare: what files cannot say, with the root of the repository.
        env: variables of the process.
        own: a process of its own, though its files could stand in an environment beside others.
        memory: in KiB, at the peak of that process.
    """

    id: str
    files: Mapping[str, str | bytes] = field(default_factory=dict, repr=False)
    code: int = 3
    finding: str = ""
    place: str = ""
    says: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    objects: int | None = None
    printed: tuple[str, ...] = ()
    unprinted: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    prepare: Callable[[Path], None] = field(default=nothing, repr=False)
    env: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    memory: int = LARGEST

    @property
    def row(self) -> str:
        return self.id.split()[0]

    @property
    def environment(self) -> str:
        """The name of its environment, where it shares a repository with others."""
        return re.sub("[^a-z0-9]+", "-", self.id.lower()).strip("-")

    @property
    def shares(self) -> bool:
        """Whether it can stand beside others: all of it is the environment's own."""
        apart = self.own or self.args or self.env or self.prepare is not nothing
        return not apart and all(path.startswith(PROD) for path in self.files)


@dataclass(frozen=True)
class Elsewhere:
    """A row without a case here, and why."""

    id: str
    why: str

    @property
    def row(self) -> str:
        return self.id.split()[0]


def bad(
    id_: str,
    text: str | bytes,
    place: str,
    code: str,
    *says: str,
    more: tuple[str, ...] = (),
    own: bool = False,
    memory: int = LARGEST,
) -> Case:
    """One more template in prod, and the error at its line and column."""
    return Case(
        id_,
        {BAD: text},
        finding=f"error[{code}]",
        place=at(BAD, place),
        says=says,
        more=more,
        own=own,
        memory=memory,
    )


def with_finding(
    id_: str, text: str | bytes, place: str, finding: str, *says: str, objects: int = 2
) -> Case:
    """One more template in prod, which is taken: what is told of it stops nothing."""
    files = {BAD: text}
    return Case(id_, files, 0, finding, at(BAD, place), says, objects=objects)


def taken(id_: str, text: str | bytes) -> Case:
    """One more template in prod, with nothing wrong: its object is there beside the good one."""
    return Case(id_, {BAD: text}, 0, objects=2)


def provider(
    id_: str, old: str, new: str, place: str, code: str, *says: str, more: tuple[str, ...] = ()
) -> Case:
    """A Provider with one part replaced."""
    assert old in PROVIDER
    return bad(id_, PROVIDER.replace(old, new), place, code, *says, more=more)


def flokoa(
    id_: str, old: str, new: str, place: str, code: str, *says: str, more: tuple[str, ...] = ()
) -> Case:
    """A ModelProvider with one part replaced."""
    assert old in FLOKOA
    return bad(id_, FLOKOA.replace(old, new), place, code, *says, more=more)


def policed(id_: str, policy: str, text: str, place: str, code: str, *says: str) -> Case:
    """One more template in prod, whose policy forbids what is in it."""
    config = ENVIRONMENT[CONFIG] + f"policy: {policy}\n"
    return Case(
        id_,
        {CONFIG: config, BAD: text},
        finding=f"error[{code}]",
        place=at(BAD, place),
        says=says,
    )


def at(path: str, position: str) -> str:
    """`path:line:column`; a file as a whole has no position."""
    return f"{path}:{position}" if position else path
