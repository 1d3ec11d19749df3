"""The working tree: files as they stand on disk, with or without git."""

from __future__ import annotations

from pathlib import Path

from reconciler.model.revision import Revision


class Worktree:
    """Implements `ports.Repository`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def revision(self) -> Revision:
        raise NotImplementedError

    def files(self, folder: str) -> tuple[str, ...]:
        raise NotImplementedError

    def read(self, path: str) -> str | None:
        raise NotImplementedError
