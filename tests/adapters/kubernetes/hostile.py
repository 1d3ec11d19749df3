"""An HTTP server on loopback that does what an API server never should."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """One request, as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Say:
    """One answer: a status, a body (JSON unless it is bytes), headers; or something worse."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    length: str = ""  # a Content-Length that says nothing: the body ends with the connection
    cut: int = -1  # bytes of the body that are sent before the connection is closed
    chunked: bool = False
    drip: float = 0.0  # seconds between single bytes, for ever
    drip_headers: bool = False
    reset: bool = False  # close without a word
    wait: float = 0.0  # seconds before anything is said


Script = Callable[[Received], Say]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's kernel
    server: _Server

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = Received(self.command, self.path, _titled(self.headers), self.rfile.read(length))
        self.server.requests.append(request)
        say = self.server.script(request)
        if self.server.stopping.wait(say.wait):
            return
        with suppress(OSError):
            self._say(say)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 -- http.server's names

    def _say(self, say: Say) -> None:
        if say.reset:
            self.close_connection = True
            return
        if say.drip_headers:
            self._drip(say.drip, b"HTTP/1.1 200 OK\r\nX-Long: ")
            return
        body = say.body if isinstance(say.body, bytes) else json.dumps(say.body).encode()
        self.send_response(say.status)
        self.send_header("Content-Type", say.content_type)
        for name, value in say.headers.items():
            self.send_header(name, value)
        if say.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", say.length or str(len(body)))
        self.end_headers()
        if say.drip:
            self._drip(say.drip, b"")
        elif say.chunked:
            self.wfile.write(b"%x\r\n" % len(body) + body[: say.cut])
            self.close_connection = True
        elif say.cut >= 0:
            self.wfile.write(body[: say.cut])
            self.close_connection = True
        else:
            self.wfile.write(body)
            self.close_connection = bool(say.length)

    def _drip(self, seconds: float, first: bytes) -> None:
        self.wfile.write(first)
        while not self.server.stopping.wait(seconds):
            self.wfile.write(b" ")

    def log_message(self, *_: object) -> None:
        pass


def _titled(headers: Message) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.requests: list[Received] = []
        self.stopping = threading.Event()
        self.connections = 0

    def process_request(self, *arguments: Any) -> None:
        self.connections += 1
        super().process_request(*arguments)

    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up is what these tests are about


class Hostile:
    """`script` says what comes next; `seen` is what was really asked."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_port}"

    @property
    def requests(self) -> list[Received]:
        return self._server.requests

    @property
    def connections(self) -> int:
        return self._server.connections

    def answers(self, *says: Say) -> None:
        """In this order; the last one for ever."""
        rest = list(says)

        def script(_: Received) -> Say:
            return rest.pop(0) if len(rest) > 1 else rest[0]

        self._server.script = script

    def script(self, script: Script) -> None:
        self._server.script = script


@contextmanager
def hostile() -> Iterator[Hostile]:
    server = _Server(lambda _: Say(500))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Hostile(server)
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def gzipped(size: int) -> bytes:
    return gzip.compress(b" " * size)
