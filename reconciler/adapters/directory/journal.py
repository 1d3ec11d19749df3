"""A write is whole or it never was: a write-ahead journal with one commit point.

    1. .server/temporary  <- every step of the write, with content; fsync
    2. temporary -> .server/journal                    the commit point
    3. each step: temporary file, fsync, rename        what a reader sees is old or new, never torn
    4. journal -> .server/last                         done; the counter of resourceVersions stands in it

Killed before 2 nothing has happened; killed after it, the next process that takes the lock repeats all steps (they
may be repeated at will). Folders are not synced: renames reach the disk in order, so that a power failure
can lose the last writes and cannot break one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.layout import Layout
from reconciler.errors import BadAnswer
from reconciler.model.document import JsonObject, canonical

_FIRST_VERSION = (
    1  # "1" is what a create carries that must not find an object: no object ever gets it
)


@dataclass(frozen=True, slots=True)
class Write:
    path: Path
    text: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    path: Path


@dataclass(frozen=True, slots=True)
class MakeFolder:
    path: Path


Step: TypeAlias = Write | Remove | MakeFolder


class Journal:
    """Of one folder; every method but `version` needs the exclusive lock."""

    def __init__(self, layout: Layout, files: Files) -> None:
        self._root = layout.root
        self._files = files
        self._temporary = layout.server / "temporary"
        self._journal = layout.server / "journal"
        self._last = layout.server / "last"
        self._known: tuple[Signature, int] | None = None

    def pending(self) -> bool:
        """Whether a process died in the middle of a write."""
        return self._files.look(self._journal) is not None

    def version(self) -> int:
        """The resourceVersion of the last write."""
        if self._known is None or self._known[0] != self._files.look(self._last):
            found = self._files.read(self._last)
            if found is None:
                return _FIRST_VERSION
            self._known = (found[1], int(_parsed(self._last, found[0])["version"]))
        return self._known[1]

    def commit(self, version: int, steps: Sequence[Step]) -> None:
        """Do all steps or none."""
        body = {"version": version, "steps": [self._encoded(step) for step in steps]}
        self._files.create(self._temporary, canonical(body).encode(), private=True)
        self._files.rename(self._temporary, self._journal)
        self._finish(version, steps)

    def replay(self) -> None:
        """Complete the write of a process that died."""
        found = self._files.read(self._journal)
        if found is None:
            return
        body = _parsed(self._journal, found[0])
        try:
            steps = [self._decoded(step) for step in body["steps"]]
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(self._journal) from error
        self._finish(int(body["version"]), steps)

    def _finish(self, version: int, steps: Sequence[Step]) -> None:
        for step in steps:
            match step:
                case Write(path, text, private):
                    self._files.create(self._temporary, text.encode(), private=private)
                    self._files.rename(self._temporary, path)
                case Remove(path):
                    self._files.remove(path)
                case MakeFolder(path):
                    self._files.make_folder(path)
        self._files.rename(self._journal, self._last)
        seen = self._files.look(self._last)
        self._known = (seen, version) if seen else None

    def _encoded(self, step: Step) -> JsonObject:
        path = step.path.relative_to(self._root).as_posix()
        match step:
            case Write(_, text, private):
                return {"write": path, "text": text, "private": private}
            case Remove():
                return {"remove": path}
            case MakeFolder():
                return {"folder": path}

    def _decoded(self, step: JsonObject) -> Step:
        match step:
            case {"write": str(path), "text": str(text), "private": bool(private)}:
                return Write(self._inside(path), text, private)
            case {"remove": str(path)}:
                return Remove(self._inside(path))
            case {"folder": str(path)}:
                return MakeFolder(self._inside(path))
        raise ValueError

    def _inside(self, relative: str) -> Path:
        """A journal may come with a folder that somebody else packed: it writes nowhere but in there."""
        pure = PurePosixPath(relative)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise ValueError(relative)
        path = self._root
        for part in pure.parts[:-1]:
            path /= part
            self._files.is_folder(path)  # refuses links
        return path / pure.parts[-1]


def _parsed(path: Path, content: bytes) -> JsonObject:
    try:
        body = json.loads(content)
        int(body["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    parsed: JsonObject = body
    return parsed


def _damaged(path: Path) -> BadAnswer:
    return BadAnswer(
        f"{path} is damaged",
        hint="nothing here writes such a file: restore it from a copy, or remove it and lose the write in it",
        where=str(path),
    )
