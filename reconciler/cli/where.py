"""Which sources and which cluster a command line means: read before anything heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """Which sources, and which cluster: the options that every command shares."""

    repository: str = "."
    revision: str = ""
    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""  # directory:PATH or kubernetes[:CONTEXT]
    timeout: float = 60.0
    insecure_skip_tls_verify: bool = False
    crds: tuple[
        str, ...
    ] = ()  # files and folders of CRDs, instead of the pinned and the newest ones
