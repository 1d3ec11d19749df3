"""Every system call of the directory cluster; a failed call becomes an error with a hint."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import ClusterError
from reconciler.frozen import dataclass

_LIMIT = 8 * 1024 * 1024  # bytes; the limit of etcd is 1.5 MiB, so no object is larger
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # does not block on a pipe
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
_HINTS = {
    errno.EACCES: "give this user access to it, or use another folder: --cluster directory:PATH",
    errno.EPERM: "give this user access to it, or use another folder: --cluster directory:PATH",
    errno.EROFS: "it is mounted read-only: use another folder: --cluster directory:PATH",
    errno.ENOSPC: "free space on the disk and run again, which completes the interrupted write",
    errno.EDQUOT: "free space in the quota and run again, which completes the interrupted write",
    errno.ENOTDIR: "there is a file in place of a folder: move it, or use another folder",
    errno.EISDIR: "there is a folder in place of a file: move it",
    errno.EEXIST: "there is a file in place of a folder: move it, or use another folder",
    errno.ELOOP: "it is a link, and links are not followed: replace it with the file itself",
    errno.ENAMETOOLONG: "the file system does not allow such a long name",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """The status of a file; the same signature means the same content.

    It contains the ctime, because a program can reset the mtime but not the ctime.
    """

    regular: bool  # not a link, folder, pipe or device
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
def cluster_errors(action: str, path: Path) -> Iterator[None]:
    """Turns the failure of a system call into a `ClusterError` with the path and a hint."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise ClusterError(
            f"cannot {action} {path}: {reason}",
            hint=_HINTS.get(error.errno or 0, ""),
            where=str(path),
        ) from error


class Files:
    """The file system. Subclasses in tests count the calls, fail, or end the process."""

    def stat(self, path: Path) -> Signature | None:
        """The signature of a file, without following links; None when there is no file."""
        with cluster_errors("access", path):
            try:
                return Signature.of(path.lstat())
            except (FileNotFoundError, NotADirectoryError):
                return None

    def is_root(self, path: Path) -> bool | None:
        """Whether the path is a folder, None when it does not exist; links are followed."""
        with cluster_errors("access", path):
            try:
                return stat.S_ISDIR(path.stat().st_mode)
            except FileNotFoundError:
                return None

    def is_folder(self, path: Path) -> bool:
        """Whether the path is a folder; a link is an error, because it may lead anywhere."""
        with cluster_errors("access", path):
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                return False
        if stat.S_ISLNK(mode):
            raise ClusterError(
                f"{path} is a link, and links are not followed",
                hint="replace it with the folder itself",
                where=str(path),
            )
        return stat.S_ISDIR(mode)

    def entries(self, folder: Path) -> dict[str, Signature]:
        """The signatures of all files in a folder, by name; {} when there is no folder."""
        if not self.is_folder(folder):
            return {}
        signatures = {}
        with cluster_errors("list", folder), os.scandir(folder) as entries:
            for entry in entries:
                try:
                    signatures[entry.name] = Signature.of(entry.stat(follow_symlinks=False))
                except FileNotFoundError:  # removed meanwhile: an editor's temporary file
                    continue
        return signatures

    def read(self, path: Path) -> tuple[bytes, Signature] | None:
        """The content of a regular file with its signature; None when there is no file."""
        with cluster_errors("read", path):
            try:
                descriptor = os.open(path, _READ)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                signature = Signature.of(os.fstat(descriptor))
                content = file.read(_LIMIT + 1) if signature.regular else b""
        if not signature.regular:
            raise ClusterError(f"{path} is not a regular file", where=str(path))
        if len(content) > _LIMIT:
            raise ClusterError(f"{path} is larger than {_LIMIT} bytes", where=str(path))
        return content, signature

    def create(
        self, path: Path, content: bytes, *, private: bool = False, durable: bool = False
    ) -> None:
        """Create or replace a file. This is not atomic: write a temporary file, then `rename` it.

        Args:
            private: only its owner may read it.
            durable: it is on the disk when this returns.
        """
        with cluster_errors("write", path):
            path.unlink(missing_ok=True)  # an existing file would keep its mode
            descriptor = os.open(path, _WRITE, 0o600 if private else 0o666)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Replace a file atomically: a reader sees either the old or the new one."""
        with cluster_errors("write", target):
            source.replace(target)

    def remove(self, path: Path) -> None:
        with cluster_errors("remove", path):
            path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        """Make a folder and its parents, unless it exists."""
        with cluster_errors("make the folder", path):
            path.mkdir(parents=True, exist_ok=True)
