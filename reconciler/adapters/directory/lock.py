"""One writer or many readers at a time: flock on one file, among processes and threads."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.adapters.directory.files import told
from reconciler.errors import ClusterError

_PATIENCE = 60.0  # seconds; whoever holds it does so for milliseconds, unless it was stopped
_PAUSE = 0.005


class FolderLock:
    """The kernel drops a flock when its holder dies, so that no stale lock can ever be in the way.

    The file is opened for each use: that costs microseconds, and a folder that somebody removed and made
    again is never guarded by the lock of the old one.
    """

    def __init__(self, path: Path, *, patience: float = _PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._threads = threading.Lock()  # flock knows open files, not threads

    @contextmanager
    def shared(self) -> Iterator[bool]:
        """For reading; False when there is no lock file: then nothing was ever written there."""
        with self._threads:
            descriptor = self._acquire(fcntl.LOCK_SH, os.O_RDONLY)
            try:
                yield descriptor is not None
            finally:
                if descriptor is not None:
                    os.close(descriptor)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """For writing; the lock file is made where it is missing."""
        with self._threads:
            descriptor = self._acquire(fcntl.LOCK_EX, os.O_RDWR | os.O_CREAT)
            try:
                yield
            finally:
                if descriptor is not None:
                    os.close(descriptor)

    def _acquire(self, operation: int, flags: int) -> int | None:
        deadline = time.monotonic() + self._patience
        with told("lock", self._path):
            while True:
                try:
                    descriptor = os.open(self._path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
                except FileNotFoundError:
                    if not flags & os.O_CREAT:
                        return None
                    raise
                if self._holds(descriptor, operation):
                    return descriptor
                os.close(descriptor)
                if time.monotonic() > deadline:
                    raise ClusterError(
                        f"another process has held {self._path} for {self._patience:.0f} s",
                        hint="see which with `lslocks`; nothing was changed",
                        where=str(self._path),
                    )
                time.sleep(_PAUSE)

    def _holds(self, descriptor: int, operation: int) -> bool:
        """Whether the lock is ours, and still the lock of the file that stands there."""
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
