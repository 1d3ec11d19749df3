"""A git server over https: git's own http-backend, behind a password."""

from __future__ import annotations

import base64
import gzip
import os
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme


@dataclass
class GitServer:
    """Serves the repositories below a folder.

    Attributes:
        password: asked for; "" for none.
        redirect: a host to which every request is sent on; "" for none.
        log: the path and the Authorization of each request.
        before: called with the method and the path of each request, before it is answered.
    """

    root: Path
    authority: Path
    url: str = ""
    user: str = "x-access-token"
    password: str = ""
    redirect: str = ""
    log: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda *_: None


def _handler(server: GitServer) -> type[BaseHTTPRequestHandler]:  # noqa: C901 -- a class of short methods
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            body = (
                self._chunks()
                if self.headers.get("Transfer-Encoding")
                else self.rfile.read(int(self.headers.get("Content-Length", "0")))
            )
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            self._answer(body)

        def _chunks(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, body: bytes) -> None:
            given = self.headers.get("Authorization", "")
            server.log.append((self.path, given))
            server.before(self.command, self.path)
            if server.redirect:
                self._send(302, {"Location": f"{server.redirect}{self.path}"}, b"")
                return
            pair = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
            if server.password and given != f"Basic {pair}":
                self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
                return
            path, _, query = self.path.partition("?")
            variables = {
                "GIT_PROJECT_ROOT": str(server.root), "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "CONTENT_LENGTH": str(len(body)), "REMOTE_USER": "", "REMOTE_ADDR": "127.0.0.1",
            }  # fmt: skip
            done = subprocess.run(
                ["git", "http-backend"], input=body, env=os.environ | variables,
                capture_output=True, check=False,
            )  # fmt: skip
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
            self._send(int(headers.pop("Status", "200").split()[0]), headers, content)

        def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


@contextmanager
def served(root: Path, home: Path, host: str = "127.0.0.1") -> Iterator[GitServer]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(home / "authority.pem")
    server = GitServer(root, home / "authority.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(tls)
    with ThreadingHTTPServer((host, 0), _handler(server)) as http:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        server.url = f"https://{host}:{http.server_port}"
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


@contextmanager
def reachable(root: Path, home: Path, patch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    """The server, for a machine that trusts it; temporary files are below `home`/tmp."""
    temporary = home / "tmp"
    temporary.mkdir()
    patch.setattr(tempfile, "tempdir", str(temporary))
    patch.setenv("HOME", str(home / "home"))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        patch.delenv(name)
    with served(root, home) as running:
        patch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running
