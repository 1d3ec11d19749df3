"""The CRDs in this folder, by name and date."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from reconciler.errors import EnvironmentFileError
from reconciler.frozen import dataclass
from reconciler.semantics.schema.crd import Crd

_FOLDER = Path(__file__).parent
_FILE = re.compile(r"(?P<plural>[a-z]+)\.(?P<date>\d{4}-\d\d-\d\d)\.(?P<commit>.+)\.yaml")
_SINCE = re.compile(r"; schema since (\d{4}-\d\d-\d\d)")
_NAME = re.compile(r'"metadata": \{"name": "([^"]+)"\}')


@dataclass(frozen=True, slots=True)
class Era:
    """One schema of a CRD, in force from `since` until the next.

    Attributes:
        date: the date of the commit; a pin names it.
        commit: short hash, or a tag.
        path: relative to this folder, `omnia/providers.2026-04-19.e4d373f0.yaml`.
        since: the day on which the schema changed.
    """

    crd_name: str
    date: str
    commit: str
    path: str
    since: str


def names() -> tuple[str, ...]:
    return tuple(sorted(_catalogue()))


def eras(crd_name: str) -> tuple[Era, ...]:
    """The eras of a CRD, oldest first; () for an unknown CRD."""
    return _catalogue().get(crd_name, ())


def era(crd_name: str, pin: str = "") -> Era:
    """The era with a date; without a date, the newest.

    Raises:
        EnvironmentFileError: no such CRD, or no such date.
    """
    known = eras(crd_name)
    if not known:
        listed = ", ".join(names())
        raise EnvironmentFileError(f"there is no CRD {crd_name}", hint=f"there are {listed}")
    if not pin:
        return known[-1]
    # Several commits of one day: the last one counts.
    match = next((e for e in reversed(known) if e.date == pin), None)
    if match is None:
        dates = ", ".join(e.date for e in known)
        raise EnvironmentFileError(f"there is no {crd_name} of {pin}", hint=f"there are {dates}")
    return match


def load(crd_name: str, pin: str = "") -> Crd:
    """The CRD of an era; without a date, of the newest. Cached, because a `Crd` caches its schemas.

    Raises:
        EnvironmentFileError: no such CRD, or no such date.
    """
    return _crd(era(crd_name, pin).path)


def history(crd_name: str) -> tuple[tuple[str, Crd], ...]:
    """Every era of a CRD with the day since when it is in force, oldest first."""
    return tuple((e.since, _crd(e.path)) for e in eras(crd_name))


def recognise(crd: Crd) -> Era | None:
    """The newest era that admits the same objects as a CRD, such as a live one; None if there is none."""
    matching = (e for e in reversed(eras(crd.name)) if _crd(e.path).admits_same_as(crd))
    return next(matching, None)


def text(path: str) -> str:
    """The file of an era: a CRD that kubectl accepts."""
    return (_FOLDER / path).read_text(encoding="utf-8")


@cache
def _crd(path: str) -> Crd:
    """Read a file as JSON, which it is below its first line, and which is much faster to read than YAML."""
    return Crd.of(json.loads(text(path).partition("\n")[2]))


@cache
def _catalogue() -> dict[str, tuple[Era, ...]]:
    by_name: dict[str, list[Era]] = {}
    for folder in _FOLDER.iterdir():
        for file in folder.iterdir() if folder.is_dir() else ():
            read = _era(folder.name, file)
            if read is not None:
                by_name.setdefault(read.crd_name, []).append(read)
    return {name: tuple(sorted(eras, key=lambda e: e.path)) for name, eras in by_name.items()}


def _era(folder: str, file: Path) -> Era | None:
    """The era of a file, from its name and its first lines; None if it is not a CRD."""
    match = _FILE.fullmatch(file.name)
    if match is None:
        return None
    with file.open(encoding="utf-8") as lines:
        head = lines.readline() + lines.read(300)
    name = _NAME.search(head)
    if name is None:
        raise ValueError(f"crds/{folder}/{file.name} does not say its name in its first lines")
    since = _SINCE.search(head.partition("\n")[0])
    date = match["date"]
    path = f"{folder}/{file.name}"
    return Era(name[1], date, match["commit"], path, since[1] if since else date)
