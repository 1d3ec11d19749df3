"""One commit of a git repository: blobs are read, nothing is checked out and nothing of the repository is run."""

from __future__ import annotations

import threading
from pathlib import Path

from reconciler.adapters.sources import git, paths
from reconciler.errors import RepositoryError
from reconciler.model.revision import Revision

_MAX_TOTAL = 64 * 1024 * 1024  # bytes of one top folder


class GitRevision:
    """Implements `ports.Repository` for `--revision REF`. A top folder is read as a whole, once."""

    def __init__(self, root: Path, ref: str) -> None:
        """Find the commit.

        Raises:
            RepositoryError: no repository, no such revision.
        """
        self._root = root.resolve()
        with git.opened(self._root) as clone:
            commit = git.commit_of(clone.repo, ref)
            self._revision = Revision(commit.hexsha, ref)
        self._lock = threading.Lock()
        self._read: dict[str, dict[str, bytes | None]] = {}

    @property
    def revision(self) -> Revision:
        return self._revision

    def files(self, folder: str) -> tuple[str, ...]:
        folder = paths.checked(folder)
        return tuple(sorted(p for p in self._contents(folder) if p.startswith(f"{folder}/")))

    def read(self, path: str) -> str | None:
        path = paths.checked(path)
        contents = self._contents(path)
        if path not in contents:
            return None
        content = contents[path]
        if content is None:
            raise paths.too_large(path)
        return paths.decoded(path, content)

    def _contents(self, path: str) -> dict[str, bytes | None]:
        """All files of the top folder that a path is in (or of that one file), by path."""
        top = path.split("/", maxsplit=1)[0]
        with self._lock:
            if top not in self._read:
                self._read[top] = self._fetched(top)
            return self._read[top]

    def _fetched(self, top: str) -> dict[str, bytes | None]:
        """None for what is too large to be read."""
        found: dict[str, bytes | None] = {}
        total = 0
        with git.opened(self._root) as clone:
            commit = clone.repo.commit(self._revision.commit)
            for path, blob in git.blobs_at(commit, clone.folder, top):
                if blob.size > paths.MAX_BYTES:
                    found[path] = None
                    continue
                total += blob.size
                if total > _MAX_TOTAL:
                    limit = _MAX_TOTAL // 1024 // 1024
                    raise RepositoryError(f"more than {limit} MiB of files in {top}", where=top)
                found[path] = blob.data_stream.read()
        return found
