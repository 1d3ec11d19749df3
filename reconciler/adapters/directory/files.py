"""Every system call of the embedded cluster, and what its failure means for a person."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import ClusterError

_LIMIT = 8 * 1024 * 1024  # bytes; etcd takes 1.5 MiB, so this is no object of a cluster
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe must not hang the run
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
_HINTS = {
    errno.EACCES: "give this user access to it, or use another folder: --cluster directory:PATH",
    errno.EPERM: "give this user access to it, or use another folder: --cluster directory:PATH",
    errno.EROFS: "it is mounted read-only: use another folder: --cluster directory:PATH",
    errno.ENOSPC: "make room on the disk and run again: a write that was begun is completed then",
    errno.EDQUOT: "make room in the quota and run again: a write that was begun is completed then",
    errno.ENOTDIR: "a file stands where a folder is needed: move it, or use another folder",
    errno.EISDIR: "a folder stands where a file is needed: move it away",
    errno.EEXIST: "a file stands where a folder is needed: move it, or use another folder",
    errno.ELOOP: "it is a link, and links are not followed: put the file itself there",
    errno.ENAMETOOLONG: "the file system takes no such name",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """What `stat` says of a file: as long as it stays, so does the content.

    ctime is in it because an editor can set back the mtime, and cannot set back that.
    """

    plain: bool  # a regular file: no link, folder, pipe or device
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Signature:
        return cls(
            stat.S_ISREG(status.st_mode),
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )


@contextmanager
def told(doing: str, path: Path) -> Iterator[None]:
    """A failed system call becomes an error that names the path and says what to do."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise ClusterError(
            f"cannot {doing} {path}: {reason}",
            hint=_HINTS.get(error.errno or 0, ""),
            where=str(path),
        ) from error


class Files:
    """The file system. A subclass in a test counts the calls, or dies at one of them."""

    def look(self, path: Path) -> Signature | None:
        """What stands there, links not followed; None for nothing."""
        with told("look at", path):
            try:
                return Signature.of(path.lstat())
            except (FileNotFoundError, NotADirectoryError):
                return None

    def is_root(self, path: Path) -> bool | None:
        """Whether a folder stands there, None for nothing; the way to a root may lead over links."""
        with told("look at", path):
            try:
                return stat.S_ISDIR(path.stat().st_mode)
            except FileNotFoundError:
                return None

    def is_folder(self, path: Path) -> bool:
        """Whether a folder stands there; a link to one is an error, because it may lead anywhere."""
        with told("look at", path):
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                return False
        if stat.S_ISLNK(mode):
            raise ClusterError(
                f"{path} is a link, and links are not followed",
                hint="put the folder itself there",
                where=str(path),
            )
        return stat.S_ISDIR(mode)

    def entries(self, folder: Path) -> dict[str, Signature]:
        """Everything in a folder by name; {} when it is not there."""
        if not self.is_folder(folder):
            return {}
        found = {}
        with told("list", folder), os.scandir(folder) as entries:
            for entry in entries:
                try:
                    found[entry.name] = Signature.of(entry.stat(follow_symlinks=False))
                except FileNotFoundError:  # an editor's temporary file that is gone again
                    continue
        return found

    def read(self, path: Path) -> tuple[bytes, Signature] | None:
        """A regular file, and the signature of exactly what was read; None when it is not there."""
        with told("read", path):
            try:
                descriptor = os.open(path, _READ)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                seen = Signature.of(os.fstat(descriptor))
                content = file.read(_LIMIT + 1) if seen.plain else b""
        if not seen.plain:
            raise ClusterError(f"{path} is no regular file", where=str(path))
        if len(content) > _LIMIT:
            raise ClusterError(f"{path} is larger than {_LIMIT} bytes", where=str(path))
        return content, seen

    def create(
        self, path: Path, content: bytes, *, private: bool = False, durable: bool = False
    ) -> None:
        """Write a new file, or over one; not atomic: for a temporary name, before `rename`.

        Args:
            private: for its owner only.
            durable: on the disk when this returns.
        """
        with told("write", path):
            path.unlink(missing_ok=True)  # the mode of an older file would stay
            descriptor = os.open(path, _WRITE, 0o600 if private else 0o666)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Atomic: a reader sees the old file or the new one."""
        with told("write", target):
            source.replace(target)

    def remove(self, path: Path) -> None:
        with told("remove", path):
            path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        """With its parents; there already is fine."""
        with told("make the folder", path):
            path.mkdir(parents=True, exist_ok=True)
