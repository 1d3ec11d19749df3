"""One commit of a git repository: blobs are read, nothing is checked out and nothing of the repository is run."""

from __future__ import annotations

from pathlib import Path

from reconciler.adapters.sources import git, paths
from reconciler.model.revision import Revision


class GitRevision:
    """Implements `ports.Repository` for `--revision REF`."""

    def __init__(self, root: Path, ref: str) -> None:
        """Find the commit.

        Raises:
            RepositoryError: no repository, no such revision.
        """
        self._root = root.resolve()
        with git.opened(self._root) as clone:
            commit = git.commit_of(clone.repo, ref)
            self._revision = Revision(commit.hexsha, ref)

    @property
    def revision(self) -> Revision:
        return self._revision

    def files(self, folder: str) -> tuple[str, ...]:
        folder = paths.checked(folder)
        with git.opened(self._root) as clone:
            commit = clone.repo.commit(self._revision.commit)
            tree = git.tree_at(commit, git.join(clone.folder, folder))
            found = [] if tree is None else [path for path, _ in git.blobs(tree, folder)]
        return tuple(sorted(found))

    def read(self, path: str) -> str | None:
        path = paths.checked(path)
        folder, _, name = path.rpartition("/")
        with git.opened(self._root) as clone:
            commit = clone.repo.commit(self._revision.commit)
            tree = git.tree_at(commit, git.join(clone.folder, folder))
            found = next((c for c in tree or () if c.name == name and c.type != "tree"), None)
            if found is None:
                return None
            git.refuse_link(path, found.mode)
            if found.size > paths.MAX_BYTES:
                raise paths.too_large(path)
            return paths.decoded(path, found.data_stream.read())
