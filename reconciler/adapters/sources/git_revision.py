"""One commit of a git repository: reads its blobs; checks out nothing and runs nothing of the repository."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.adapters.sources import git, paths
from reconciler.adapters.sources.ancestry import history_contains, is_ancestor
from reconciler.errors import RepositoryError
from reconciler.frozen import dataclass
from reconciler.model.revision import Revision

if TYPE_CHECKING:
    from git import Blob

_MAX_TOTAL = 64 * 1024 * 1024  # bytes below one top-level folder


_AFTER_SLASH = chr(ord("/") + 1)


@dataclass(frozen=True, slots=True)
class _Top:
    """A top-level folder: the paths of its files, sorted, and their content; None for a file that is too large."""

    paths: tuple[str, ...]
    contents: Mapping[str, bytes | None]


class GitRevision:
    """Implements `ports.Repository` for `--revision REF`. Each top-level folder is read completely, and only once."""

    def __init__(self, root: Path, ref: str, *, partial: bool = False) -> None:
        """
        Args:
            partial: files that are too large to be read are not in the repository.

        Raises:
            RepositoryError: there is no repository, or no such revision.
        """
        self.root = root.resolve()
        self._partial = partial
        with git.opened(self.root) as clone:
            if not partial:
                git.refuse_partial(clone.repo)
            commit = git.commit_of(clone.repo, ref)
            head = git.head_of(clone.repo)
            merged = commit.hexsha == head or is_ancestor(clone.repo, commit.hexsha, head)
            self._revision = Revision(commit.hexsha, ref, merged=merged)
        self._lock = threading.Lock()
        self._tops: dict[str, _Top] = {}

    @property
    def revision(self) -> Revision:
        return self._revision

    def contains(self, commit: str) -> bool | None:
        return history_contains(self.root, self._revision.commit, commit)

    def files(self, folder: str) -> tuple[str, ...]:
        folder = paths.normalized(folder)
        listed = self._top(folder).paths
        start, end = (bisect_left(listed, f"{folder}{after}") for after in ("/", _AFTER_SLASH))
        return listed[start:end]

    def read(self, path: str) -> str | None:
        path = paths.normalized(path)
        contents = self._top(path).contents
        if path not in contents:
            return None
        content = contents[path]
        if content is None:
            raise paths.too_large(path)
        return paths.decoded(path, content)

    def _top(self, path: str) -> _Top:
        """The top-level folder that a path begins with."""
        top = path.split("/", maxsplit=1)[0]
        with self._lock:
            if top not in self._tops:
                contents = self._fetch(top)
                self._tops[top] = _Top(tuple(sorted(contents)), contents)
            return self._tops[top]

    def _fetch(self, top: str) -> dict[str, bytes | None]:
        contents: dict[str, bytes | None] = {}
        total = 0
        with git.opened(self.root) as clone:
            commit = clone.repo.commit(self._revision.commit)
            for path, blob in git.blobs_at(commit, clone.folder, top):
                size = self._size(blob)
                if size is None or size > paths.MAX_BYTES:
                    contents[path] = None
                    continue
                total += size
                if total > _MAX_TOTAL:
                    limit = _MAX_TOTAL // 1024 // 1024
                    raise RepositoryError(f"more than {limit} MiB of files in {top}", where=top)
                contents[path] = blob.data_stream.read()
        return contents

    def _size(self, blob: Blob) -> int | None:
        """In bytes; None for a file that was too large to be fetched."""
        try:
            return int(blob.size)
        except ValueError:
            if self._partial:
                return None
            raise
