"""Which commit a working tree stands on, and whether what is read from it differs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reconciler.adapters.sources import git
from reconciler.errors import RepositoryError
from reconciler.model.revision import Revision

if TYPE_CHECKING:
    from git import Commit, Repo

_SOURCES = ("environments", "templates")  # what a run reads


class _Files(Protocol):
    root: Path

    def files(self, folder: str) -> tuple[str, ...]: ...

    def content(self, path: str) -> bytes | None: ...


def revision_of(tree: _Files) -> Revision:
    """The commit and branch below a working tree; empty without git, or where it cannot be read."""
    if git.top_of(tree.root) is None:
        return Revision()
    known = Revision()
    try:
        with git.opened(tree.root) as clone:
            hexsha = _head(clone.repo)
            known = Revision(hexsha, _branch(clone.repo) if hexsha else "", dirty=True)
            if hexsha:
                commit = clone.repo.commit(hexsha)
                dirty = any(_differs(tree, commit, clone.folder, source) for source in _SOURCES)
                known = replace(known, dirty=dirty)
    except (RepositoryError, OSError):
        return known  # without git, or with a part of it only: the commit, and no promise that the files are its own
    return known


def _head(repo: Repo) -> str:
    """The commit of HEAD, "" before the first one."""
    try:
        return repo.head.dereference_recursive(repo, "HEAD")
    except ValueError:
        return ""


def _branch(repo: Repo) -> str:
    return "" if repo.head.is_detached else repo.active_branch.name


def _differs(tree: _Files, commit: Commit, folder: str, source: str) -> bool:
    """Whether a file was changed, added or removed, committed or not, tracked or not."""
    committed = {path: blob.hexsha for path, blob in git.blobs_at(commit, folder, source)}
    present = tree.files(source)
    return set(present) != set(committed) or any(
        not _same(tree.content(path) or b"", committed[path]) for path in present
    )


def _same(content: bytes, sha: str) -> bool:
    """Whether a file is a blob, as it stands or as git stores it from a system with other line ends."""
    return sha in (_blob(content), _blob(content.replace(b"\r\n", b"\n")))


def _blob(content: bytes) -> str:
    """The object id that git gives to a file's content: a name of the object, not a safeguard."""
    return hashlib.sha1(b"blob %d\x00" % len(content) + content, usedforsecurity=False).hexdigest()
