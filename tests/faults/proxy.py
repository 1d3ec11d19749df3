"""A proxy that lies: TLS on both sides, one thread per connection, HTTP/1.1 with keep-alive.

It speaks to clients with a certificate of its own authority, and to the server with the server's; tokens pass as
they are. Answers of the server are read whole (and unpacked) before anything of them is passed on.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme

from tests.faults.actions import Action, Decide, Pass, Request
from tests.faults.connections import Passed, Server


@dataclass
class _Rule:
    method: str
    path: re.Pattern[str]
    action: Action | Decide
    first: int
    last: int
    count: int = 0

    def fits(self, request: Request) -> bool:
        """Also counts it, whichever rule decides in the end."""
        if not (re.fullmatch(self.method, request.method) and self.path.search(request.path)):
            return False
        self.count += 1
        return self.first <= self.count <= self.last

    def decide(self, request: Request) -> Action | None:
        return self.action(request) if callable(self.action) else self.action


class Proxy:
    """`on` says what goes wrong; `log` is what was really asked."""

    def __init__(self, upstream: str, ca_file: Path, home: Path) -> None:
        self.upstream = urlsplit(upstream)
        self.trust = ssl.create_default_context(cafile=str(ca_file))
        self.log: list[Passed] = []
        self.stopping = threading.Event()
        self.connections = 0
        self._home = home
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        authority = trustme.CA()
        self._authority = authority.cert_pem.bytes().decode()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(tls)
        self._server = Server(self, tls)
        self.url = f"https://127.0.0.1:{self._server.server_port}"

    def on(
        self, method: str, path: str, action: Action | Decide, *, first: int = 1, times: int = 10**9
    ) -> None:
        """From the `first` request of this method and path (regular expressions) on, so many `times`.

        Rules are asked in order, the first that decides counts; without any a request passes.
        """
        self._rules.append(_Rule(method, re.compile(path), action, first, first + times - 1))

    def calm(self) -> None:
        """Forget the rules and the log."""
        with self._lock:
            self._rules.clear()
            self.log.clear()

    def requests(self, method: str = ".*", path: str = "") -> list[Passed]:
        """What was asked, in order."""
        return [
            exchange
            for exchange in list(self.log)
            if re.fullmatch(method, exchange.request.method)
            and re.search(path, exchange.request.path)
        ]

    def writes(self, path: str = "") -> list[Passed]:
        """Requests that would write (no dry runs, not the lock), whether or not they reached the server."""
        written = [each for each in self.requests(path=path) if each.request.writes]
        return [each for each in written if "/leases" not in each.request.path]

    def kubeconfig(self, user: Mapping[str, Any]) -> Path:
        """A kubeconfig that points here; `user` is `{"token": ...}`, `{"tokenFile": ...}`."""
        cluster = {"server": self.url, "certificate-authority": str(self.authority)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "proxy", "cluster": cluster}],
            "users": [{"name": "user", "user": dict(user)}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "user"}}],
            "current-context": "proxy",
        }
        path = self._home / "proxy.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content))
        return path

    @property
    def authority(self) -> Path:
        """The certificate to trust."""
        path = self._home / "proxy-ca.pem"
        path.write_text(self._authority)
        return path

    def decide(self, request: Request) -> tuple[Passed, Action]:
        with self._lock:
            passed = Passed(request)
            self.log.append(passed)
            for rule in [rule for rule in self._rules if rule.fits(request)]:
                if (action := rule.decide(request)) is not None:
                    return passed, action
        return passed, Pass()

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()
