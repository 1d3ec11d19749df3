"""The working tree: the files on disk, with or without git."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from reconciler.adapters.sources import paths
from reconciler.errors import RepositoryError
from reconciler.model.revision import Revision

_CURRENT = "..data"  # of the kubelet


class Worktree:
    """Implements `ports.Repository`."""

    def __init__(self, root: Path) -> None:
        """
        Raises:
            RepositoryError: there is no such folder.
        """
        if not root.is_dir():
            raise RepositoryError(
                f"{root} is not a folder", hint="name the configuration repository with -C"
            )
        self.root = root.resolve()
        self._listed: dict[str, tuple[str, ...]] = {}

    @functools.cached_property
    def revision(self) -> Revision:
        from reconciler.adapters.sources.provenance import revision_of  # plain files have none

        return revision_of(self)

    def contains(self, commit: str) -> bool | None:
        from reconciler.adapters.sources.ancestry import history_contains

        return history_contains(self.root, self.revision.commit, commit)

    def files(self, folder: str) -> tuple[str, ...]:
        """Each folder is listed once: every environment of a fleet asks for the folders of all."""
        folder = paths.normalized(folder)
        if folder not in self._listed:
            self._listed[folder] = self._list(folder)
        return self._listed[folder]

    def _list(self, folder: str) -> tuple[str, ...]:
        self._refuse_links(folder)
        files: list[str] = []
        for path in self._walk(folder):
            files.append(path)
            if len(files) > paths.MAX_FILES:
                raise paths.too_many_files(folder)
        return tuple(sorted(files))

    def read(self, path: str) -> str | None:
        content = self.content(path)
        return None if content is None else paths.decoded(path, content)

    def content(self, path: str) -> bytes | None:
        """The bytes of a file, None when there is none."""
        path = paths.normalized(path)
        self._refuse_links(path)
        try:
            # Does not wait for a pipe, and does not follow a link that appeared after the check.
            descriptor = os.open(
                self._located(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(path, error) from None
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, descriptor)
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > paths.MAX_BYTES:
                raise paths.too_large(path)
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(paths.MAX_BYTES)

    def _walk(self, folder: str) -> Iterator[str]:
        try:
            with os.scandir(self._located(folder)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _unreadable(folder, error) from None
        for entry in entries:
            if entry.name.startswith("."):
                continue  # hidden: of editors and systems
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                raise paths.link_error(path)
            if entry.is_dir():
                if os.path.lexists(self._located(path) / ".git"):
                    raise paths.submodule_error(path)
                yield from self._walk(path)
            elif entry.is_file():
                yield path

    def _refuse_links(self, path: str) -> None:
        """Refuse a path if any part of it is a symbolic link."""
        current = _opened(self.root)
        for number, part in enumerate(path.split("/"), start=1):
            if (current / part).is_symlink():
                raise paths.link_error("/".join(path.split("/")[:number]))
            current = _opened(current / part)

    def _located(self, path: str) -> Path:
        """Where a path of the repository is on disk."""
        current = _opened(self.root)
        for part in filter(None, path.split("/")):
            current = _opened(current / part)
        return current


def _opened(folder: Path) -> Path:
    """A folder, or for a volume of Kubernetes (a ConfigMap, say) the folder in it that has the current files.

    The kubelet replaces all files of a volume at once: they are in a hidden folder, to which the link `..data` leads,
    and the volume consists of links into that.
    """
    try:
        target = (folder / _CURRENT).readlink()
    except OSError:
        return folder
    current = folder / target
    inside = target.name == str(target) and target.name != ".." and not current.is_symlink()
    return current if inside and current.is_dir() else folder


def _unreadable(path: str, error: OSError) -> RepositoryError:
    name = paths.printable(path)
    return RepositoryError(f"{name} cannot be read: {error.strerror}", where=name)
