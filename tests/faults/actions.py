"""What the proxy does to a request; the first rule that fits decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from typing import Any, TypeAlias

JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """One request, as it came."""

    method: str
    path: str  # with its query
    headers: Mapping[str, str]  # by lower-case name
    body: bytes = field(repr=False)

    @property
    def dry_run(self) -> bool:
        return "dryRun=All" in self.path

    @property
    def writes(self) -> bool:
        return self.method != "GET" and not self.dry_run


@dataclass(frozen=True)
class Response:
    """A whole answer; `framing` says how its end is told."""

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON),)


def _nothing() -> None:
    pass


class Framing(StrEnum):
    LENGTH = "length"
    CHUNKED = "chunked"
    EOF = "eof"


@dataclass(frozen=True)
class Pass:
    """Forward, and give the answer back as it is."""

    framing: Framing = Framing.LENGTH


@dataclass(frozen=True)
class Say:
    """Answer in the server's place; with `forward`, after the server has done it."""

    response: Response
    forward: bool = False
    framing: Framing = Framing.LENGTH


@dataclass(frozen=True)
class Cut:
    """Break the connection: with RST, or where there is a body by hanging up after `at` bytes of it.

    Attributes:
        forward: whether the server gets the request, and does what it says, before.
        at: None sends not a byte of the answer.
        response: cut this one in place of the server's.
        strike: called before the connection breaks.
    """

    forward: bool = False
    at: int | None = None
    response: Response | None = None
    framing: Framing = Framing.LENGTH
    strike: Callable[[], object] = field(default=_nothing, repr=False)


@dataclass(frozen=True)
class Stall:
    """Say nothing until the client hangs up; with `drip`, one byte per that many seconds.

    Attributes:
        headers: drip a header that never ends, in place of the body.
    """

    forward: bool = False
    drip: float = 0.0
    headers: bool = False


@dataclass(frozen=True)
class Hold:
    """Forward some seconds after the test lets it."""

    released: Event
    seconds: float


@dataclass(frozen=True)
class Rewrite:
    """Forward (to another path, if it is said), and change the answer."""

    change: Callable[[Response], Response]
    path: str = ""


Action: TypeAlias = Pass | Say | Cut | Stall | Hold | Rewrite
# Decides when the request is there; None leaves it to the rules that follow.
Decide: TypeAlias = Callable[[Request], Action | None]

BEFORE = Cut()  # the server never saw it
AFTER = Cut(forward=True)  # it is done, and nobody was told
MIDWAY = Cut(forward=True, at=20)  # it is done, and half of the answer came


def say(status: int, body: Any = None, content_type: str = JSON, **headers: str) -> Say:
    """An answer: JSON unless it is bytes; `retry_after="1"` is the header Retry-After."""
    return Say(response(status, body, content_type, **headers))


def response(status: int, body: Any = None, content_type: str = JSON, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = [(name.replace("_", "-").title(), value) for name, value in headers.items()]
    return Response(status, raw, (("Content-Type", content_type), *named))


def redirect(to: str, status: int = 307) -> Say:
    return say(status, b"", location=to)


def failure(code: int, reason: str = "", message: str = "", **details: Any) -> dict[str, Any]:
    """A `Status` of the API server."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details,
        "code": code,
    }


def rewrite(change: Callable[[Any], Any], path: str = "") -> Rewrite:
    """Change the JSON of an answer; what is no success passes."""

    def changed(answer: Response) -> Response:
        if answer.status >= 300:
            return answer
        body = change(json.loads(answer.body))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Response(answer.status, raw, answer.headers)

    return Rewrite(changed, path)
