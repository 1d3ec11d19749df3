"""What a command is given: everything from outside, opened by `cli`, and how it is to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import ExitCode, UsageError
from reconciler.kind import Kind
from reconciler.model.environment import ClusterTarget, Environment
from reconciler.model.finding import Severity
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.model.run import Command
from reconciler.ports import Clock, Cluster, Renderer, Repository, Stop
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.crds import CrdInUse


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything from outside.

    Attributes:
        root: of the configuration repository, for the folder of a directory cluster.
        in_use: the CRD of every kind for an environment, without a cluster.
        live: names a CRD that a cluster has.
        target: the cluster of an environment, unless the command line names another.
    """

    root: Path
    repository: Repository
    renderer: Renderer
    clock: Clock
    stop: Stop
    kinds: Mapping[GroupKind, Kind]
    in_use: Callable[[Environment], Mapping[GroupKind, CrdInUse]]
    live: Callable[[Crd], CrdInUse]
    target: Callable[[Environment], ClusterTarget]
    connect: Callable[[Environment], Cluster]
    version: str

    def now(self) -> str:
        """RFC 3339, UTC, whole seconds."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def revision(self) -> str:
        """What the record says was applied: a commit, with `+dirty` for a working tree that differs."""
        revision = self.repository.revision
        return f"{revision.commit}+dirty" if revision.dirty else revision.commit


@dataclass(frozen=True, slots=True)
class Options:
    """How a command runs.

    Attributes:
        dry_run: `apply` that writes nothing.
        record: `drift` that advances the record of the secrets.
        full: ask the server about every object, also where it provably stays as it is.
        only: addresses (`provider/omnia/claude`); empty means every object.
        severity: the least severe finding that fails `validate`.
        differences: the exit code for differences.
    """

    dry_run: bool = False
    record: bool = False
    full: bool = False
    only: frozenset[str] = frozenset()
    severity: Severity = Severity.ERROR
    differences: int = ExitCode.DIFFERENCES

    def writes(self, command: Command) -> bool:
        if command is Command.APPLY:
            return not self.dry_run
        return command is Command.DRIFT and self.record

    def selected(self, manifests: tuple[Manifest, ...]) -> tuple[Manifest, ...]:
        """The manifests that are meant.

        Raises:
            UsageError: `only` names an object that git does not have.
        """
        if not self.only:
            return manifests
        known = sorted(m.ref.address for m in manifests)
        if unknown := sorted(self.only - set(known)):
            raise UsageError(
                f"--only {unknown[0]}: git has no such object",
                hint=f"it has {', '.join(known[:10])}",
            )
        return tuple(m for m in manifests if m.ref.address in self.only)
