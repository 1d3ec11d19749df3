"""The working tree: files as they stand on disk, with or without git."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from reconciler.adapters.sources import paths
from reconciler.adapters.sources.provenance import revision_of
from reconciler.errors import RepositoryError
from reconciler.model.revision import Revision


class Worktree:
    """Implements `ports.Repository`."""

    def __init__(self, root: Path) -> None:
        """Look at a folder.

        Raises:
            RepositoryError: it is not there.
        """
        if not root.is_dir():
            raise RepositoryError(
                f"{root} is not a folder", hint="name the configuration repository with -C"
            )
        self.root = root.resolve()

    @functools.cached_property
    def revision(self) -> Revision:
        return revision_of(self)

    def files(self, folder: str) -> tuple[str, ...]:
        folder = paths.checked(folder)
        self._refuse_links(folder)
        found: list[str] = []
        for path in self._walk(folder):
            found.append(path)
            if len(found) > paths.MAX_FILES:
                raise paths.too_many(folder)
        return tuple(sorted(found))

    def read(self, path: str) -> str | None:
        content = self.content(path)
        return None if content is None else paths.decoded(path, content)

    def content(self, path: str) -> bytes | None:
        """The bytes of a file, None when there is none."""
        path = paths.checked(path)
        self._refuse_links(path)
        try:
            # Never wait for a pipe that someone put there, and never follow what was swapped in meanwhile.
            handle = os.open(
                self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(path, error) from None
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, handle)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > paths.MAX_BYTES:
                raise paths.too_large(path)
            with open(handle, "rb", closefd=False) as file:
                return file.read(paths.MAX_BYTES)

    def _walk(self, folder: str) -> Iterator[str]:
        try:
            with os.scandir(self.root / folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _unreadable(folder, error) from None
        for entry in entries:
            if entry.name.startswith("."):
                continue  # of editors and systems
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                raise paths.link(path)
            if entry.is_dir():
                if os.path.lexists(self.root / path / ".git"):
                    raise paths.submodule(path)
                yield from self._walk(path)
            elif entry.is_file():
                yield path

    def _refuse_links(self, path: str) -> None:
        """No part of a path may lead elsewhere."""
        current = self.root
        for part in path.split("/"):
            current /= part
            if current.is_symlink():
                raise paths.link(current.relative_to(self.root).as_posix())


def _unreadable(path: str, error: OSError) -> RepositoryError:
    name = paths.printable(path)
    return RepositoryError(f"{name} cannot be read: {error.strerror}", where=name)
