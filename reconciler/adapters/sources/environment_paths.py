"""Recognizes paths of environments where a command line expects manifest files; completion suggests such paths."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from reconciler.adapters.sources.named import STDIN
from reconciler.adapters.sources.paths import printable
from reconciler.errors import UsageError
from reconciler.frozen import dataclass
from reconciler.model.command import Invocation

_FILES = ("environment.yaml", "values.yaml")  # of an environment, besides templates


def refuse_environments(arguments: Iterable[str]) -> None:
    """Refuse a command line that names only environments, which contain no manifests.

    Paths of environments among other files are accepted: pre-commit passes every file of a commit.

    Raises:
        UsageError: every argument is the folder of an environment or a values layer, or a file of one.
    """
    environments = {argument: _recognized(argument) for argument in arguments}
    recognized = [path for path in environments.values() if path is not None]
    if recognized and len(recognized) == len(environments):
        first = recognized[0]
        root = "" if first.root == Path.cwd() else str(first.root)
        names = (first.name,) if first.name else ()
        raise UsageError(
            f"{printable(next(iter(environments)))} is {first.description}: validate it by name",
            hint=Invocation(root).command("validate", *names),
        )


@dataclass(frozen=True, slots=True)
class _EnvironmentPath:
    description: str
    root: Path
    name: str = ""  # of the environment; "" for all environments


def _recognized(argument: str) -> _EnvironmentPath | None:
    try:
        return _environment_at(Path(argument).absolute()) if argument != STDIN else None
    except OSError:
        return None  # not a valid file name, which is an error when the file is read


def _environment_at(path: Path) -> _EnvironmentPath | None:
    """The part of a configuration repository to which a path leads."""
    path = Path(os.path.normpath(path))
    folder = path.parent if path.name in _FILES else path
    top = folder if folder.name == "environments" else folder.parent
    if top.name != "environments" or not any(top.glob("*/environment.yaml")):
        return None
    if (folder / "environment.yaml").is_file():
        return _EnvironmentPath("an environment", top.parent, folder.name)
    if folder == top:
        return _EnvironmentPath("the folder of all environments", top.parent)
    is_layer = (folder / "values.yaml").is_file()
    return _EnvironmentPath("a values layer", top.parent) if is_layer else None
