"""One request to a forge, with limits: no redirect, a deadline per attempt, few repetitions, one sentence per refusal.

Only what may safely be done twice is repeated here. Creating may not: an answer that got lost could have created.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from reconciler.errors import ForgeError
from reconciler.model.applyset import TOOL

if TYPE_CHECKING:
    import httpx

ATTEMPTS: Final = 4
LONGEST_WAIT: Final = 30.0  # seconds, whatever Retry-After says
_LONGEST_ANSWER: Final = 32 * 1024 * 1024  # bytes
_TOKEN: Final = re.compile(r"[!-~]{1,4096}")
_ERROR_STATUS: Final = 400

_REFUSALS: Final[dict[int, tuple[str, str]]] = {
    401: ("the token is not valid (401)", "is GITHUB_TOKEN set, and not expired?"),
    403: ("the token may not do this (403)", "the job needs the permission pull-requests: write"),
    404: (
        "not found (404)",
        "check the repository and the number; a token without access sees nothing",
    ),
    410: ("gone (410)", "is the pull request's discussion locked, or are issues switched off?"),
    422: (
        "refused as invalid (422)",
        "is the number a pull request, and the comment not too long?",
    ),
}


class Unsure(ForgeError):
    """No answer, a server error or a limit: ask again later. The request was done or not, nobody knows."""

    wait: float | None = None  # seconds that the forge asks for


class Refused(ForgeError):
    """A clear no; `status` says which."""

    def __init__(self, status: int, what: str, said: str) -> None:
        known, hint = _REFUSALS.get(status, (f"refused with status {status}", ""))
        super().__init__(f"{what}: {known}{f': {said}' if said else ''}", hint=hint)
        self.status = status


class Wire:
    """A connection to one API; `sleep` is a door for tests."""

    def __init__(
        self, api_url: str, token: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        import httpx

        self._sleep = sleep
        self._client = httpx.Client(
            base_url=_checked_url(api_url),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {_checked_token(token)}",
                "X-GitHub-Api-Version": "2022-11-28",
                "User-Agent": TOOL,
            },
            timeout=httpx.Timeout(20.0, connect=5.0),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, what: str, **parameters: int) -> Any:
        return self._repeated("GET", path, what, params=parameters)

    def patch(self, path: str, what: str, body: dict[str, str]) -> Any:
        return self._repeated("PATCH", path, what, json=body)

    def post(self, path: str, what: str, body: dict[str, str]) -> Any:
        """Once.

        Raises:
            Unsure: it may have been done.
        """
        return self._answer(self._send("POST", path, what, json=body), what)

    def pause(self, attempt: int, after: Unsure) -> None:
        self._sleep(min(2.0**attempt if after.wait is None else after.wait, LONGEST_WAIT))

    def _repeated(self, method: str, path: str, what: str, **more: Any) -> Any:
        for attempt in range(ATTEMPTS - 1):
            try:
                return self._answer(self._send(method, path, what, **more), what)
            except Unsure as unsure:
                self.pause(attempt, unsure)
        return self._answer(self._send(method, path, what, **more), what)

    def _send(self, method: str, path: str, what: str, **more: Any) -> httpx.Response:
        import httpx

        try:
            return self._client.request(method, path, **more)
        except httpx.TimeoutException:
            raise Unsure(f"{what}: no answer from the forge in time") from None
        except httpx.HTTPError as error:
            raise Unsure(f"{what}: the forge cannot be reached ({type(error).__name__})") from None

    def _answer(self, response: httpx.Response, what: str) -> Any:
        if _passing(response):
            unsure = Unsure(f"{what}: the forge failed or is busy ({response.status_code})")
            unsure.wait = _asked_to_wait(response)
            raise unsure
        if response.is_redirect:
            raise Refused(
                response.status_code, what, "it has moved, and redirects are not followed"
            )
        body = _body(response)
        if response.status_code >= _ERROR_STATUS:
            raise Refused(response.status_code, what, _said(body))
        if body is None:
            raise ForgeError(f"{what}: the answer is not JSON", hint="is the API URL right?")
        return body


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and _loopback(parts.hostname or ""):
        return url
    raise ForgeError("the API URL is not https", hint="such as https://api.github.com")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_token(token: str) -> str:
    if not token:
        raise ForgeError("there is no token", hint="set GITHUB_TOKEN")
    if not _TOKEN.fullmatch(token):
        raise ForgeError("the token holds characters that no token has", hint="a newline, perhaps?")
    return token


def _passing(response: httpx.Response) -> bool:
    """A failure that may pass: the server's, or too many requests."""
    status = response.status_code
    limited = status == HTTPStatus.FORBIDDEN and "retry-after" in response.headers
    return (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or status == HTTPStatus.TOO_MANY_REQUESTS
        or limited
    )


def _asked_to_wait(response: httpx.Response) -> float | None:
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdigit() else None


def _body(response: httpx.Response) -> Any:
    if len(response.content) > _LONGEST_ANSWER:
        return None
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _said(body: Any) -> str:
    """The forge's own words, short and on one line."""
    message = body.get("message") if isinstance(body, dict) else None
    text = message if isinstance(message, str) else ""
    return "".join(c if c.isprintable() else " " for c in text)[:200]
