"""What may be asked again, and when: the kubernetes client's own repeating is switched off.

| outcome | get, list, patch | post, put, delete |
|---|---|---|
| never sent | again | again |
| 429, or 503 with Retry-After: refused before it was looked at | again | again |
| connection lost, 502, 503, 504, 500 ServerTimeout: done or not, nobody knows | again | not again |
| any other 500 | get and list only | not again |

A server-side apply may be repeated: the second one finds the first one's work (`Answer.doubtful`, see api.py). The
server's Retry-After counts, up to 30 seconds, and no wait goes beyond the deadline: then the last answer is the answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus

import tenacity

from reconciler.adapters.kubernetes.deadline import Deadline, Threads
from reconciler.adapters.kubernetes.login import Login
from reconciler.adapters.kubernetes.wire import Answer, AnswerLost, NotSent, Request, send
from reconciler.errors import Unreachable
from reconciler.model.document import dig

LONGEST_WAIT = 30.0  # seconds
_ASKED_TO_WAIT = 10  # attempts when the server says when to come back, as client-go
_ATTEMPTS = 4
_UNKNOWN = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


class Exchange:
    """Asks until there is an answer that counts, or no time; `sleep` is a door for tests."""

    def __init__(self, login: Login, sleep: Callable[[float], None] = time.sleep) -> None:
        self._login = login
        self._threads = Threads()
        self._sleep = sleep

    def ask(self, request: Request, deadline: Deadline) -> Answer:
        """The answer, an error status too.

        Raises:
            ClusterError: there is none; `AnswerLost` where the server may have done it.
        """
        doubts: list[bool] = []
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(partial(_lost_may_repeat, request))
            | tenacity.retry_if_result(partial(_answer_may_repeat, request)),
            wait=_wait,
            stop=partial(_enough, deadline),
            sleep=self._sleep,
            before_sleep=lambda state: doubts.append(_may_be_done(state)),
            retry_error_callback=_last,
        )
        answer = attempts(self._once, request, deadline)
        return replace(answer, doubtful=True) if any(doubts) else answer

    def _once(self, request: Request, deadline: Deadline) -> Answer:
        session = self._login.session()
        answer = self._within(deadline, partial(send, session, request, deadline), request)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        # A token file or a plugin may have newer ones; a second 401 is an answer.
        newer = self._login.session(refused=session.number)
        return self._within(deadline, partial(send, newer, request, deadline), request)

    def _within(self, deadline: Deadline, work: Callable[[], Answer], request: Request) -> Answer:
        try:
            return self._threads.run(work, deadline)
        except TimeoutError:
            if request.verb in ("get", "list"):
                raise Unreachable(f"{request.subject}: no answer in time") from None
            raise AnswerLost(f"{request.subject}: no answer in time") from None


def _lost_may_repeat(request: Request, error: BaseException) -> bool:
    return isinstance(error, NotSent) or (isinstance(error, AnswerLost) and _idempotent(request))


def _answer_may_repeat(request: Request, answer: Answer) -> bool:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and _asked(answer) is not None:
        return True
    if answer.status in _UNKNOWN:
        return _idempotent(request)
    if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        timed_out = dig(answer.body, "reason") == "ServerTimeout"
        return request.method == "GET" or (timed_out and _idempotent(request))
    return False


def _may_be_done(state: tenacity.RetryCallState) -> bool:
    """Of an attempt that is about to be repeated: whether the server may have done it all the same."""
    assert state.outcome is not None  # noqa: S101 -- tenacity repeats only after an attempt
    if state.outcome.failed:
        return isinstance(state.outcome.exception(), AnswerLost)
    answer: Answer = state.outcome.result()
    refused = answer.status == HTTPStatus.SERVICE_UNAVAILABLE and _asked(answer) is not None
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not refused


def _idempotent(request: Request) -> bool:
    return request.method in ("GET", "PATCH")


def _asked(answer: Answer) -> float | None:
    """Seconds that the server asks to wait; a date, a word or a negative number says nothing."""
    if answer.retry_after.isascii() and answer.retry_after.isdigit():
        return min(float(answer.retry_after), LONGEST_WAIT)
    seconds = dig(answer.body, "details", "retryAfterSeconds")
    if isinstance(seconds, int) and seconds > 0:
        return min(float(seconds), LONGEST_WAIT)
    return None


def _wait(state: tenacity.RetryCallState) -> float:
    # Apart, so that eight connections do not come back at the same moment.
    spread = random.uniform(0.0, 0.2)  # noqa: S311 -- no secret depends on it
    asked = _said(state)
    if asked is not None:
        return min(asked + spread, LONGEST_WAIT)
    return min(0.2 * 2.0 ** (state.attempt_number - 1), 5.0) + spread


def _enough(deadline: Deadline, state: tenacity.RetryCallState) -> bool:
    most = _ATTEMPTS if _said(state) is None else _ASKED_TO_WAIT
    return state.attempt_number >= most or state.upcoming_sleep >= deadline.remaining


def _said(state: tenacity.RetryCallState) -> float | None:
    if state.outcome is None or state.outcome.failed:
        return None
    answer: Answer = state.outcome.result()
    return _asked(answer)


def _last(state: tenacity.RetryCallState) -> Answer:
    assert state.outcome is not None  # noqa: S101 -- tenacity stops only after an attempt
    answer: Answer = state.outcome.result()
    return answer
