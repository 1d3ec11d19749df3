"""The options that select the sources and the cluster. This module imports nothing large."""

from __future__ import annotations

import re

from reconciler.frozen import dataclass
from reconciler.model.command import Invocation

# `https://`, `ext::`; and `git@HOST:PATH` or `NAME:TOKEN@HOST`, which are refused without a word of them.
_URL = re.compile(r"[a-z][a-z0-9+.-]*:(?://|:)|(?=[^/]*:)[^/]*@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The options that select the sources and the cluster.

    Attributes:
        repository: a folder, or the URL of a git repository.
        git_token_file, git_user, git_key_file, git_known_hosts_file: credentials for a URL, see `GitAccess`.
        git_signers_file: who may have signed the commits that are read, see `Signers`.
        trust: a git revision that decides the settings of the environments.
        cluster: `directory:PATH` or `kubernetes[:CONTEXT]`.
        against: the folder of a snapshot, which is read in place of a cluster.
        timeout: seconds for one request with all its retries.
        requests_per_second: to one API server, of all shards together; None for any number.
        crds: files and folders with CRDs that replace the pinned and the newest ones.
    """

    repository: str = "."
    revision: str = ""
    git_token_file: str = ""
    git_user: str = ""
    git_key_file: str = ""
    git_known_hosts_file: str = ""
    git_signers_file: str = ""
    trust: str = ""
    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    against: str = ""
    timeout: float = 60.0
    requests_per_second: int | None = None
    insecure_skip_tls_verify: bool = False
    crds: tuple[str, ...] = ()

    @property
    def is_remote(self) -> bool:
        """Whether the repository is meant as a URL rather than as a folder."""
        return _URL.match(self.repository) is not None

    @property
    def folder(self) -> str:
        """The folder of the repository; for a URL the working directory."""
        return "." if self.is_remote else self.repository

    def invocation(self) -> Invocation:
        """What a printed command must repeat."""
        return Invocation(
            self.repository if self.repository != "." else "",
            self.revision,
            self.trust,
            self.kubeconfig,
            self.context,
            self.cluster,
            self.insecure_skip_tls_verify,
            access=_typed(
                ("--git-token-file", self.git_token_file),
                ("--git-user", self.git_user),
                ("--git-key-file", self.git_key_file),
                ("--git-known-hosts-file", self.git_known_hosts_file),
                ("--git-signers-file", self.git_signers_file),
            ),
        )


def _typed(*options: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(option for option in options if option[1])
