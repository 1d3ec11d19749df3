"""The CRDs that stand beside this file, by name and date."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from reconciler.errors import EnvironmentFileError
from reconciler.semantics.schema.crd import Crd

_FILE = re.compile(r"(?P<plural>[a-z]+)\.(?P<date>\d{4}-\d\d-\d\d)\.(?P<commit>.+)\.yaml")
_SINCE = re.compile(r"; schema since (\d{4}-\d\d-\d\d)")
_NAME = re.compile(r'"metadata": \{"name": "([^"]+)"\}')


@dataclass(frozen=True, slots=True)
class Era:
    """One schema of a CRD, in force from `since` until the next.

    Attributes:
        date: of the commit that the file was read at; what a pin names.
        commit: short hash, or a tag.
        path: `omnia/providers.2026-04-19.e4d373f0.yaml`, below this folder.
        since: the day of the schema change.
    """

    crd_name: str
    date: str
    commit: str
    path: str
    since: str


def names() -> tuple[str, ...]:
    return tuple(sorted(_catalogue()))


def eras(crd_name: str) -> tuple[Era, ...]:
    """The eras of a CRD, oldest first; () for one that is not here."""
    return _catalogue().get(crd_name, ())


def era(crd_name: str, pin: str = "") -> Era:
    """The era of a date; without one the newest.

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
    """The CRD of a date; without one the newest. One value per era: its schemas are cached on it.

    Raises:
        EnvironmentFileError: no such CRD, or no such date.
    """
    return _crd(era(crd_name, pin).path)


def history(crd_name: str) -> tuple[tuple[str, Crd], ...]:
    """Every schema of a CRD with the day it came, oldest first."""
    return tuple((e.since, _crd(e.path)) for e in eras(crd_name))


def recognise(crd: Crd) -> Era | None:
    """The newest era with the schemas of a CRD that came from elsewhere, such as a live one."""
    matching = (e for e in reversed(eras(crd.name)) if _crd(e.path).admits_same_as(crd))
    return next(matching, None)


def text(path: str) -> str:
    """The file of an era as it stands: a CRD that kubectl takes."""
    return (resources.files(__package__) / path).read_text(encoding="utf-8")


@cache
def _crd(path: str) -> Crd:
    """Below its first line a file is JSON, which is read in a hundredth of the time that YAML takes."""
    return Crd.of(json.loads(text(path).partition("\n")[2]))


@cache
def _catalogue() -> dict[str, tuple[Era, ...]]:
    by_name: dict[str, list[Era]] = {}
    for folder in resources.files(__package__).iterdir():
        for file in folder.iterdir() if folder.is_dir() else ():
            read = _era(folder.name, file)
            if read is not None:
                by_name.setdefault(read.crd_name, []).append(read)
    return {name: tuple(sorted(eras, key=lambda e: e.path)) for name, eras in by_name.items()}


def _era(folder: str, file: Traversable) -> Era | None:
    """Only the head of a file is read."""
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
