"""Requests to a forge, and one sentence for each refusal. `reconciler.http` sends, retries and limits them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import tenacity

from reconciler.adapters.forge.dialect import Dialect
from reconciler.errors import BadAnswer, ForgeError, Unreachable
from reconciler.http.retry import ATTEMPTS
from reconciler.http.service import Service, is_private
from reconciler.http.service_url import service_url
from reconciler.http.wire import Answer, Request
from reconciler.model.document import Json, dig
from reconciler.text.foreign import masked_text

T = TypeVar("T")

_BACK_OFF: Final = 1.0  # seconds
_TOKEN: Final = re.compile(r"[!-~]{1,4096}")
_LONGEST_REASON: Final = 200  # characters
_READ: Final = 64 * 1024  # characters; the masks look at each several times

_REFUSALS: Final[dict[int, str]] = {
    401: "the token is not valid (401)",
    403: "the token may not do this (403)",
    404: "not found (404)",
    410: "gone (410)",
    422: "refused as invalid (422)",
}
_HINTS: Final[dict[int, str]] = {
    404: "check the repository and the number; a token without access sees nothing",
    410: "is the pull request's discussion locked, or are issues switched off?",
    422: "is the number a pull request, and the comment not too long?",
}


class OutcomeUnknown(ForgeError):
    """No answer, a server error or a rate limit. The forge may have carried out the request."""


class Refused(ForgeError):
    """The forge refuses a request, with the HTTP status `status`."""

    def __init__(self, status: int, action: str, reason: str, hint: str) -> None:
        refusal = _REFUSALS.get(status, f"refused with status {status}")
        super().__init__(f"{action}: {refusal}{f': {reason}' if reason else ''}", hint=hint)
        self.status = status


class Wire:
    """The API of one forge. `action` says in messages what a request is for: `list the comments`.

    Every request ends within `timeout` seconds, including all retries, and raises `Refused`, `OutcomeUnknown` or
    another `ForgeError`.
    """

    def __init__(
        self,
        dialect: Dialect,
        api_url: str,
        token: str,
        *,
        timeout: float,
        sleep: Callable[[float], None],
        environ: Mapping[str, str],
    ) -> None:
        url = _checked_url(api_url, dialect)
        headers = dialect.headers(_checked_token(token, dialect))
        self._hints = _HINTS | {
            401: f"is {dialect.tokens[0]} set, and not expired?",
            403: dialect.permission,
        }
        self._service = Service(
            url, "the forge", headers, timeout=timeout, sleep=sleep, environ=environ
        )
        self._sleep = sleep

    def close(self) -> None:
        self._service.close()

    def get(self, path: str, action: str, **parameters: int | str) -> Json:
        query = tuple((name, str(value)) for name, value in parameters.items())
        return self._body(Request("GET", path, action, query))

    def send(self, method: str, path: str, action: str, body: dict[str, str]) -> Json:
        content = json.dumps(body).encode()
        request = Request(method, path, action, content=content, content_type="application/json")
        return self._body(request)

    def repeated(self, work: Callable[[], T]) -> T:
        """The result of `work`, which is called again while it raises `OutcomeUnknown`."""
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(OutcomeUnknown),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_exponential(_BACK_OFF),
            sleep=self._sleep,
            reraise=True,
        )
        return attempts(work)

    def _body(self, request: Request) -> Any:
        action = request.subject
        try:
            answer = self._service.send(request)
        except BadAnswer as error:
            raise ForgeError(error.message, hint="is the API URL right?") from None
        except Unreachable as error:
            raise OutcomeUnknown(error.message, hint=error.hint, where=error.where) from None
        if _may_pass(answer):
            raise OutcomeUnknown(f"{action}: the forge failed or is busy ({answer.status})")
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return answer.body
        if answer.status < HTTPStatus.BAD_REQUEST:
            raise Refused(answer.status, action, "it has moved, and redirects are not followed", "")
        hint = self._hints.get(answer.status, "")
        raise Refused(answer.status, action, _reason(answer.body), hint)


def _checked_url(url: str, dialect: Dialect) -> str:
    example = dialect.default_url or dialect.example
    service_url("the API URL", url, example=example, credentials=dialect.tokens[0])
    if is_private(url):
        return url
    raise ForgeError("the API URL is not https", hint=f"such as {example}")


def _checked_token(token: str, dialect: Dialect) -> str:
    if not token:
        raise ForgeError("there is no token", hint=f"set {dialect.tokens[0]}")
    if not _TOKEN.fullmatch(token):
        raise ForgeError(
            "the token contains characters that no token can have", hint="a newline, perhaps?"
        )
    return token


def _may_pass(answer: Answer) -> bool:
    """Whether a failure may pass: one of the server, or a rate limit."""
    limited = answer.status == HTTPStatus.FORBIDDEN and answer.retry_after
    return (
        answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or answer.status == HTTPStatus.TOO_MANY_REQUESTS
        or bool(limited)
    )


def _reason(body: Json) -> str:
    """The forge's own words, short and on one line."""
    message = dig(body, "message")
    text = message if isinstance(message, str) and len(message) <= _READ else ""
    line = "".join(c if c.isprintable() else " " for c in masked_text(text))
    return line if len(line) <= _LONGEST_REASON else line[:_LONGEST_REASON].rpartition(" ")[0]
