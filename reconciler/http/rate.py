"""A token bucket: limits the requests per second to one server, from all threads together.

Whoever waits for a token is served in the order of arrival.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from reconciler.errors import Interrupted, LockError

_LOOK: Final = 0.5  # seconds between two looks at whether a wait ends early
_ROUNDED: Final = 1e-9  # of a token: what sums of floats lose


class Bucket:
    """One token for each request. It is refilled continuously and holds those of one second, but at least one.

    Thread-safe.

    Args:
        rate: tokens a second, more than 0.
    """

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._capacity = max(1.0, rate)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = self._capacity
        self._counted = clock()
        self._waiting: list[object] = []

    def take(self, ends: Callable[[], bool]) -> bool:
        """Wait for a token and take it; False, without one, once `ends` is true during the wait."""
        ticket = object()
        with self._lock:
            self._waiting.append(ticket)
        try:
            while seconds := self._seconds_left(ticket):
                self._sleep(min(seconds, _LOOK))
                if ends():
                    return False
            return True
        finally:
            with self._lock:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)

    def _seconds_left(self, ticket: object) -> float:
        """Until there are tokens for this one and for whoever came before it; 0 if it has taken its token."""
        with self._lock:
            now = self._clock()
            refilled = self._tokens + (now - self._counted) * self._rate
            self._tokens, self._counted = min(self._capacity, refilled), now
            missing = self._waiting.index(ticket) + 1 - self._tokens
            if missing > _ROUNDED:
                return missing / self._rate
            self._tokens -= 1
            self._waiting.remove(ticket)
            return 0.0


class Turns:
    """The turns of one connection at the bucket of its server, which other connections share.

    Args:
        bucket: None for a server without a limit.
        stopped: whether a signal ends the run.
    """

    def __init__(
        self, bucket: Bucket | None = None, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self._bucket = bucket
        self._stopped = stopped
        self._lost: Callable[[], bool] = lambda: False

    def end_with(self, lost: Callable[[], bool]) -> None:
        """Requests that wait while the lock is lost are not sent any more."""
        self._lost = lost

    def wait(self, subject: str, *, must_go: bool) -> None:
        """Wait until a request may be sent.

        A wait that begins after the end of the run goes on, and so does that for what `must_go`: the record, and a
        repetition of what the server may have carried out.

        Raises:
            Interrupted: a signal ended the run meanwhile.
            LockError: the lock was lost meanwhile.
        """
        if self._bucket is None:
            return
        ends = [end for end in (self._stopped, self._lost) if not (must_go or end())]
        if self._bucket.take(lambda: any(end() for end in ends)):
            return
        if self._stopped in ends and self._stopped():
            raise Interrupted(f"{subject}: interrupted before it was sent")
        raise LockError(f"{subject}: the lock was lost before it was sent")
