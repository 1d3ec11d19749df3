"""A webhook in the network of the pods: `python -m tests.node.receiver HOST` prints its port, then each body."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.controlplane.server import child
from tests.lock import ROOT
from tests.node import config
from tests.node.node import Node


@contextmanager
def receiving(node: Node, home: Path) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Its port, and what returns the bodies so far."""
    (pid,) = node.pids
    place = ("nsenter", "--target", str(pid), "--net", "--", sys.executable)
    log = home / "receiver.log"
    server = child([*place, "-m", "tests.node.receiver", config.GATEWAY], log, cwd=ROOT)
    try:
        node.wait(lambda: "\n" in log.read_text(), "the receiver is up")
        port, *_ = log.read_text().split()
        yield port, lambda: log.read_text().splitlines()[1:]
    finally:
        server.kill()
        server.wait()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        print(" ".join(body.splitlines()), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = HTTPServer((sys.argv[1], 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
