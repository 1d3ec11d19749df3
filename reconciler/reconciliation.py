"""One environment on its way through the pipeline: a value that each step returns with its own part filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.errors import ExitCode
from reconciler.model.change import Outcome, Plan
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, errors_in
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observed, ResolvedSecret
from reconciler.model.record import Record, RecordedObject
from reconciler.model.rotation import SecretRow
from reconciler.model.run import ClusterIdentity, EnvironmentRun, RunError, SchemaUsed
from reconciler.model.secret import Keyring
from reconciler.ports import Cluster
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.record import Recalled
from reconciler.stages.validate.crds import CrdInUse


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One environment, as far as the steps have come.

    Attributes:
        manifests: every object that git describes; `selected` are those that this run is about.
        findings: on the definitions, in order.
        unreadable: an object could not be read at all, so the cluster is left alone.
        crds: the CRD that judges each kind: the environment's pins, then those of the cluster.
        cluster: None until it is connected.
        cluster_crds: the CRDs that the cluster serves; a kind that is not among them is not installed.
        recalled: what the last run left in the cluster.
        keyring: None where there is no fingerprint key, or it may not be read.
        resolved: the Secret references with what they resolve to; `secrets` compares them with the record.
        plan: None until it is made; nothing is applied without one.
        applied: what the record keeps of each object that was written.
        record: what this run leaves for the next; None where it leaves nothing.
        error: what stopped this environment.
    """

    environment: Environment
    manifests: tuple[Manifest, ...] = ()
    findings: tuple[Finding, ...] = ()
    unreadable: bool = False
    crds: Mapping[GroupKind, CrdInUse] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    selected: tuple[Manifest, ...] = ()
    cluster: Cluster | None = None
    cluster_uid: str = ""
    cluster_crds: Mapping[GroupKind, Crd] = field(default_factory=dict)
    recalled: Recalled | None = None
    keyring: Keyring | None = None
    key_notes: tuple[str, ...] = ()
    resolved: tuple[ResolvedSecret, ...] = ()
    secrets: tuple[SecretRow, ...] = ()
    observed: Observed = field(default_factory=Observed)
    record_lost: bool = False
    plan: Plan | None = None
    outcomes: tuple[Outcome, ...] = ()
    applied: Mapping[ObjectRef, RecordedObject] = field(default_factory=dict)
    record: Record | None = None
    error: RunError | None = None

    @property
    def name(self) -> str:
        return self.environment.name

    @property
    def invalid(self) -> bool:
        """Whether the definitions have errors: then the cluster is left alone."""
        return bool(errors_in(self.findings))

    @property
    def connection(self) -> Cluster:
        """The cluster, for the steps behind `connect`."""
        assert self.cluster is not None  # noqa: S101 -- the order of the steps guarantees it
        return self.cluster

    @property
    def memory(self) -> Recalled:
        """What the last run left, for the steps behind `recall`."""
        assert self.recalled is not None  # noqa: S101 -- the order of the steps guarantees it
        return self.recalled

    @property
    def key_lost(self) -> bool:
        """Whether fingerprints are on record and their key is gone: no rotation can be seen."""
        return self.keyring is None and bool(self.recalled and self.recalled.has_fingerprints)

    def summary(self) -> EnvironmentRun:
        """What a report says of it; the exit code is for the verdict to decide."""
        environment, recalled = self.environment, self.recalled
        kinds_in_git = {manifest.ref.group_kind for manifest in self.manifests}
        return EnvironmentRun(
            name=environment.name,
            exit_code=ExitCode.OK,
            cluster=ClusterIdentity(self.cluster.name, self.cluster_uid) if self.cluster else None,
            record=recalled.summary(lost=self.record_lost, key_lost=self.key_lost)
            if recalled and self.plan
            else None,
            files=len(environment.templates),
            objects=len(self.manifests),
            schemas=tuple(
                SchemaUsed(used.crd.name, used.label)
                for kind, used in sorted(self.crds.items(), key=lambda pair: pair[0])
                if kind in kinds_in_git
            ),
            findings=self.findings,
            changes=self.plan.printable() if self.plan else (),
            outcomes=self.outcomes,
            secrets=self.secrets,
            notes=(
                *(self.cluster.warnings if self.cluster else ()),
                *self.notes,
                *(recalled.notes if recalled else ()),
                *self.key_notes,
                *self.observed.notes,
            ),
            error=self.error,
        )
