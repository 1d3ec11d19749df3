"""Between processes: locks on files, which the kernel frees when their holder dies; and waits."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_POLL_SECONDS = 0.02


class Lock:
    """A lock on a file, open from the start, taken when asked."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def taken(self) -> bool:
        """Take it if it is free."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        # Explicitly: a forked child that lives on would hold the lock with its copy of the handle.
        fcntl.flock(self._handle, fcntl.LOCK_UN)
        os.close(self._handle)


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock of this file alone; `waiting` is called once if somebody else has it."""
    with contextlib.closing(Lock(path)) as lock:
        if not lock.taken():
            if waiting is not None:
                waiting()
            lock.take()
        yield


def until(
    condition: Callable[[], bool], what: str, seconds: float = 600.0, every: float = _POLL_SECONDS
) -> None:
    """Poll until it holds; the deadline is there to end a broken run, not to measure."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: still not so after {seconds:.0f} s")
        time.sleep(every)
