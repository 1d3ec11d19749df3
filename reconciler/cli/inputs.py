"""The options that select the sources and the cluster. This module imports nothing large."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Inputs:
    """The options that select the sources and the cluster.

    Attributes:
        trust: a git revision that decides the settings of the environments.
        cluster: `directory:PATH` or `kubernetes[:CONTEXT]`.
        against: the folder of a snapshot, which is read in place of a cluster.
        timeout: seconds for one request with all its retries.
        crds: files and folders with CRDs that replace the pinned and the newest ones.
    """

    repository: str = "."
    revision: str = ""
    trust: str = ""
    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    against: str = ""
    timeout: float = 60.0
    insecure_skip_tls_verify: bool = False
    crds: tuple[str, ...] = ()

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
