"""One commit of a git repository: blobs are read, nothing is checked out and nothing of the repository is run."""

from __future__ import annotations

from pathlib import Path

from reconciler.model.revision import Revision


class GitRevision:
    """Implements `ports.Repository`."""

    def __init__(self, root: Path, ref: str) -> None:
        """
        Raises:
            RepositoryError: no git, no repository, no such revision.
        """
        self.root = root
        self.ref = ref

    @property
    def revision(self) -> Revision:
        raise NotImplementedError

    def files(self, folder: str) -> tuple[str, ...]:
        raise NotImplementedError

    def read(self, path: str) -> str | None:
        raise NotImplementedError
