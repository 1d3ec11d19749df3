"""A git server in the network of the pods: `python -m tests.node.git_server ROOT HOME HOST PASSWORD` prints its URL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.adapters.sources.git_server import served
from tests.controlplane.server import child
from tests.lock import ROOT
from tests.node import config
from tests.node.node import Node


@contextmanager
def serving(node: Node, root: Path, home: Path, password: str) -> Iterator[str]:
    """The URL of a server of the repositories below a folder; its authority is `authority.pem` in `home`."""
    (pid,) = node.pids
    place = ("nsenter", "--target", str(pid), "--net", "--", sys.executable)
    words = ("-m", "tests.node.git_server", str(root), str(home), config.GATEWAY, password)
    log = home / "git-server.log"
    server = child([*place, *words], log, cwd=ROOT)
    try:
        node.wait(lambda: "\n" in log.read_text(), "the git server is up")
        yield log.read_text().split()[0]
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    with served(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]) as server:
        server.password = sys.argv[4]
        print(server.url, flush=True)
        subprocess.run(["sleep", "infinity"], check=True)
