"""The files of a clone that describe it, which a stranger may have made.

A pipe among them would block a run, a device would fill its memory. They are checked before anybody reads them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from reconciler.errors import RepositoryError

_FILES = ("HEAD", "config", "commondir", "packed-refs", "shallow", "objects/info/alternates")
_LARGEST = 64 * 1024 * 1024  # bytes of one of them
_MOST_REFERENCES = 100_000  # in files of their own
_POINTER = re.compile(rb"gitdir: ([^\r\n]{1,4096})[\r\n]*")
_SHA256 = re.compile(rb"(?im)^\s*objectformat\s*=\s*\"?sha256\b")


def check(top: Path) -> None:
    """Check the files of the clone at a folder, and of the one whose objects it uses if it is a linked worktree.

    Raises:
        RepositoryError: git would not have made them, or they tell of objects that cannot be read.
    """
    folder = _git_folder(top)
    _check_files(folder)
    if (folder / "commondir").exists():
        common = folder / os.fsdecode((folder / "commondir").read_bytes()).rstrip("\r\n")
        _check_files(common)
        folder = common
    if (folder / "config").exists() and _SHA256.search((folder / "config").read_bytes()):
        raise RepositoryError(
            "this repository names its objects by SHA-256, and only those with SHA-1 can be read",
            hint="work without --revision, or in a clone of the format sha1",
        )


def _git_folder(top: Path) -> Path:
    pointer = top / ".git"
    if not pointer.exists():
        return top  # a bare repository
    if pointer.is_dir():
        return pointer
    _refuse_irregular(pointer)
    pointed = _POINTER.fullmatch(pointer.read_bytes())
    return top / os.fsdecode(pointed[1]) if pointed else top


def _check_files(folder: Path) -> None:
    for name in _FILES:
        _refuse_irregular(folder / name)
    for number, path in enumerate(_below(folder / "refs")):
        if number == _MOST_REFERENCES:
            raise RepositoryError(
                f"this clone has more than {_MOST_REFERENCES:,} files of references",
                hint="pack them: `git pack-refs --all`",
            )
        _refuse_irregular(path)


def _below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def _refuse_irregular(path: Path) -> None:
    try:
        status = path.stat()
    except OSError:
        return  # not there, so that nobody reads it
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise RepositoryError(
            f"{path.name} in this clone was not written by git",
            hint="clone it again",
            where=str(path),
        )
