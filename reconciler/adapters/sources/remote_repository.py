"""A repository by URL, as a private bare folder that is removed at the end.

Nothing is checked out, and git runs with the configuration of that private folder alone: no hooks, no submodules, no
filters (such as LFS), no redirects, and no protocols other than https and ssh.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from reconciler.adapters.sources import git, paths
from reconciler.adapters.sources.access import GitAccess
from reconciler.adapters.sources.bounded import bounded
from reconciler.adapters.sources.private_git import isolated
from reconciler.errors import RepositoryError, UsageError
from reconciler.ports import Redactor

_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
_URL = re.compile(
    rf"(?:https://|ssh://(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?){_HOST}/[\w.~%+/@-]+", re.ASCII
)
DEFAULT = "refs/heads/default"
TIP: Final = ("--depth=1", f"--filter=blob:limit={paths.MAX_BYTES + 1}")
HISTORY: Final = ("--unshallow", "--filter=tree:0")
_FOLDER_OR_URL = "--repository"
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
[fetch]
	unpackLimit = 1
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
        "does not serve that commit by its hash",
        "name a branch or a tag with --revision",
    ),
    r"error: 30\d|redirect": ("redirects elsewhere", "name the URL to which it redirects"),
    r"not found|error: 404|does not appear to be a git": (
        "has no such repository, or hides it",
        "check the URL, and whether it needs credentials",
    ),
    r"protected|declined|remote rejected": (
        "refuses the commit",
        "do its rules for branches let these credentials push?",
    ),
    r"certificate": (
        "has a certificate that is not trusted",
        "SSL_CERT_FILE names the file of another authority",
    ),
}


class RemoteRepository:
    """The private folder of a URL. The object removes it when it goes.

    Raises:
        UsageError: the URL or the credentials are unusable.
        RepositoryError: no folder can be made.
    """

    def __init__(
        self, url: str, access: GitAccess, redactor: Redactor, *, option: str = _FOLDER_OR_URL
    ) -> None:
        _check(url, option)
        access.variables(url, redactor, os.environ)
        self.url = url
        self._access, self._redactor = access, redactor
        self.root = _folder()
        weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)
        _make(self.root, url)

    def variables(self) -> dict[str, str]:
        """The whole configuration of git; files with credentials are read again."""
        credentials = self._access.variables(self.url, self._redactor, os.environ)
        return isolated(self.root) | _CLOSED | credentials

    def fetch(
        self,
        options: tuple[str, ...],
        refspecs: tuple[str, ...],
        fail: Callable[[str], NoReturn] | None = None,
    ) -> None:
        """Fetch from the URL.

        Args:
            options: TIP for a commit without its history and without files that are too large to be read, or HISTORY
                for all commits before it, without files.
            fail: raises what the words of git mean, in place of `self.fail`.

        Raises:
            RepositoryError: the server refuses, or sends too much.
        """
        with git.opened(self.root, private=False) as clone:
            clone.repo.git.update_environment(**self.variables())
            done = bounded(
                clone.repo.git, "fetch", self.url,
                "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc", "--no-write-fetch-head",
                *options, "origin", *refspecs,
            )  # fmt: skip
        if done.status:
            (fail or self.fail)(done.errors)

    def fail(self, text: str) -> NoReturn:
        """Raise what the words of git mean."""
        _fail(self.url, text)


_CLOSED = {"GIT_ALLOW_PROTOCOL": "https:ssh", "GIT_PROTOCOL_FROM_USER": "0"}


def _folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="reconciler-fetch-"))
    except OSError as error:
        hint = "set TMPDIR to a folder that can be written"
        raise RepositoryError(f"nothing can be fetched: {error.strerror}", hint=hint) from None


def _check(url: str, option: str) -> None:
    if _URL.fullmatch(url) and ".." not in url.split("/"):
        return
    if "@" in url.removeprefix("https://").split("/")[0] and url.startswith("https://"):
        raise UsageError(
            f"{option}: a URL must not contain credentials",
            hint="put the token into a file: --git-token-file",
        )
    if "://" not in url and "@" in url:
        raise UsageError(
            f"{option}: it is not a URL",
            hint="write ssh://HOST/PATH (many forges take git@HOST) in place of HOST:PATH; credentials come from files",
        )
    folder = "neither a folder nor a URL" if option == _FOLDER_OR_URL else "not a URL"
    raise UsageError(
        f"{option}: it is {folder} that can be fetched",
        hint="https://HOST/PATH or ssh://HOST/PATH (many forges take git@HOST); credentials come from files",
    )


def _make(root: Path, url: str) -> None:
    """A bare repository with nothing but the URL."""
    (root / "refs").mkdir()
    (root / "objects/info").mkdir(parents=True)
    (root / "HEAD").write_text(f"ref: {DEFAULT}\n")
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
