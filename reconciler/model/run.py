"""A run: everything that a report needs, without any secret."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime

from reconciler.errors import ExitCode, ReconcilerError, worst
from reconciler.frozen import dataclass
from reconciler.model.change import Change, Outcome
from reconciler.model.command import Invocation, kubectl
from reconciler.model.environment import ClusterTarget, ClusterType
from reconciler.model.finding import Finding
from reconciler.model.history import Event
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.impact import Affected
from reconciler.model.live import LiveFinding, UnmanagedObject
from reconciler.model.resolution import Certificate, ConsumerSecret, ExternalSecret
from reconciler.model.revision import Revision
from reconciler.model.rotation import SecretRow
from reconciler.model.sealed import Moved, SealedPlan
from reconciler.model.stamp import Stamped
from reconciler.model.trust import Trust
from reconciler.model.unchecked import Unchecked
from reconciler.model.verbs import Verb


@dataclass(frozen=True, slots=True)
class ClusterIdentity:
    """The cluster that a run read.

    Attributes:
        name: `prod-eu`, `directory:.demo/prod`.
        context: of the kubeconfig, if the environment or the command line names one.
        folder: of a directory cluster; "" for an API server.
        options: those that kubectl needs to reach it, besides the context.
    """

    name: str
    uid: str = ""
    context: str = ""
    folder: str = ""
    options: tuple[str, ...] = ()

    @classmethod
    def of(cls, target: ClusterTarget, name: str, uid: str = "") -> ClusterIdentity:
        """The cluster of an environment, by the name that its adapter gives it."""
        if target.type is ClusterType.DIRECTORY:
            return cls(name, uid, folder=name.removeprefix("directory:"))
        return cls(name, uid, "" if target.pod else target.context, options=target.options)

    def kubectl(self, *words: str) -> str:
        """A command for this cluster, to copy into a shell."""
        context = ("--context", self.context) if self.context else ()
        return kubectl((*self.options, *context), *words)

    def file(self, endpoint: Endpoint, ref: ObjectRef) -> str:
        """The file of an object in a directory cluster; "" for an API server, to which kubectl talks."""
        if not self.folder:
            return ""
        return f"{self.folder}/{ref.namespace}/{endpoint.crd_name}/{ref.name}.yaml"


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """The last apply, according to the stored record.

    Attributes:
        revision, applied: of the last run that applied every object; RFC 3339, "" before the first one.
        partial: there has been no such run, but some objects are on record.
        lost: live objects are ours, but there is no record of them, so the causes of changes are unknown.
        unreadable: there may be a record, which this run could not read; the notes say why.
        key_lost: the record has fingerprints but their key is missing, so no rotation can be detected.
    """

    revision: str = ""
    applied: str = ""
    lost: bool = False
    key_lost: bool = False
    partial: bool = False
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class RunError:
    """An error that stopped one environment."""

    message: str
    hint: str = ""
    where: str = ""
    exit_code: ExitCode = ExitCode.BUG

    @classmethod
    def of(cls, error: ReconcilerError) -> RunError:
        return cls(error.message, error.hint, error.where, error.exit_code)


@dataclass(frozen=True, slots=True)
class SchemaUsed:
    """The CRD that validated the manifests of a kind, and its source: `2026-07-24, pinned`, `live, 2026-04-19`."""

    crd: str
    label: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an apply would end with, and why: "refused", "not ready"."""

    exit_code: ExitCode
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnvironmentRun:
    """One environment of a run.

    Attributes:
        revision: what was read from git, if the run combines others that read something else; None otherwise.
        files: the number of rendered templates.
        objects: the number of manifests.
        changes: one for each object in git, and one for each object that is kept; empty if the verb reads no cluster.
        outcomes: of apply, in the order of the changes.
        stamps: one for each provider with a rotated key, if the verb or the policy stamps.
        consumer_secrets: the keys that consumers read elsewhere than the operators of their providers.
        external_secrets: those that write Secrets of providers.
        notes: what the run could not decide, and why; sentences.
        traced: the objects and Secrets whose consumers the report names.
        affected: their consumers, one for each reference that leads to them.
        unchecked: what the run could not look at; each is counted.
        live_findings: what the policy forbids in live objects of ours.
        unmanaged: objects of managed kinds that are neither in git nor ours.
        only: the objects that `--only` selects, the only ones that the run looked at; () without it.
        uncommitted: an apply would refuse the sources, since they differ from their commit.
        not_in_sync: why the environment is not in sync, in a few words each; () if it is.
        exit_reasons: values of `failOn`, or what failed: "drift", "missing key".
        newer: the revision applied last, if the history of this one lacks it: an apply then refuses this one.
        unproven: the earlier environments that have not proven the revision, so that an apply would refuse it.
        forecast: in a review, what an apply would end with; None if it would end well.
        observed: the field manager of another tool that applies the environment; "" if apply does.
        trust: with `--trust`, the revision that decided the settings; None without it.
        plan_id: of the plan of a review; "" if there is none, or nothing says what it would store.
        reviewed: the id of the plan that the run was held to; "" if there is none.
        moved: what is no longer as it was reviewed, so that nothing was written.
        sealed: the plan as a plan file holds it; None if there is no plan, or the verb seals none.
        history: what this and earlier reports told, if they are combined; the newest first.
        warnings: on the connection to the cluster: TLS that is not verified, a kubeconfig that others can read.
        requests: to the API server, with every repetition; None without one. Equal runs may differ in it.
    """

    name: str
    exit_code: ExitCode
    cluster: ClusterIdentity | None = None
    record: RecordSummary | None = None
    revision: Revision | None = None
    files: int = 0
    objects: int = 0
    schemas: tuple[SchemaUsed, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), metadata={"key": "diagnostics"})
    changes: tuple[Change, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    secrets: tuple[SecretRow, ...] = ()
    stamps: tuple[Stamped, ...] = ()
    consumer_secrets: tuple[ConsumerSecret, ...] = ()
    external_secrets: tuple[ExternalSecret, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    notes: tuple[str, ...] = ()
    error: RunError | None = field(default=None, metadata={"key": "problem"})
    exit_reasons: tuple[str, ...] = ()
    trust: Trust | None = None
    observed: str = ""
    unchecked: tuple[Unchecked, ...] = ()
    traced: tuple[ObjectRef, ...] = ()
    affected: tuple[Affected, ...] = ()
    live_findings: tuple[LiveFinding, ...] = ()
    unmanaged: tuple[UnmanagedObject, ...] = ()
    only: tuple[ObjectRef, ...] = ()
    uncommitted: bool = False
    unproven: tuple[str, ...] = ()
    newer: str = ""
    forecast: Forecast | None = None
    not_in_sync: tuple[str, ...] = ()
    plan_id: str = ""
    reviewed: str = ""
    moved: tuple[Moved, ...] = ()
    sealed: SealedPlan | None = None
    history: tuple[Event, ...] = ()
    warnings: tuple[str, ...] = ()
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One verb over several environments.

    Attributes:
        started, finished: RFC 3339 UTC; equal runs differ only in these two.
        differences: the exit code of `--diff-exit-code`.
        invocation: what printed commands repeat.
    """

    verb: Verb = field(metadata={"key": "command"})
    version: str
    revision: Revision
    environments: tuple[EnvironmentRun, ...]
    started: str = ""
    finished: str = ""
    differences: int = ExitCode.DIFFERENCES
    invocation: Invocation = field(default_factory=Invocation)

    @property
    def exit_code(self) -> int:
        code = worst([e.exit_code for e in self.environments])
        return self.differences if code is ExitCode.DIFFERENCES else code

    def failed(self) -> Run:
        """The run with only the environments that an error stopped."""
        return replace(self, environments=tuple(e for e in self.environments if e.error))

    @property
    def seconds(self) -> float | None:
        """How long the run took, to a millisecond; None without both times."""
        try:
            took = datetime.fromisoformat(self.finished) - datetime.fromisoformat(self.started)
        except (ValueError, TypeError):
            return None
        return round(took.total_seconds(), 3)
