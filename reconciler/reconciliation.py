"""The state of one environment in the pipeline. Each step returns it with the result of that step added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from reconciler.errors import ExitCode
from reconciler.frozen import dataclass
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, errors_in
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.impact import Consumed, Traced
from reconciler.model.live import LiveFinding, UnmanagedObject
from reconciler.model.manifest import Manifest
from reconciler.model.rotation import SecretRow, reported
from reconciler.model.run import ClusterIdentity, EnvironmentRun, RunError, SchemaUsed
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.unchecked import unchecked_consumers, unchecked_secrets
from reconciler.stages.validate.crds import CrdInUse

if TYPE_CHECKING:  # without a cluster none of these is ever made
    from reconciler.model.change import Outcome, Plan
    from reconciler.model.observation import Observed, SecretsRead
    from reconciler.model.record import Record, RecordedObject, SecretKey
    from reconciler.model.resolution import Certificate, ConsumerSecret
    from reconciler.model.sealed import Moved, SealedPlan
    from reconciler.model.secret import Keyring
    from reconciler.model.stamp import Stamped
    from reconciler.model.unchecked import Unchecked
    from reconciler.ports import Cluster
    from reconciler.stages.lock import Lock
    from reconciler.stages.record import StoredRecord


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One environment, with the results of the steps that have run.

    Attributes:
        manifests: every object that git describes.
        findings: on the sources, ordered by location.
        uncommitted: an apply would refuse the sources, since they differ from their commit.
        newer: the revision applied last, if the history of this one lacks it: an apply then refuses this one.
        unproven: the earlier environments that have not proven the revision, so that an apply would refuse it.
        unreadable: the sources contain an object that cannot be read, so the run does not read the cluster.
        crds: the CRD that validates each kind: the pinned or newest one, then the live one.
        selected: the manifests that `--only` selects; all of them without it.
        limited: this is a run with `--only`, which looks at nothing else.
        cluster: None until the step `connect`.
        lock: None if this run takes none, or has released it.
        cluster_crds: the CRDs that the cluster serves; a kind without one is not installed.
        crds_unchecked: the CRDs that may not be read; the pinned ones take their place.
        stored: the record that the previous run wrote; None until the step `read_record`.
        consumed: the consumers of the objects in git and in the record.
        traced: who is affected by what the run reports.
        keyring: None if the fingerprint key does not exist or may not be read.
        key_unchecked: it may not be read, and the verb reports rotations.
        key_hidden: it may not be read, and the verb does not need it.
        draft_keyring: the key that the step `make_key` will store, if there is none.
        read: what each Secret reference resolves to, for operators and for consumers; None until `read_secrets`.
        consumer_secrets: the keys that consumers read elsewhere than operators.
        secrets: the references, as operators and as consumers resolve them, compared with the stored record.
        observed: the live objects; None until the step `observe`.
        live_findings, unmanaged: what the policy says about live objects.
        plan: None until the step `plan`; without a plan nothing is applied.
        sealed: the plan as a plan file holds it, for a verb that seals it.
        reviewed, moved: the id of the reviewed plan that the run must follow, and the differences from it.
        stamps: what was done about the providers with a rotated key.
        applied: the record's entry for each object that was applied.
        pods_unchecked: the consumers that may or may not have a rotated key.
        picked_up: the keys whose open rotation every consumer has picked up.
        deleted: the objects that this run deleted, since git no longer has them.
        record: the record that this run writes; None if it writes none.
        error: the error that stopped this environment.
    """

    environment: Environment
    manifests: tuple[Manifest, ...] = ()
    findings: tuple[Finding, ...] = ()
    uncommitted: bool = False
    unproven: tuple[str, ...] = ()
    newer: str = ""
    unreadable: bool = False
    crds: Mapping[GroupKind, CrdInUse] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    selected: tuple[Manifest, ...] = ()
    limited: bool = False
    cluster: Cluster | None = None
    cluster_uid: str = ""
    lock: Lock | None = None
    cluster_crds: Mapping[GroupKind, Crd] = field(default_factory=dict)
    crds_unchecked: tuple[Unchecked, ...] = ()
    stored: StoredRecord | None = None
    consumed: Consumed = field(default_factory=Consumed)
    traced: Traced = field(default_factory=Traced)
    keyring: Keyring | None = None
    draft_keyring: Keyring | None = None
    key_notes: tuple[str, ...] = ()
    key_unchecked: tuple[Unchecked, ...] = ()
    key_hidden: bool = False
    read: SecretsRead | None = None
    consumer_secrets: tuple[ConsumerSecret, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    secrets: tuple[SecretRow, ...] = ()
    observed: Observed | None = None
    live_findings: tuple[LiveFinding, ...] = ()
    unmanaged: tuple[UnmanagedObject, ...] = ()
    record_lost: bool = False
    plan: Plan | None = None
    sealed: SealedPlan | None = None
    reviewed: str = ""
    moved: tuple[Moved, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    stamps: tuple[Stamped, ...] = ()
    applied: Mapping[ObjectRef, RecordedObject] = field(default_factory=dict)
    pods_unchecked: tuple[Unchecked, ...] = ()
    picked_up: frozenset[SecretKey] = frozenset()
    deleted: frozenset[ObjectRef] = frozenset()
    record: Record | None = None
    error: RunError | None = None

    @property
    def name(self) -> str:
        return self.environment.name

    @property
    def invalid(self) -> bool:
        """Whether the sources have errors, so that nothing is written."""
        return bool(errors_in(self.findings))

    @property
    def is_new(self) -> bool:
        """Whether the trusted revision lacks the environment, so that the run must not use its cluster."""
        return bool(self.environment.trust and self.environment.trust.is_new)

    @property
    def connection(self) -> Cluster:
        """The cluster, for the steps after `connect`."""
        assert self.cluster is not None  # noqa: S101 -- the order of the steps guarantees it
        return self.cluster

    @property
    def cluster_identity(self) -> ClusterIdentity | None:
        """The cluster as reports name it; None before the step `connect`."""
        if self.cluster is None:
            return None
        return ClusterIdentity.of(self.environment.cluster, self.cluster.name, self.cluster_uid)

    def lock_lost(self) -> bool:
        """Whether this run may no longer write, because it has lost its lock."""
        return self.lock is not None and self.lock.lost

    @property
    def stored_record(self) -> StoredRecord:
        """The stored record, for the steps after `read_record`."""
        assert self.stored is not None  # noqa: S101 -- the order of the steps guarantees it
        return self.stored

    @property
    def secrets_read(self) -> SecretsRead:
        """What the Secret references resolve to, for the steps after `read_secrets`."""
        assert self.read is not None  # noqa: S101 -- the order of the steps guarantees it
        return self.read

    @property
    def observation(self) -> Observed:
        """The live objects, for the steps after `observe`."""
        assert self.observed is not None  # noqa: S101 -- the order of the steps guarantees it
        return self.observed

    @property
    def key_lost(self) -> bool:
        """Whether the record has fingerprints but their key is missing, so that no rotation can be detected."""
        may_exist = self.keyring is not None or bool(self.key_unchecked) or self.key_hidden
        return not may_exist and bool(self.stored and self.stored.has_fingerprints)

    @property
    def rotations_unchecked(self) -> tuple[Unchecked, ...]:
        """What a lost record leaves unknown; nothing if no object refers to a Secret."""
        if self.stored and self.record_lost and self.read and self.read.resolved:
            return (self.stored.unchecked_rotations(),)
        return ()

    def summary(self) -> EnvironmentRun:
        """The report of this environment, before `stages.verdict` sets its exit code."""
        environment, stored = self.environment, self.stored
        return EnvironmentRun(
            name=environment.name,
            exit_code=ExitCode.OK,
            cluster=self.cluster_identity,
            record=stored.summary(lost=self.record_lost, key_lost=self.key_lost)
            if stored and self.plan
            else None,
            files=len(environment.templates),
            objects=len(self.manifests),
            schemas=self._schemas(),
            findings=self.findings,
            changes=self.plan.printable() if self.plan else (),
            outcomes=self.outcomes,
            stamps=self.stamps,
            consumer_secrets=self.consumer_secrets,
            external_secrets=self.read.external if self.read else (),
            certificates=self.certificates,
            secrets=reported(self.secrets),
            notes=tuple(self._notes()),
            warnings=self.cluster.warnings if self.cluster else (),
            error=self.error,
            trust=environment.trust,
            observed=environment.observed,
            unchecked=tuple(self._unchecked()),
            traced=self.traced.roots,
            affected=self.traced.rows,
            live_findings=self.live_findings,
            unmanaged=self.unmanaged,
            only=tuple(manifest.ref for manifest in self.selected) if self.limited else (),
            uncommitted=self.uncommitted,
            unproven=self.unproven,
            newer=self.newer,
            plan_id=self.sealed.id if self.sealed and self.sealed.is_bound else "",
            reviewed=self.reviewed,
            moved=self.moved,
            sealed=self.sealed,
            requests=self.cluster.requests if self.cluster else None,
        )

    def _schemas(self) -> tuple[SchemaUsed, ...]:
        """The CRDs of the kinds in git."""
        kinds = {manifest.ref.group_kind for manifest in self.manifests}
        used = [self.crds[kind] for kind in sorted(self.crds.keys() & kinds)]
        return tuple(SchemaUsed(each.crd.name, each.label) for each in used)

    def _notes(self) -> Iterator[str]:
        yield from self.cluster.unchecked if self.cluster else ()
        yield from self.notes
        yield from self.stored.notes if self.stored else ()
        yield from self.key_notes
        yield from self.observed.notes if self.observed else ()

    def _unchecked(self) -> Iterator[Unchecked]:
        """What the steps could not look at."""
        yield from self.crds_unchecked
        if self.observed:
            yield from self.observed.unchecked
        if self.read:
            yield from unchecked_secrets((*self.read.resolved, *self.consumer_secrets))
            yield from self.read.unchecked
        yield from self.key_unchecked
        yield from self.rotations_unchecked
        yield from unchecked_consumers(self.consumed)
        yield from self.pods_unchecked
