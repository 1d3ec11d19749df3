"""Ctrl-C and SIGTERM: after the first signal a run ends early and reports; the second ends the program at once.

A run that writes nothing, or not yet, and does not end early by itself is cut a second later: it may be busy with a
repository of any size.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from reconciler.errors import ExitCode

_GRACE = 1.0  # seconds
_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


class Stopped(BaseException):
    """A signal ends the program at once."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__()
        self.code = code


class Stop:
    """Implements `ports.Stop`. Outside `deferred` a signal raises `Stopped` at once."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._deferred = self._held = False
        self.code: ExitCode | None = None

    def listen(self) -> None:
        for number in _CODES:
            signal.signal(number, self._on)
        signal.signal(signal.SIGALRM, self._cut)

    @property
    def requested(self) -> bool:
        return self._requested.is_set()

    def sleep(self, seconds: float) -> None:
        """Like time.sleep, but a signal ends it."""
        self._requested.wait(seconds)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Inside this context the first signal only sets the flag, which the run checks before it starts a request."""
        self._deferred, self._held = True, False
        try:
            yield
        finally:
            self._deferred = False
            # While the process ends, nobody would handle the alarm any more.
            signal.setitimer(signal.ITIMER_REAL, 0)

    def hold(self) -> None:
        """From now on the run may write: only a second signal cuts it."""
        self._held = True

    def _cut(self, *_: object) -> None:
        """Ends the process without waiting for its threads, which write nothing."""
        if self._deferred and not self._held and self.code is not None:
            os.write(2, b"error: interrupted\n")
            os._exit(self.code)

    def _on(self, number: int, _frame: FrameType | None) -> None:
        self.code = _CODES[signal.Signals(number)]
        again = self.requested
        self._requested.set()
        if not again and self._deferred:
            signal.setitimer(signal.ITIMER_REAL, _GRACE)
        else:
            raise Stopped(self.code)


STOP = Stop()
