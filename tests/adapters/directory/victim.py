"""A process that is killed at one of its writes: `python -m tests.adapters.directory.victim ROOT SCENE STEP`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from reconciler.adapters.directory import DirectoryCluster
from reconciler.adapters.directory.files import Files
from tests.adapters.directory.world import PROVIDER, US, live, opened, provider


class DyingFiles(Files):
    """Counts the changes, and kills the process at one of them, which may be in the middle of a file."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self._left = step

    def create(
        self, path: Path, content: bytes, *, private: bool = False, durable: bool = False
    ) -> None:
        self._count()
        if self._left == 1:
            super().create(path, content[: len(content) // 2], private=private)
        self._count()
        super().create(path, content, private=private, durable=durable)

    def rename(self, source: Path, target: Path) -> None:
        self._count()
        super().rename(source, target)

    def remove(self, path: Path) -> None:
        self._count()
        super().remove(path)

    def make_folder(self, path: Path) -> None:
        self._count()
        super().make_folder(path)

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def play(cluster: DirectoryCluster, scene: str) -> None:
    match scene:
        case "first":
            cluster.apply(PROVIDER, provider(), manager=US)
        case "update":
            cluster.apply(PROVIDER, provider(model="gpt-5"), manager=US)
        case "delete":
            cluster.delete(PROVIDER, "omnia", "gpt", uid=live(cluster)["metadata"]["uid"])


if __name__ == "__main__":
    play(opened(Path(sys.argv[1]), files=DyingFiles(int(sys.argv[3]))), sys.argv[2])
