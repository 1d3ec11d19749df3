"""Which requests are sent again, and when.

| outcome of an attempt | GET, PATCH | POST, PUT, DELETE |
|---|---|---|
| the request never reached the server | again | again |
| 429, or 403 or 503 with Retry-After: the server did not carry out the request | again | again |
| connection lost, 502, 503, 504, 500 ServerTimeout: the server may have carried it out | again | not again |
| any other 500 | only GET | not again |

PATCH is a server-side apply, or replaces a comment, so sending it twice has the same effect (`Answer.doubtful` is set
if the first attempt may have succeeded). Waits follow the server's Retry-After, up to 30 seconds. If a wait would
exceed the deadline, the last answer is returned instead. Each attempt takes its turn at the server's rate limit, and
the wait for that does not count.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Protocol

import tenacity

from reconciler.errors import Unreachable
from reconciler.http.deadline import Deadline, Threads
from reconciler.http.rate import Turns
from reconciler.http.wire import Answer, AnswerLost, NotSent, Request, Session, send
from reconciler.model.document import dig

ATTEMPTS = 4
LONGEST_WAIT = 30.0  # seconds
_ATTEMPTS_WITH_RETRY_AFTER = 10  # as in client-go
_LONGEST_BACK_OFF = 5.0  # seconds
_MAYBE_DONE = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_LATER = (HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)


class Login(Protocol):
    """The source of credentials of an `Exchange`; called from several threads."""

    def session(self, refused: int = 0) -> Session:
        """The current credentials, or newer ones if the server has refused those with the number `refused`."""
        ...


class Exchange:
    """Sends a request, and repeats it until an answer is final or the deadline passes.

    Attributes:
        sent: how many requests, with every repetition.
        sleep: replaced in tests.
        back_off: seconds before the second attempt, doubled for each one after it.
    """

    def __init__(
        self,
        login: Login,
        sleep: Callable[[float], None] = time.sleep,
        back_off: float = 0.2,
        turns: Turns | None = None,
    ) -> None:
        self._login = login
        self._turns = turns or Turns()
        self._threads = Threads()
        self._sleep = sleep
        self._back_off = back_off
        self._counting = threading.Lock()
        self.sent = 0

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """The last answer, with any status.

        Raises:
            ClusterError: there is no answer; `AnswerLost` if the server may have carried out the request.
            Interrupted, LockError: the run ended before the request was sent.
        """
        doubts: list[bool] = []
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(partial(_lost_may_repeat, request))
            | tenacity.retry_if_result(partial(_answer_may_repeat, request)),
            wait=self._wait,
            stop=partial(_enough, deadline),
            sleep=self._sleep,
            before=lambda _: self._take_turn(request, deadline, repeated=any(doubts)),
            before_sleep=lambda state: doubts.append(_may_be_done(state)),
            retry_error_callback=_last,
        )
        answer = attempts(self._once, request, deadline, doubts)
        return replace(answer, doubtful=True) if any(doubts) else answer

    def _once(self, request: Request, deadline: Deadline, doubts: list[bool]) -> Answer:
        session = self._login.session()
        answer = self._within(deadline, partial(send, session, request, deadline), request)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        # A token file or a plugin may have newer credentials. A second 401 is final.
        newer = self._login.session(refused=session.number)
        if newer.number == session.number:
            return answer
        self._take_turn(request, deadline, repeated=any(doubts))
        return self._within(deadline, partial(send, newer, request, deadline), request)

    def _take_turn(self, request: Request, deadline: Deadline, *, repeated: bool) -> None:
        if request.in_turn:
            with deadline.standing():
                self._turns.wait(request.subject, repeated=repeated)

    def _within(self, deadline: Deadline, work: Callable[[], Answer], request: Request) -> Answer:
        with self._counting:
            self.sent += 1
        try:
            return self._threads.run(work, deadline)
        except TimeoutError:
            if request.method == "GET":
                raise Unreachable(f"{request.subject}: no answer in time") from None
            raise AnswerLost(f"{request.subject}: no answer in time") from None

    def _wait(self, state: tenacity.RetryCallState) -> float:
        # Connections that fail at the same time must not retry at the same time.
        spread = random.uniform(0.0, 0.2)  # noqa: S311 -- no secret depends on it
        requested = _requested_by_last(state)
        if requested is not None:
            return min(requested + spread, LONGEST_WAIT)
        doubled: float = self._back_off * 2.0 ** (state.attempt_number - 1)
        return min(doubled, _LONGEST_BACK_OFF) + spread


def _lost_may_repeat(request: Request, error: BaseException) -> bool:
    return isinstance(error, NotSent) or (isinstance(error, AnswerLost) and _idempotent(request))


def _answer_may_repeat(request: Request, answer: Answer) -> bool:
    if _not_carried_out(answer):
        return True
    if answer.status in _MAYBE_DONE:
        return _idempotent(request)
    if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        timed_out = dig(answer.body, "reason") == "ServerTimeout"
        return request.method == "GET" or (timed_out and _idempotent(request))
    return False


def _not_carried_out(answer: Answer) -> bool:
    if answer.status in _LATER:
        return _requested_wait(answer) is not None
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS


def _may_be_done(state: tenacity.RetryCallState) -> bool:
    """Whether the server may have carried out an attempt that is about to be repeated."""
    assert state.outcome is not None  # noqa: S101 -- tenacity repeats only after an attempt
    if state.outcome.failed:
        return isinstance(state.outcome.exception(), AnswerLost)
    answer: Answer = state.outcome.result()
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not _not_carried_out(answer)


def _idempotent(request: Request) -> bool:
    return request.method in ("GET", "PATCH")


def _requested_wait(answer: Answer) -> float | None:
    """The seconds that the server requests as a wait; None for a date, a word or a negative number."""
    if answer.retry_after.isascii() and answer.retry_after.isdigit():
        return min(float(answer.retry_after), LONGEST_WAIT)
    seconds = dig(answer.body, "details", "retryAfterSeconds")
    if isinstance(seconds, int) and seconds > 0:
        return float(min(seconds, int(LONGEST_WAIT)))  # it may be too large for a float
    return None


def _enough(deadline: Deadline, state: tenacity.RetryCallState) -> bool:
    most = ATTEMPTS if _requested_by_last(state) is None else _ATTEMPTS_WITH_RETRY_AFTER
    return state.attempt_number >= most or state.upcoming_sleep >= deadline.remaining


def _requested_by_last(state: tenacity.RetryCallState) -> float | None:
    if state.outcome is None or state.outcome.failed:
        return None
    answer: Answer = state.outcome.result()
    return _requested_wait(answer)


def _last(state: tenacity.RetryCallState) -> Answer:
    assert state.outcome is not None  # noqa: S101 -- tenacity stops only after an attempt
    answer: Answer = state.outcome.result()
    return answer
