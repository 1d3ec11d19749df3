"""The commit of a working tree, and whether the files that a run reads differ from it."""

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

_FOLDERS = ("environments", "templates")  # that a run reads


class _Files(Protocol):
    root: Path

    def files(self, folder: str) -> tuple[str, ...]: ...

    def content(self, path: str) -> bytes | None: ...


def revision_of(tree: _Files) -> Revision:
    """The commit and branch of a working tree; empty without git, or when the commit cannot be read."""
    if git.top_of(tree.root) is None:
        return Revision()
    revision = Revision()
    try:
        with git.opened(tree.root) as clone:
            hexsha = git.head_of(clone.repo)
            # Dirty until the files have been compared: that fails when an object is missing.
            revision = Revision(hexsha, _branch(clone.repo) if hexsha else "", dirty=True)
            if hexsha:
                commit = clone.repo.commit(hexsha)
                each = (_changed(tree, commit, clone.folder, name) for name in _FOLDERS)
                changed = tuple(sorted(path for paths in each for path in paths))
                revision = replace(revision, dirty=bool(changed), changed=changed)
    except (RepositoryError, OSError):
        return revision
    return revision


def _branch(repo: Repo) -> str:
    return "" if repo.head.is_detached else repo.active_branch.name


def _changed(tree: _Files, commit: Commit, folder: str, name: str) -> set[str]:
    """The files below a folder that were changed, added or removed since the commit, tracked or not."""
    committed = {path: blob.hexsha for path, blob in git.blobs_at(commit, folder, name)}
    present = set(tree.files(name))
    edited = {
        path
        for path in present & committed.keys()
        if not _same(tree.content(path) or b"", committed[path])
    }
    return edited | (present ^ committed.keys())


def _same(content: bytes, sha: str) -> bool:
    """Whether a file has the content of a blob, unchanged or after git normalizes its line ends."""
    return sha in (_blob_id(content), _blob_id(content.replace(b"\r\n", b"\n")))


def _blob_id(content: bytes) -> str:
    """The git object id of a file's content. It only identifies the object, so SHA-1 is sufficient."""
    return hashlib.sha1(b"blob %d\x00" % len(content) + content, usedforsecurity=False).hexdigest()
