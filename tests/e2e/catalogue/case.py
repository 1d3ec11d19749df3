"""One row of bad input, and the repository that it spoils."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CANARY = "sk-ant-api03-canary7d2f8a51c9e04b36"
BAD = "templates/bad.yaml.j2"
CONFIG = "environments/prod/environment.yaml"
VALUES = "environments/prod/values.yaml"
OTHER = "templates/other/other.yaml.j2:6:"  # where the neighbour's own mistake stands

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
BASE: Mapping[str, str] = {
    CONFIG: "configVersion: 1\nnamespaces: [llm]\nmanifests: [templates/*.yaml.j2]\n",
    VALUES: "model: m\n",
    "templates/good.yaml.j2": PROVIDER.replace("name: bad", "name: good"),
    # Another environment with a mistake of its own: whatever happens to prod, it has to be told.
    "environments/spare/environment.yaml": (
        "configVersion: 1\nnamespaces: [llm]\nmanifests: [templates/other/*.yaml.j2]\n"
    ),
    "templates/other/other.yaml.j2": PROVIDER.replace("name: bad", "name: other").replace(
        "  model: claude-sonnet-4-5", "  modle: claude-sonnet-4-5"
    ),
}


def nothing(_: Path) -> None:
    """No preparation but the files."""


@dataclass(frozen=True)
class Case:
    """What is spoilt, and what has to come of it.

    Attributes:
        id: `C-07`, with a word where a row has several cases.
        files: on top of a repository that is in order but for one neighbour.
        code: of the environment prod; of the process where `alone`.
        place: `path:line` or `path:line:column` of the finding.
        says: words of the output; `unsaid` must not stand there.
        args: of the command; without any `apply --all`, `validate` where `code` is 0.
        alone: the command ends before it comes to the environments: only its own words count.
        prepare: what files cannot say, with the root of the repository.
        env: variables of the process.
    """

    id: str
    files: Mapping[str, str | bytes] = field(default_factory=dict, repr=False)
    code: int = 3
    place: str = ""
    says: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    alone: bool = False
    prepare: Callable[[Path], None] = field(default=nothing, repr=False)
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def row(self) -> str:
        return self.id.split()[0]


@dataclass(frozen=True)
class Elsewhere:
    """A row without a case here, and why."""

    id: str
    why: str

    @property
    def row(self) -> str:
        return self.id.split()[0]


def bad(id_: str, text: str | bytes, place: str, *says: str, code: int = 3) -> Case:
    """One more template in prod; `place` is its line and column."""
    return Case(id_, {BAD: text}, code, f"{BAD}:{place}" if place else "", says)


def provider(id_: str, old: str, new: str, place: str, *says: str, code: int = 3) -> Case:
    """A Provider with one part replaced."""
    assert old in PROVIDER
    return bad(id_, PROVIDER.replace(old, new), place, *says, code=code)


def flokoa(id_: str, old: str, new: str, place: str, *says: str, code: int = 3) -> Case:
    """A ModelProvider with one part replaced."""
    assert old in FLOKOA
    return bad(id_, FLOKOA.replace(old, new), place, *says, code=code)
