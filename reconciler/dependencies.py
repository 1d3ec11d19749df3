"""What `cli` passes to the pipeline: the dependencies of a run, and the options of the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.errors import ExitCode
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.command import Invocation
from reconciler.model.environment import ClusterTarget, Environment, PrunePolicy
from reconciler.model.finding import Severity
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.model.shard import UNDIVIDED, Shard
from reconciler.model.verbs import Verb
from reconciler.ports import Clock, Cluster, Holder, Renderer, Repository, Stop
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.crds import CrdInUse
from reconciler.text.addresses import Addressed

if TYPE_CHECKING:
    from reconciler.consumer import Consumer
    from reconciler.model.record.rotations import Moment
    from reconciler.model.sealed import SealedPlan


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The adapters of a run, and functions that depend on the command line.

    Attributes:
        root: the folder of the configuration repository, to which the path of a directory cluster is relative.
        kinds: the managed kinds.
        crds_for: returns the CRDs of some kinds: those that an environment pins, or else the newest; reads no cluster.
        label_live: labels a live CRD with its era.
        target: returns the cluster that the command line or else the environment names.
        target_of_earlier: the cluster of an environment that the command line does not name: its own.
        connect: opens the cluster of an environment.
        progress: shows on a terminal or in a log what an environment is doing; "" when it is done.
        invocation: what printed commands repeat.
        trusted: the revision of `--trust`, which decides the settings of every environment.
        consumers: the kinds of consumers, for a verb that reads them.
    """

    root: Path
    repository: Repository
    renderer: Renderer
    clock: Clock
    holder: Holder
    stop: Stop
    kinds: Mapping[GroupKind, Kind]
    crds_for: Callable[[Environment, AbstractSet[GroupKind]], Mapping[GroupKind, CrdInUse]]
    label_live: Callable[[Crd], CrdInUse]
    target: Callable[[Environment], ClusterTarget]
    target_of_earlier: Callable[[Environment], ClusterTarget]
    connect: Callable[[Environment], Cluster]
    version: str
    invocation: Invocation = field(default_factory=Invocation)
    progress: Callable[[str, str], None] = lambda _environment, _doing: None
    trusted: Repository | None = None
    consumers: Mapping[GroupKind, Consumer] = field(default_factory=dict)

    def now(self) -> str:
        """RFC 3339, UTC, whole seconds."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def revision(self) -> str:
        """The revision for the record: a commit, with `+dirty` if the working tree differs from it."""
        revision = self.repository.revision
        return f"{revision.commit}+dirty" if revision.dirty else revision.commit

    @property
    def moment(self) -> Moment:
        """Now, with the revision, for the record."""
        from reconciler.model.record.rotations import Moment

        return Moment(self.now(), self.revision)


@dataclass(frozen=True, slots=True)
class PruneOptions:
    """What the command line says about deletions.

    Attributes:
        enabled: overrides the policy; None leaves it.
        limit: the number of objects that one run may delete; None for the limits of the policy.
        allow_rollback: apply and delete although this revision may be older than the one that was applied last.
    """

    enabled: bool | None = None
    limit: int | None = None
    allow_rollback: bool = False

    def words(self) -> Iterator[tuple[str, ...]]:
        """The options again, for a command that means the same."""
        if self.enabled is not None:
            yield ("--prune" if self.enabled else "--no-prune",)
        if self.limit is not None:
            yield "--prune-limit", str(self.limit)
        if self.allow_rollback:
            yield ("--allow-rollback",)

    def applied_to(self, policy: PrunePolicy) -> PrunePolicy:
        """The policy of this run."""
        return policy if self.enabled is None else replace(policy, enabled=self.enabled)


@dataclass(frozen=True, slots=True)
class Options:
    """The verb and its options.

    Attributes:
        full: dry-run every object on the server, even those that the no-op proof shows to be unchanged.
        only: addresses in lower case, short (`provider/omnia/claude`) or with the group; empty for every object.
        take: fields of the only object that apply takes over from others, `spec.model`.
        addresses: of Secrets and objects, whose consumers `impact` shows; in lower case; empty for all.
        allow_dirty: apply a working tree that differs from its commit to an API server, too.
        promote_anyway: apply a revision that the earlier environments have not proven.
        environments: of the command line; all of them are run.
        ready_wait: seconds to wait until what was applied is ready.
        lock_wait: seconds to wait for the lock of an environment.
        severity: the least severe finding that fails `validate`.
        differences: the exit code for differences.
        prune: about objects that git no longer has.
        shard: the share of the environments that this run takes; all are compared with each other.
        reviewed: the plan to which the verb is held.
    """

    verb: Verb
    full: bool = False
    only: frozenset[str] = frozenset()
    take: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    allow_dirty: bool = False
    promote_anyway: bool = False
    environments: tuple[str, ...] = ()
    ready_wait: float = 0.0
    lock_wait: float = 0.0
    severity: Severity = Severity.ERROR
    differences: int = ExitCode.DIFFERENCES
    prune: PruneOptions = PruneOptions()
    shard: Shard = UNDIVIDED
    reviewed: SealedPlan | None = None

    def repeated(self, invocation: Invocation) -> Invocation:
        """What a printed command repeats, with the options of this run."""
        return replace(
            invocation,
            only=tuple(sorted(self.only)),
            full=self.full,
            overrides=(
                *self.prune.words(),
                *(("--take", field) for field in sorted(self.take)),
            ),
        )

    def selected(self, manifests: tuple[Manifest, ...]) -> tuple[Manifest, ...]:
        """The manifests that `only` names.

        Raises:
            UsageError: git has no object with this address, or several.
        """
        if not self.only:
            return manifests
        refs = {manifest.ref for manifest in manifests}
        selected = {_IN_GIT.among(refs, address) for address in sorted(self.only)}
        return tuple(manifest for manifest in manifests if manifest.ref in selected)


_IN_GIT = Addressed("git has", "git has no such object", "it has", option="--only ")
