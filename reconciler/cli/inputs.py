"""The options that select the sources and the cluster. This module imports nothing large."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?://|:)", re.IGNORECASE)  # `https://`, `ext::`


@dataclass(frozen=True, slots=True)
class Inputs:
    """The options that select the sources and the cluster.

    Attributes:
        repository: a folder, or the URL of a git repository.
        git_token_file, git_user, git_key_file, git_known_hosts_file: credentials for a URL, see `GitAccess`.
        trust: a git revision that decides the settings of the environments.
        cluster: `directory:PATH` or `kubernetes[:CONTEXT]`.
        against: the folder of a snapshot, which is read in place of a cluster.
        timeout: seconds for one request with all its retries.
        crds: files and folders with CRDs that replace the pinned and the newest ones.
    """

    repository: str = "."
    revision: str = ""
    git_token_file: str = ""
    git_user: str = ""
    git_key_file: str = ""
    git_known_hosts_file: str = ""
    trust: str = ""
    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    against: str = ""
    timeout: float = 60.0
    insecure_skip_tls_verify: bool = False
    crds: tuple[str, ...] = ()

    @property
    def is_remote(self) -> bool:
        """Whether the repository is meant as a URL rather than as a folder."""
        return _SCHEME.match(self.repository) is not None

    @property
    def folder(self) -> str:
        """The folder of the repository; for a URL the working directory."""
        return "." if self.is_remote else self.repository

    def sources(self) -> tuple[str, ...]:
        """The options that select the sources, for a suggested command."""
        return _typed(("-C", self.repository if self.repository != "." else ""))

    def target(self) -> tuple[str, ...]:
        """The options that select the cluster, for a suggested command."""
        return _typed(
            ("--kubeconfig", self.kubeconfig),
            ("--context", self.context),
            ("--cluster", self.cluster),
        )


def _typed(*options: tuple[str, str]) -> tuple[str, ...]:
    return tuple(word for name, value in options if value for word in (name, value))
