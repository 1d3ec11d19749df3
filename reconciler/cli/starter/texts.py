"""The files of a new configuration repository, from those in `files/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from textwrap import indent
from typing import Final

from reconciler import __version__
from reconciler.errors import UsageError
from reconciler.frozen import dataclass
from reconciler.stages.load.form import LABEL
from reconciler.text.suggest import did_you_mean, one_of

_FILES: Final = Path(__file__).with_name("files")
_SYSTEMS: Final = ("flokoa", "omnia")
_LONGEST_ENVIRONMENT: Final = 40  # characters, see `stages.load`
_LONGEST_NAMESPACE: Final = 63
_LAYER: Final = "base"
_WORDS_OF_YAML: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_ACTION: Final = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", re.ASCII)
_IMAGE: Final = re.compile(r"[\w.-]+(:[0-9]+)?(/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?", re.ASCII)  # fmt: skip
_EACH: Final = re.compile(r"^@each\n(.*?)^@end\n", re.MULTILINE | re.DOTALL)
IGNORED: Final = ".gitignore"
UNKNOWN_ACTION: Final = f"your-org/provider-reconciler@{'0' * 40}"
UNKNOWN_PROJECT: Final = "OWNER/NAME"
UNKNOWN_IMAGE: Final = f"registry.example.com/provider-reconciler:{__version__}"


@dataclass(frozen=True, slots=True)
class Choice:
    """The options of `init`; "" for what it chooses itself."""

    systems: tuple[str, ...]
    vendors: tuple[str, ...]
    environments: tuple[str, ...] = ("prod",)
    namespace: str = ""
    context: str = ""
    forge: str = "none"
    branch: str = "main"
    action: str = ""
    image: str = ""

    def checked(self) -> Choice:
        """The same, if files can be made of it.

        Raises:
            UsageError: a name is unknown, or cannot be used.
        """
        self._check_vendors()
        for name in self.environments:
            _label("--environment", name, _LONGEST_ENVIRONMENT)
            if name == _LAYER:
                hint = "it is the folder of the values that environments share"
                raise UsageError(f"--environment {name}: not the name of an environment", hint=hint)
        if self.namespace:
            _label("--namespace", self.namespace, _LONGEST_NAMESPACE)
        if self.context and len(set(self.environments)) != 1:
            hint = "write the others into their environment.yaml"
            raise UsageError("--context names the context of a single environment", hint=hint)
        if self.action and not _ACTION.fullmatch(self.action):
            hint = "OWNER/NAME@ and the 40 digits of a commit, which nobody can move"
            raise UsageError(f"--action {self.action}: not a pinned action", hint=hint)
        if self.image and not _IMAGE.fullmatch(self.image):
            hint = "such as registry.example.com/provider-reconciler@sha256:..."
            raise UsageError(f"--image {self.image}: not an image", hint=hint)
        return self

    def _check_vendors(self) -> None:
        for system in self.systems:
            _known("--system", system, _SYSTEMS)
        known = tuple(name for system in self.systems for name in vendors_of(system))
        for vendor in self.vendors:
            _known("--vendor", vendor, known)
        for system in self.systems:
            if not self.vendors_of(system):
                hint = f"it has {one_of(vendors_of(system), limit=20)}"
                raise UsageError(f"--system {system} has none of these vendors", hint=hint)

    def vendors_of(self, system: str) -> tuple[str, ...]:
        """Those of the vendors that a system has."""
        return tuple(name for name in dict.fromkeys(self.vendors) if name in vendors_of(system))

    def namespace_of(self, system: str) -> str:
        """The namespace of its objects."""
        return self.namespace or system


def vendors_of(system: str) -> tuple[str, ...]:
    """The vendors for which there is a template."""
    return tuple(
        sorted(path.name.removesuffix(".yaml.j2") for path in (_FILES / system).glob("*.yaml.j2"))
    )


def starter_texts(choice: Choice) -> dict[str, str]:
    """The text of each file by its path in the repository."""
    return dict(sorted([*_of_configuration(choice), *_of_environments(choice), *_of_forge(choice)]))


def _of_configuration(choice: Choice) -> Iterator[tuple[str, str]]:
    from reconciler.cli.reference.schema import schema_text
    from reconciler.stages.load.form import environment_schema

    yield IGNORED, "# Directory clusters, which have Secrets.\n/.clusters/\n"
    yield f"environments/{_LAYER}/values.yaml", "\n".join(_shared_values(choice))
    yield "environments/environment.schema.json", schema_text(environment_schema())
    for system in choice.systems:
        for vendor in choice.vendors_of(system):
            name = f"{system}/{vendor}.yaml.j2"
            yield f"templates/{name}", (_FILES / name).read_text()


def _shared_values(choice: Choice) -> Iterator[str]:
    """A mapping for each system, since both may have the same vendor."""
    yield _filled("configuration/base.yaml", choice) + f"{choice.systems[0]}:"
    for number, system in enumerate(dict.fromkeys(choice.systems)):
        if number:
            yield f"{system}:"
        yield f"  namespace: {_scalar(choice.namespace_of(system))}\n"
        for vendor in choice.vendors_of(system):
            yield indent((_FILES / system / f"{vendor}.values.yaml").read_text(), "  ")


def _of_environments(choice: Choice) -> Iterator[tuple[str, str]]:
    for name in choice.environments:
        for file in ("environment.yaml", "values.yaml"):
            yield f"environments/{name}/{file}", _filled(f"configuration/{file}", choice, name)


def _of_forge(choice: Choice) -> Iterator[tuple[str, str]]:
    places = {
        "github": ".github/workflows/{}",
        "gitlab": ".{}",
        "tekton": "tekton/{}",
    }
    if place := places.get(choice.forge):
        for path in (_FILES / choice.forge).rglob("*.y*ml"):
            name = path.relative_to(_FILES / choice.forge).as_posix()
            yield place.format(name), _filled(f"{choice.forge}/{name}", choice)


class _Text(Template):
    """A text with `@{name}`: the files have the `$` and `{{` of others."""

    delimiter = "@"


def _filled(file: str, choice: Choice, environment: str = "") -> str:
    """A file with its blanks filled; what is between `@each` and `@end`, once for each environment."""
    text = _EACH.sub(lambda match: _repeated(match[1], choice), (_FILES / file).read_text())
    name, systems = environment or choice.environments[-1], dict.fromkeys(choice.systems)
    return _Text(text).safe_substitute(
        environment=name,
        order=_order(name, choice.environments),
        environments=", ".join(map(_scalar, dict.fromkeys(choice.environments))),
        context=_scalar(choice.context or name),
        home=_scalar(choice.namespace_of(choice.systems[0])),
        home_name=choice.namespace_of(choice.systems[0]),
        namespaces=", ".join(dict.fromkeys(map(_scalar, map(choice.namespace_of, systems)))),
        manifests=", ".join(f"templates/{system}/*.yaml.j2" for system in systems),
        branch=_scalar(choice.branch),
        branch_text=json.dumps(choice.branch),
        action=choice.action or UNKNOWN_ACTION,
        image=choice.image or UNKNOWN_IMAGE,
    )


def _order(name: str, environments: tuple[str, ...]) -> str:
    """How to make the order of the flow a rule. A comment, since the kubeconfig of a job has one context."""
    earlier = environments[: environments.index(name)]
    if not earlier:
        return ""
    return (
        f"# after: [{_scalar(earlier[-1])}] # an apply then refuses a revision that {earlier[-1]} has not proven;"
        " its kubeconfig also needs that context\n"
    )


def _repeated(text: str, choice: Choice) -> str:
    """`@{after}` is the job of the environment before, so that they come one after the other."""
    names = tuple(dict.fromkeys(choice.environments))
    return "".join(
        _Text(text).safe_substitute(
            environment=name,
            name=_scalar(name),
            after=f"change-{earlier}" if earlier else "",
            alone="true" if len(names) == 1 else "false",
        )
        for name, earlier in zip(names, ("", *names), strict=False)
    )


def _scalar(text: str) -> str:
    """A YAML scalar that is read as this text."""
    plain = re.fullmatch(r"[a-z][a-z0-9-]*", text) and text not in _WORDS_OF_YAML
    return text if plain else json.dumps(text)


def _known(option: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        hint = f"{did_you_mean(name, names)} there are {one_of(names, limit=20)}".strip()
        raise UsageError(f"{option} {name}: unknown", hint=hint)


def _label(option: str, name: str, longest: int) -> None:
    if not re.fullmatch(LABEL, name) or len(name) > longest:
        hint = f"use lower case letters, digits and `-`, at most {longest} characters"
        raise UsageError(f"{option} {name}: not a name", hint=hint)
