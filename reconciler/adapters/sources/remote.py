"""A commit of a repository by URL: one shallow fetch into a private folder, which is removed at the end."""

from __future__ import annotations

import threading
from dataclasses import replace

from reconciler.adapters.sources import git
from reconciler.adapters.sources.access import GitAccess
from reconciler.adapters.sources.git_revision import GitRevision
from reconciler.adapters.sources.remote_repository import DEFAULT, HISTORY, TIP, RemoteRepository
from reconciler.ports import Redactor

_FETCHED = "refs/tags/fetched"


class RemoteRevision(GitRevision):
    """Implements `ports.Repository` for a URL and `--revision`, by default the branch to which its HEAD points."""

    def __init__(self, url: str, ref: str, access: GitAccess, redactor: Redactor) -> None:
        """
        Raises:
            UsageError: the URL or the credentials are unusable.
            RepositoryError: git is missing, cannot fetch it, or there is no such revision.
        """
        if ref:
            git.check_ref(ref)
        self._remote = RemoteRepository(url, access, redactor)
        self._is_complete, self._history = False, threading.Lock()
        self._remote.fetch(TIP, (f"HEAD:{DEFAULT}", f"{ref or 'HEAD'}:{_FETCHED}"))
        super().__init__(self._remote.root, _FETCHED, partial=True)
        self._revision = replace(self._revision, ref=ref)

    def contains(self, commit: str) -> bool | None:
        """As in a clone: the history is fetched when somebody asks for it, without files."""
        with self._history:
            if commit != self._revision.commit and not self._is_complete:
                self._remote.fetch(HISTORY, ())
                self._is_complete = True
        return super().contains(commit)
