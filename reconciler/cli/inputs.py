"""Which sources and which cluster a command line means: read before anything heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Inputs:
    """Which sources, and which cluster: the options that every command shares."""

    repository: str = "."
    revision: str = ""
    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""  # directory:PATH or kubernetes[:CONTEXT]
    timeout: float = 60.0
    insecure_skip_tls_verify: bool = False
    crds: tuple[str, ...] = ()  # files and folders, instead of the pinned and the newest CRDs

    def sources(self) -> tuple[str, ...]:
        """The options as a user would type them again."""
        return _typed(("-C", self.repository if self.repository != "." else ""))

    def target(self) -> tuple[str, ...]:
        return _typed(
            ("--kubeconfig", self.kubeconfig),
            ("--context", self.context),
            ("--cluster", self.cluster),
        )


def _typed(*options: tuple[str, str]) -> tuple[str, ...]:
    return tuple(word for name, value in options if value for word in (name, value))
