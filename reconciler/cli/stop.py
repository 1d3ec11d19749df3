"""Ctrl-C and SIGTERM: after the first signal a run ends early and reports; the second ends the program at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from reconciler.errors import ExitCode

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
        self._deferred = False
        self.code: ExitCode | None = None

    def listen(self) -> None:
        for number in _CODES:
            signal.signal(number, self._on)

    @property
    def requested(self) -> bool:
        return self._requested.is_set()

    def sleep(self, seconds: float) -> None:
        """Like time.sleep, but a signal ends it."""
        self._requested.wait(seconds)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Inside this context the first signal only sets the flag, which the run checks before it starts a request."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False

    def _on(self, number: int, _frame: FrameType | None) -> None:
        self.code = _CODES[signal.Signals(number)]
        again = self.requested
        self._requested.set()
        if again or not self._deferred:
            raise Stopped(self.code)


STOP = Stop()
