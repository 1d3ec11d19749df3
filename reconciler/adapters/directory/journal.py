"""A write is whole or it never was: a write-ahead journal with one commit point.

    1. .server/temporary  <- every step of the write, with content
    2. temporary -> .server/journal                    the commit point
    3. each step: temporary file, rename               what a reader sees is old or new, never torn
    4. journal -> .server/last                         done; the counter of resourceVersions stands in it

A process that is killed before 2 has done nothing; after it, the next one that takes the lock repeats all steps
(they may be repeated at will). That needs no fsync, and none is made for what git can give again: an fsync per
file makes 5,000 objects take minutes on a busy disk. After a power failure the objects of the last seconds may be
broken, which is told like a broken edit, and an apply makes them again. What only this cluster has (Secrets with
the fingerprint key, ConfigMaps with the record) is durable: journal and files are synced before 4.
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
    private: bool = False  # for the owner of the folder only
    durable: bool = False  # git cannot give it again


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
        durable = any(isinstance(step, Write) and step.durable for step in steps)
        content = canonical(body).encode()
        self._files.create(self._temporary, content, private=True, durable=durable)
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
                case Write(path, text, private, durable):
                    content = text.encode()
                    self._files.create(self._temporary, content, private=private, durable=durable)
                    self._files.rename(self._temporary, path)
                case Remove(path):
                    self._files.remove(path)
                case MakeFolder(path):
                    self._files.make_folder(path)
        # A rename over a file makes ext4 flush it at once; the journal is there to be repeated meanwhile.
        self._files.remove(self._last)
        self._files.rename(self._journal, self._last)
        seen = self._files.look(self._last)
        self._known = (seen, version) if seen else None

    def _encoded(self, step: Step) -> JsonObject:
        path = step.path.relative_to(self._root).as_posix()
        match step:
            case Write(_, text, private, durable):
                return {"write": path, "text": text, "private": private, "durable": durable}
            case Remove():
                return {"remove": path}
            case MakeFolder():
                return {"folder": path}

    def _decoded(self, step: JsonObject) -> Step:
        match step:
            case {"write": str(path), "text": str(text), **flags}:
                private, durable = (bool(flags.get(name)) for name in ("private", "durable"))
                return Write(self._inside(path), text, private, durable)
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
