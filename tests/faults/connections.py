"""The proxy's connections: one thread each, which does to a request what a rule says."""

from __future__ import annotations

import gzip
import http.client
import socket
import ssl
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any, Protocol
from urllib.parse import SplitResult

from tests.faults.actions import (
    Action,
    Cut,
    Framing,
    Hold,
    Pass,
    Request,
    Response,
    Rewrite,
    Say,
    Stall,
)

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer"}
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


@dataclass
class Passed:
    """One line of the log."""

    request: Request
    arrived: float = field(default_factory=time.monotonic)
    forwarded: bool = False
    code: int = 0  # of the server; 0: it was not asked
    said: int = 0  # status that the client was told; 0: none
    size: int = 0  # bytes of the answer's body


class Script(Protocol):
    """What a connection asks its proxy."""

    upstream: SplitResult
    trust: ssl.SSLContext
    stopping: Event
    connections: int

    def decide(self, request: Request) -> tuple[Passed, Action]: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: Script, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.proxy = proxy
        self.tls = tls

    def finish_request(self, request: Any, client_address: Any) -> None:
        """On the connection's own thread: a client that is slow to shake hands holds up nobody."""
        self.proxy.connections += 1
        with self.tls.wrap_socket(request, server_side=True) as secure:
            Handler(secure, client_address, self)

    def handle_error(self, *_: object) -> None:
        pass  # clients that hang up are what this is about


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's kernel
    server: Server
    _upstream: http.client.HTTPSConnection | None = None

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        passed, action = self.server.proxy.decide(request)
        with suppress(OSError):
            self._do(passed, action)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 -- http.server's names

    def _do(self, passed: Passed, action: Action) -> None:
        match action:
            case Pass(framing):
                self._send(passed, self._ask(passed), framing)
            case Hold(released, seconds):
                self._hold(passed, released, seconds)
            case Rewrite(change, path):
                self._send(passed, change(self._ask(passed, path)))
            case Say(response, forward, framing):
                if forward:
                    self._ask(passed)
                self._send(passed, response, framing)
            case Cut():
                self._cut(passed, action)
            case Stall():
                self._stall(passed, action)

    def _hold(self, passed: Passed, released: Event, seconds: float) -> None:
        stopping = self.server.proxy.stopping
        while not released.wait(0.05):
            if stopping.is_set():
                return
        if not stopping.wait(seconds):
            self._send(passed, self._ask(passed))

    def _cut(self, passed: Passed, cut: Cut) -> None:
        response = cut.response or (self._ask(passed) if cut.forward else Response())
        self.close_connection = True
        if cut.at is None:
            cut.strike()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return
        self._head(passed, response, cut.framing)
        part = response.body[: cut.at]
        if cut.framing is Framing.CHUNKED:
            part = b"%x\r\n" % len(response.body) + part
        self.wfile.write(part)
        self.wfile.flush()
        cut.strike()

    def _stall(self, passed: Passed, stall: Stall) -> None:
        self.close_connection = True
        if stall.forward:
            self._ask(passed)
        if stall.drip and stall.headers:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        elif stall.drip:
            self._head(passed, Response(body=b" " * 10**9), Framing.LENGTH)
        while not self.server.proxy.stopping.wait(stall.drip or 0.2):
            if stall.drip:
                self.wfile.write(b" ")  # fails when the client has gone
            elif self._gone():
                return

    def _gone(self) -> bool:
        self.connection.settimeout(0.01)
        try:
            return self.connection.recv(1) == b""
        except TimeoutError:
            return False

    def _ask(self, passed: Passed, path: str = "") -> Response:
        """The server's own answer."""
        proxy, request = self.server.proxy, passed.request
        if self._upstream is None:
            self._upstream = http.client.HTTPSConnection(
                proxy.upstream.hostname or "", proxy.upstream.port, timeout=600, context=proxy.trust
            )
        headers = {k: v for k, v in request.headers.items() if k not in _HOP_BY_HOP | {"host"}}
        passed.forwarded = True
        self._upstream.request(request.method, path or request.path, request.body or None, headers)
        answer = self._upstream.getresponse()
        body = answer.read()
        passed.code = answer.status
        kept = tuple((k, v) for k, v in answer.getheaders() if k.lower() not in _HOP_BY_HOP)
        response = Response(answer.status, body, kept)
        return _unpacked(response)

    def _send(self, passed: Passed, response: Response, framing: Framing = Framing.LENGTH) -> None:
        self._head(passed, response, framing)
        body = response.body
        if framing is Framing.CHUNKED:
            pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))
        self.wfile.write(body)

    def _head(self, passed: Passed, response: Response, framing: Framing) -> None:
        passed.said, passed.size = response.status, len(response.body)
        self.send_response_only(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        if framing is Framing.CHUNKED:
            self.send_header("Transfer-Encoding", "chunked")
        elif framing is Framing.LENGTH:
            self.send_header("Content-Length", str(len(response.body)))
        else:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()

    def finish(self) -> None:
        try:
            with suppress(OSError):  # the client may be gone
                super().finish()
        finally:
            self.rfile.close()
            if self._upstream is not None:
                self._upstream.close()

    def log_message(self, *_: object) -> None:
        pass


def _unpacked(response: Response) -> Response:
    encodings = [v for k, v in response.headers if k.lower() == "content-encoding"]
    if encodings != ["gzip"]:
        return response
    rest = tuple((k, v) for k, v in response.headers if k.lower() != "content-encoding")
    return replace(response, body=gzip.decompress(response.body), headers=rest)
