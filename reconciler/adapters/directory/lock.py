"""A lock for one writer or many readers, across processes and threads: flock on a file."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.adapters.directory.files import cluster_errors
from reconciler.errors import ClusterError

_TIMEOUT = 60.0  # seconds; a process holds the lock for milliseconds, unless it is suspended
_PAUSE = 0.005  # seconds


# Follows no link, and does not wait for the other end of a pipe.
_SAFELY = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class FolderLock:
    """The kernel releases a flock when the process ends, so there is never a stale lock.

    Each use opens the file again, which takes microseconds: so the lock of a folder that was removed is never used for
    a new folder at the same path.
    """

    def __init__(self, path: Path, *, timeout: float = _TIMEOUT) -> None:
        self._path = path
        self._timeout = timeout
        self._threads = threading.Lock()  # flock does not exclude threads of one process

    @contextmanager
    def shared(self) -> Iterator[bool]:
        """Lock for reading; yields False when there is no lock file, because nothing was ever written."""
        with self._threads:
            descriptor = self._acquire(fcntl.LOCK_SH, os.O_RDONLY)
            try:
                yield descriptor is not None
            finally:
                if descriptor is not None:
                    os.close(descriptor)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Lock for writing; creates the lock file if necessary."""
        with self._threads:
            descriptor = self._acquire(fcntl.LOCK_EX, os.O_RDWR | os.O_CREAT)
            try:
                yield
            finally:
                if descriptor is not None:
                    os.close(descriptor)

    def _acquire(self, operation: int, flags: int) -> int | None:
        deadline = time.monotonic() + self._timeout
        with cluster_errors("lock", self._path):
            while True:
                try:
                    descriptor = os.open(self._path, flags | _SAFELY, 0o666)
                except FileNotFoundError:
                    if not flags & os.O_CREAT:
                        return None
                    raise
                _refuse_special(descriptor, self._path)
                if self._try_lock(descriptor, operation):
                    return descriptor
                os.close(descriptor)
                if time.monotonic() > deadline:
                    raise ClusterError(
                        f"another process has held {self._path} for {self._timeout:.0f} s",
                        hint="`lslocks` shows which one; nothing was changed",
                        where=str(self._path),
                    )
                time.sleep(_PAUSE)

    def _try_lock(self, descriptor: int, operation: int) -> bool:
        """Whether the lock succeeded, and the file is still the one at this path."""
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
            return os.path.samestat(os.fstat(descriptor), self._path.lstat())
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False
            os.close(descriptor)
            raise


def _refuse_special(descriptor: int, path: Path) -> None:
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return
    os.close(descriptor)
    raise ClusterError(f"{path} is not a regular file", hint="remove it", where=str(path))
