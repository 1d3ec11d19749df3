"""Paths into a configuration repository, where files with manifests are meant: what completion gives for a name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reconciler.adapters.sources.named import STDIN
from reconciler.adapters.sources.paths import printable
from reconciler.errors import UsageError

_PARTS = ("environment.yaml", "values.yaml")  # what an environment is made of, besides templates


def refuse_environments(arguments: Iterable[str]) -> None:
    """What completion of a path gives is not what is meant: files of an environment hold no object.

    Among other files, such as pre-commit names all that change, they are left alone.

    Raises:
        UsageError: nothing is named but folders of environments or of values layers, or files that they are made of.
    """
    found = {argument: _meant_by(argument) for argument in arguments}
    places = [place for place in found.values() if place is not None]
    if places and len(places) == len(found):
        place = places[0]
        where = "" if place.root == Path.cwd() else f" -C {place.root}"
        name = f" {place.name}" if place.name else ""
        raise UsageError(
            f"{printable(next(iter(found)))} is {place.what}: it is checked by name",
            hint=f"reconciler validate{name}{where}",
        )


@dataclass(frozen=True, slots=True)
class _Place:
    what: str
    root: Path
    name: str = ""  # of the environment; all of them without


def _meant_by(argument: str) -> _Place | None:
    try:
        return _environment_at(Path(argument).absolute()) if argument != STDIN else None
    except OSError:
        return None  # a name that no file can have is told when it is read


def _environment_at(path: Path) -> _Place | None:
    """The part of a configuration repository that a path leads to."""
    path = Path(os.path.normpath(path))
    folder = path.parent if path.name in _PARTS else path
    above = folder if folder.name == "environments" else folder.parent
    if above.name != "environments" or not any(above.glob("*/environment.yaml")):
        return None
    if (folder / "environment.yaml").is_file():
        return _Place("an environment", above.parent, folder.name)
    if folder == above:
        return _Place("the folder of all environments", above.parent)
    return _Place("a values layer", above.parent) if (folder / "values.yaml").is_file() else None
