"""Deadlines for requests.

The timeout of a socket restarts with every byte, so a slow answer could take hours, and a name lookup has no timeout.
So each request runs in its own thread, and the caller stops waiting at the deadline.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

_Outcome: TypeAlias = tuple[Any, BaseException | None]
_Task: TypeAlias = tuple[Callable[[], Any], "queue.SimpleQueue[_Outcome]"]
_Inbox: TypeAlias = "queue.SimpleQueue[_Task | None]"


class Deadline:
    """A time on the monotonic clock."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def remaining(self) -> float:
        """The remaining seconds; 0 if it has passed."""
        return max(0.0, self._end - self._clock())

    @contextmanager
    def standing(self) -> Iterator[None]:
        """The time inside does not count."""
        entered = self._clock()
        try:
            yield
        finally:
            self._end += self._clock() - entered

    @property
    def passed(self) -> bool:
        return self.remaining == 0


class Threads:
    """A pool of threads, as many as there are concurrent callers.

    They are daemons, so that a thread that hangs in a name lookup does not keep the process from ending.
    """

    def __init__(self) -> None:
        self._idle: list[_Inbox] = []

    def run(self, work: Callable[[], T], deadline: Deadline) -> T:
        """The result of `work`, or its exception.

        Raises:
            TimeoutError: the deadline passed. The work may continue; its thread ends with it.
        """
        inbox = self._take()
        outcome: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
        inbox.put((work, outcome))
        try:
            result, error = outcome.get(timeout=deadline.remaining)
        except queue.Empty:
            inbox.put(None)
            raise TimeoutError from None
        except BaseException:  # Ctrl-C
            inbox.put(None)
            raise
        self._idle.append(inbox)
        if error is not None:
            raise error
        done: T = result
        return done

    def _take(self) -> _Inbox:
        try:
            return self._idle.pop()
        except IndexError:
            inbox: _Inbox = queue.SimpleQueue()
            threading.Thread(target=_work, args=(inbox,), name="api-request", daemon=True).start()
            return inbox


def _work(inbox: _Inbox) -> None:
    for work, outcome in iter(inbox.get, None):
        try:
            outcome.put((work(), None))
        except BaseException as error:  # noqa: BLE001 -- the caller raises it
            outcome.put((None, error))
        del work, outcome  # they may hold a Secret
