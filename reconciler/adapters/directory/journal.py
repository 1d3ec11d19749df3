"""Atomic writes: a write-ahead journal with one commit point.

    1. write .server/temporary                   every step of the write, with its content
    2. rename it to .server/journal              the commit point
    3. each step: temporary file, rename         a reader sees the old or the new file, never a part
    4. rename the journal to .server/last        done; this file also contains the last resourceVersion

A process that is killed before 2 has changed nothing. After 2, the next process that takes the lock repeats all steps,
which are idempotent. This needs no fsync, and there is none for objects that git can restore: with an fsync per file,
5,000 objects take minutes on a busy disk. After a power failure the objects of the last seconds may be corrupt; they
are reported like an invalid edit, and an apply restores them. Objects that only this cluster has (Secrets with the
fingerprint key, ConfigMaps with the record) are durable: journal and files are synced before 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.layout import Layout
from reconciler.errors import BadAnswer
from reconciler.frozen import dataclass
from reconciler.model.document import JsonObject, canonical, parsed

# No object gets the resourceVersion "1": with it, an apply demands that the object does not exist yet.
_FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class WriteMode:
    private: bool = False  # only the owner of the folder may read the file
    durable: bool = False  # git cannot restore the object


@dataclass(frozen=True, slots=True)
class Write:
    path: Path
    text: str
    mode: WriteMode = WriteMode()


@dataclass(frozen=True, slots=True)
class Remove:
    path: Path


@dataclass(frozen=True, slots=True)
class MakeFolder:
    path: Path


Step: TypeAlias = Write | Remove | MakeFolder


class Journal:
    """The journal of one folder; every method but `pending` and `version` needs the exclusive lock."""

    def __init__(self, layout: Layout, files: Files) -> None:
        self._root = layout.root
        self._files = files
        self._temporary = layout.server / "temporary"
        self._journal = layout.server / "journal"
        self._last = layout.server / "last"
        self._cached_version: tuple[Signature, int] | None = None

    def pending(self) -> bool:
        """Whether a process died during a write."""
        return self._files.stat(self._journal) is not None

    def version(self) -> int:
        """The resourceVersion of the last write."""
        cached = self._cached_version
        if cached is None or cached[0] != self._files.stat(self._last):
            file = self._files.read(self._last)
            if file is None:
                return _FIRST_VERSION
            content, signature = file
            cached = (signature, int(_parsed(self._last, content)["version"]))
            self._cached_version = cached
        return cached[1]

    def commit(self, version: int, steps: Sequence[Step]) -> None:
        """Execute all steps or none."""
        body = {"version": version, "steps": [self._encoded(step) for step in steps]}
        durable = any(isinstance(step, Write) and step.mode.durable for step in steps)
        content = canonical(body).encode()
        self._files.create(self._temporary, content, private=True, durable=durable)
        self._files.rename(self._temporary, self._journal)
        self._finish(version, steps)

    def replay(self) -> None:
        """Complete the write of a process that died."""
        file = self._files.read(self._journal)
        if file is None:
            return
        body = _parsed(self._journal, file[0])
        try:
            steps = [self._decoded(step) for step in body["steps"]]
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(self._journal) from error
        self._finish(int(body["version"]), steps)

    def _finish(self, version: int, steps: Sequence[Step]) -> None:
        for step in steps:
            match step:
                case Write(path, text, mode):
                    self._files.create(
                        self._temporary, text.encode(), private=mode.private, durable=mode.durable
                    )
                    self._files.rename(self._temporary, path)
                case Remove(path):
                    self._files.remove(path)
                case MakeFolder(path):
                    self._files.make_folder(path)
        # ext4 flushes a file at once when it replaces another, so remove that first; the journal still exists.
        self._files.remove(self._last)
        self._files.rename(self._journal, self._last)
        signature = self._files.stat(self._last)
        self._cached_version = (signature, version) if signature else None

    def _encoded(self, step: Step) -> JsonObject:
        path = step.path.relative_to(self._root).as_posix()
        match step:
            case Write(_, text, mode):
                return {"write": path, "text": text, **asdict(mode)}
            case Remove():
                return {"remove": path}
            case MakeFolder():
                return {"folder": path}

    def _decoded(self, step: JsonObject) -> Step:
        match step:
            case {"write": str(path), "text": str(text), **flags}:
                mode = WriteMode(bool(flags.get("private")), bool(flags.get("durable")))
                return Write(self._inside(path), text, mode)
            case {"remove": str(path)}:
                return Remove(self._inside(path))
            case {"folder": str(path)}:
                return MakeFolder(self._inside(path))
        raise ValueError

    def _inside(self, relative: str) -> Path:
        """The path of a step. A folder may come from somebody else, so its journal may not write outside it."""
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
        body = parsed(content)
        int(body["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    known: JsonObject = body
    return known


def _damaged(path: Path) -> BadAnswer:
    return BadAnswer(
        f"{path} is damaged",
        hint="restore it from a backup, or remove it, which loses the write that it contains",
        where=str(path),
    )
