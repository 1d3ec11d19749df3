"""Sends one request and reads its answer, without redirects and retries."""

from __future__ import annotations

import re
import urllib.parse
import zlib
from dataclasses import field
from typing import NoReturn

import urllib3
from urllib3 import exceptions as failures

from reconciler import __version__
from reconciler.errors import BadAnswer, Unreachable
from reconciler.frozen import dataclass
from reconciler.http.deadline import Deadline
from reconciler.model.applyset import TOOL
from reconciler.model.document import Json, parsed

LARGEST = 32 * 1024 * 1024  # bytes of an answer, decoded
_CHUNK = 64 * 1024
_CONNECT_SECONDS = 10.0
_WARNINGS = 20  # of one answer; further ones are dropped
_GZIP = 16 + zlib.MAX_WBITS
_LENGTH = re.compile(r"[0-9]{1,19}")
_WARNING = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')


class NotSent(Unreachable):
    """The request never reached the server, so any request may be sent again."""


class AnswerLost(Unreachable):
    """The answer did not arrive, and the server may have carried out the request."""


@dataclass(frozen=True, slots=True)
class Session:
    """A server, and the credentials of one account there.

    Attributes:
        number: the number of these credentials; newer ones have another.
        url: of the server, without a slash at the end.
        server: its name in messages: `the API server`.
        trust: the hint for a certificate that is not trusted.
    """

    number: int
    url: str
    pool: urllib3.PoolManager = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    server: str
    trust: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    Attributes:
        subject: what the request is about, for messages: `providers.omnia.altairalabs.ai llm/gateway`.
        expects_json: a success without JSON is no answer.
        lines: a success is a stream of JSON values, each on its line, as a list of which the answer has it.
        in_turn: the rate limit of the server counts for it.
        outlasts_run: it is sent although the run ends while it waits for its turn: it tells what was done.
    """

    method: str
    path: str
    subject: str
    query: tuple[tuple[str, str], ...] = ()
    content: bytes = field(default=b"", repr=False)
    content_type: str = ""
    expects_json: bool = True
    lines: bool = field(default=False, kw_only=True)
    in_turn: bool = field(default=True, kw_only=True)
    outlasts_run: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer.

    Attributes:
        body: the JSON value; None if the body is not JSON, which a success may only be if no JSON is expected.
        warnings: as the server wrote them; not yet redacted.
        doubtful: the server may have carried out an earlier attempt that got no answer.
    """

    status: int
    body: Json = field(repr=False)
    retry_after: str = ""
    warnings: tuple[str, ...] = ()
    doubtful: bool = False


def send(session: Session, request: Request, deadline: Deadline) -> Answer:
    """Send a request once.

    Raises:
        NotSent, AnswerLost, Unreachable: there is no complete answer.
        BadAnswer: the answer is too large, or a success without the JSON that the request expects.
    """
    response = _open(session, request, deadline)
    try:
        raw = _read(response, deadline)
    except failures.HTTPError as error:
        response.close()
        raise AnswerLost(f"{request.subject}: the answer broke off ({_kind(error)})") from None
    except BaseException:
        response.close()
        raise
    response.release_conn()
    if not 200 <= response.status < 300:  # noqa: PLR2004 -- success, by RFC 9110
        return Answer(response.status, _json(response, raw), _header(response, "retry-after"))
    body = _json(response, _as_list(raw) if request.lines else raw)
    if body is None and request.expects_json:
        raise BadAnswer(f"{request.subject}: the answer is not JSON")
    return Answer(response.status, body, warnings=_warnings(response))


def _open(session: Session, request: Request, deadline: Deadline) -> urllib3.BaseHTTPResponse:
    headers = urllib3.HTTPHeaderDict(
        {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"{TOOL}/{__version__}",
        }
    )
    for name, value in session.headers:
        headers.add(name, value)
    if request.content_type:
        headers["Content-Type"] = request.content_type
    remaining = max(deadline.remaining, 0.001)
    try:
        return session.pool.request(
            request.method,
            session.url + request.path + _query(request),
            headers=headers,
            body=request.content or None,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=min(remaining, _CONNECT_SECONDS), read=remaining),
        )
    except (failures.HTTPError, OSError, ValueError) as error:
        _raise_no_answer(session, request, error)


def _query(request: Request) -> str:
    return f"?{urllib.parse.urlencode(request.query)}" if request.query else ""


def _raise_no_answer(session: Session, request: Request, error: Exception) -> NoReturn:
    """Raise an error without the text of the client, which may contain URLs and header values."""
    server, url = session.server, session.url
    if isinstance(error, failures.ProxyError):
        raise NotSent("no connection through the proxy (HTTPS_PROXY)") from None
    if isinstance(error, failures.SSLError):
        reason = "its certificate is not trusted" if "CERTIFICATE" in str(error) else "TLS failed"
        raise Unreachable(
            f"no connection to {server}: {reason}", hint=session.trust, where=url
        ) from None
    if isinstance(error, failures.NameResolutionError):
        raise NotSent(f"the host name of {server} is not known", where=url) from None
    if isinstance(error, failures.ConnectTimeoutError):  # NewConnectionError is one, too
        raise NotSent(f"no connection to {server} ({_kind(error)})", where=url) from None
    if isinstance(error, failures.ReadTimeoutError):
        raise AnswerLost(f"{request.subject}: no answer in time", where=url) from None
    if isinstance(error, failures.HTTPError | OSError):
        raise AnswerLost(f"{request.subject}: no answer ({_kind(error)})", where=url) from None
    raise Unreachable(f"{request.subject}: the request cannot be sent", where=url) from None


def _kind(error: Exception) -> str:
    """The message of the operating system (`connection refused`), which contains nothing of the request."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror.lower()
        arguments = [part for part in inner.args if isinstance(part, BaseException)]
        inner = arguments[0] if arguments else inner.__cause__ or inner.__context__
    return type(error).__name__.removesuffix("Error")


def _read(response: urllib3.BaseHTTPResponse, deadline: Deadline) -> bytes:
    """The decoded body, at most `LARGEST` bytes."""
    encoding = _header(response, "content-encoding").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise BadAnswer("the answer has an encoding that was not requested")
    decoder = _Gunzip() if encoding == "gzip" else None
    parts: list[bytes] = []
    length = received = 0
    while chunk := response.read1(_CHUNK, decode_content=False):
        received += len(chunk)
        if deadline.passed:
            raise TimeoutError
        if decoder is not None:
            chunk = decoder.feed(chunk, LARGEST + 1 - length)
        length += len(chunk)
        if length > LARGEST:
            raise BadAnswer(f"the answer is larger than {LARGEST // 1024**2} MiB")
        parts.append(chunk)
    announced = _header(response, "content-length")
    if _LENGTH.fullmatch(announced) and int(announced) != received:
        raise failures.ProtocolError("shorter than announced")
    if decoder is not None and not decoder.complete:
        raise failures.ProtocolError("a gzip stream without its end")
    return b"".join(parts)


class _Gunzip:
    """Decodes at most as many bytes as may be kept, because a small body can decode to a very large one."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP)

    def feed(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error:
            raise BadAnswer("the answer is not a valid gzip stream") from None

    @property
    def complete(self) -> bool:
        return self._stream.eof and not self._stream.unused_data


def _json(response: urllib3.BaseHTTPResponse, raw: bytes) -> Json:
    """The JSON value; None for anything else (a load balancer's HTML, an empty body, NaN)."""
    media = _header(response, "content-type").partition(";")[0].strip().lower()
    if media != "application/json":
        return None
    try:
        return parsed(raw)
    except ValueError:
        return None


def _as_list(lines: bytes) -> bytes:
    """JSON values on lines as one JSON list."""
    return b"[" + b",".join(line for line in lines.split(b"\n") if line.strip()) + b"]"


def _header(response: urllib3.BaseHTTPResponse, name: str) -> str:
    return response.headers.get(name, "")


def _warnings(response: urllib3.BaseHTTPResponse) -> tuple[str, ...]:
    """The texts of `Warning: 299 - "..."`, RFC 7234."""
    texts = [
        re.sub(r"\\(.)", r"\1", text)
        for header in response.headers.getlist("warning")
        for text in _WARNING.findall(header)
    ]
    return tuple(texts[:_WARNINGS])
