"""A small forge on loopback, over real HTTP, which can be told to misbehave."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACTIONS_BOT = "github-actions[bot]"


@dataclass
class Forge:
    """State of the forge; `faults` are answers given before anything is looked at, one per request."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    user: tuple[int, Any] = (403, {"message": "Resource not accessible by integration"})
    pulls: Any = field(default_factory=list)
    faults: list[Callable[[Forge, Any, str], tuple[int, Any, dict[str, str]] | None]] = field(
        default_factory=list
    )
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    def add(self, body: str, login: str = ACTIONS_BOT) -> dict[str, Any]:
        comment = {"id": len(self.comments) + 1, "body": body, "user": {"login": login}}
        self.comments.append(comment)
        return comment

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(path)
        if parts.path == "/user":
            return self.user
        if parts.path.endswith("/pulls"):
            return 200, self.pulls
        if method == "POST":
            return 201, self.add(body["body"])
        if method == "PATCH":
            comment = self.comments[int(parts.path.rpartition("/")[2]) - 1]
            comment["body"] = body["body"]
            return 200, comment
        query = parse_qs(parts.query)
        size, page = int(query["per_page"][0]), int(query["page"][0])
        return 200, self.comments[(page - 1) * size : page * size]


@contextmanager
def serve(forge: Forge, tls: ssl.SSLContext | None = None) -> Iterator[Forge]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length) or b"null")
            forge.requests.append(f"{self.command} {self.path}")
            forge.tokens.add(self.headers.get("Authorization", ""))
            fault = forge.faults.pop(0) if forge.faults else None
            response = fault(forge, body, self.command) if fault else None
            status, answer, headers = response or (*forge.answer(self.command, self.path, body), {})
            plain = answer if isinstance(answer, str | bytes) else json.dumps(answer)
            text = plain.encode() if isinstance(plain, str) else plain
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with contextlib.suppress(OSError):  # a client may stop reading
                self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = _serve  # noqa: N815 -- names of the library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    forge.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    with running(server):
        yield forge


@dataclass
class Tunnel:
    """A proxy that only knows CONNECT, and leads every name to the loopback."""

    url: str = ""
    heads: list[str] = field(default_factory=list)  # request line and headers


@contextmanager
def tunnel() -> Iterator[Tunnel]:
    proxy = Tunnel()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            proxy.heads.append(f"{self.requestline}\n{self.headers}")
            port = int(self.path.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port)) as upstream:
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    _relay(self.connection, upstream)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.url = f"127.0.0.1:{server.server_port}"
    with running(server):
        yield proxy


def _relay(client: socket.socket, upstream: socket.socket) -> None:
    other = {client: upstream, upstream: client}
    while True:
        for ready in select.select([client, upstream], [], [])[0]:
            part = ready.recv(65536)
            if not part:
                return
            other[ready].sendall(part)


@contextmanager
def running(server: HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
