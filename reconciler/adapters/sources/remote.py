"""A commit of a repository by URL: one shallow fetch into a private folder, which is removed at the end.

Nothing is checked out, and git runs with the configuration of that private folder alone: no hooks, no submodules, no
filters (such as LFS), no redirects, and no protocols other than https and ssh.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import weakref
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from reconciler.adapters.sources import git, paths
from reconciler.adapters.sources.access import GitAccess
from reconciler.adapters.sources.git_revision import GitRevision
from reconciler.adapters.sources.private_git import isolated
from reconciler.errors import RepositoryError, UsageError
from reconciler.ports import Redactor

_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
_URL = re.compile(
    rf"(?:https://|ssh://(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?){_HOST}/[\w.~%+/@-]+", re.ASCII
)
_DEFAULT, _FETCHED = "refs/heads/default", "refs/tags/fetched"
_CONFIG = """\
[core]
	repositoryformatversion = 0
	bare = true
[remote "origin"]
	url = {url}
[http]
	followRedirects = false
	lowSpeedLimit = 1000
	lowSpeedTime = 60
[credential]
	helper =
"""
# What git says, what that means, and what to do.
_MEANINGS = {
    r"authentication failed|could not read (username|password)|error: 40[13]|permission denied": (
        "refuses the credentials",
        "check the file of --git-token-file, or of --git-key-file",
    ),
    r"host key verification failed": (
        "has another key than --git-known-hosts-file says",
        "compare the keys of the host with those that it publishes",
    ),
    r"couldn't find remote ref": (
        "has no such revision",
        "name a branch, a tag or a full hash with --revision",
    ),
    r"not our ref|unadvertised object": (
        "gives out no such commit by its hash",
        "name a branch or a tag with --revision",
    ),
    r"error: 30\d|redirect": ("redirects elsewhere", "name the URL to which it leads"),
    r"not found|error: 404|does not appear to be a git": (
        "has no such repository, or hides it",
        "check the URL, and whether it needs credentials",
    ),
    r"certificate": (
        "has a certificate that is not trusted",
        "SSL_CERT_FILE names the file of another authority",
    ),
}


class RemoteRevision(GitRevision):
    """Implements `ports.Repository` for a URL and `--revision`, by default the branch to which its HEAD points."""

    def __init__(self, url: str, ref: str, access: GitAccess, redactor: Redactor) -> None:
        """
        Raises:
            UsageError: the URL or the credentials are unusable.
            RepositoryError: git is missing, cannot fetch it, or there is no such revision.
        """
        _check(url)
        if ref:
            git.check_ref(ref)
        self._url, self._access, self._redactor = url, access, redactor
        self._is_complete, self._history = False, threading.Lock()
        root = self._root = _folder()
        weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
        _make(root, url)
        self._fetch_from(git.TIP, (f"HEAD:{_DEFAULT}", f"{ref or 'HEAD'}:{_FETCHED}"))
        super().__init__(root, _FETCHED, partial=True)
        self._revision = replace(self._revision, ref=ref)

    def contains(self, commit: str) -> bool:
        """As in a clone: the history is fetched when somebody asks for it, without files."""
        with self._history:
            if commit != self._revision.commit and not self._is_complete:
                self._fetch_from(git.HISTORY, ())
                self._is_complete = True
        return super().contains(commit)

    def _fetch_from(self, options: tuple[str, ...], refspecs: tuple[str, ...]) -> None:
        variables = self._access.variables(self._url, self._redactor, os.environ)
        closed = isolated(self._root) | _CLOSED | variables
        git.fetch(self._root, options, refspecs, closed, lambda text: _fail(self._url, text))


_CLOSED = {"GIT_ALLOW_PROTOCOL": "https:ssh", "GIT_PROTOCOL_FROM_USER": "0"}


def _folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="reconciler-fetch-"))
    except OSError as error:
        hint = "set TMPDIR to a folder that can be written"
        raise RepositoryError(f"nothing can be fetched: {error.strerror}", hint=hint) from None


def _check(url: str) -> None:
    if _URL.fullmatch(url) and ".." not in url.split("/"):
        return
    if "@" in url.removeprefix("https://").split("/")[0] and url.startswith("https://"):
        raise UsageError(
            "--repository: a URL must not contain credentials",
            hint="put the token into a file: --git-token-file",
        )
    raise UsageError(
        "--repository: it is neither a folder nor a URL that can be fetched",
        hint="https://HOST/PATH or ssh://git@HOST/PATH; credentials come from files",
    )


def _make(root: Path, url: str) -> None:
    """A bare repository with nothing but the URL."""
    (root / "refs").mkdir()
    (root / "objects/info").mkdir(parents=True)
    (root / "HEAD").write_text(f"ref: {_DEFAULT}\n")
    (root / "config").write_text(_CONFIG.format(url=url))


def _fail(url: str, text: str) -> NoReturn:
    """Raise what git's words mean, without the words: they may quote what a server says."""
    host = url.split("/")[2].rpartition("@")[2]
    for pattern, (meaning, hint) in _MEANINGS.items():
        if re.search(pattern, text, re.IGNORECASE):
            raise RepositoryError(f"{host} {meaning}", hint=hint, where=url)
    fatal = re.search(r"fatal: ([^\n]{1,200})", text)
    said = paths.printable(fatal[1].rstrip("'")) if fatal else ""
    raise RepositoryError(
        f"{host} cannot be reached" + (f": {said}" if said else ""),
        hint="run the command again",
        where=url,
    )
