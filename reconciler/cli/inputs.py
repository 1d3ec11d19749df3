"""The options that select the sources and the cluster. This module imports nothing large."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.command import Invocation


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
        )
