"""One run: everything that a report needs, and nothing that must not be printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.errors import ExitCode, ReconcilerError, worst
from reconciler.model.change import Change, Outcome
from reconciler.model.finding import Finding
from reconciler.model.revision import Revision
from reconciler.model.rotation import SecretRow
from reconciler.model.verbs import Verb


@dataclass(frozen=True, slots=True)
class ClusterIdentity:
    """Which cluster answered."""

    name: str  # `prod-eu`, `directory:.demo/prod`
    uid: str = ""


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """What the record says of the last apply."""

    revision: str = ""
    applied: str = ""  # RFC 3339; "" when nothing was ever applied
    lost: bool = False  # objects of ours are there, the record is not: causes are unknown
    key_lost: bool = (
        False  # fingerprints are on record, their key is not there: no rotation can be seen
    )


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
    """Which CRD judged the manifests of a kind: `2026-07-24 (pinned)`, `live, 2026-04-19`."""

    crd: str
    label: str


@dataclass(frozen=True, slots=True)
class EnvironmentRun:
    """One environment of a run.

    Attributes:
        files: how many templates were rendered.
        objects: how many manifests came out.
        changes: one per object of git, and one per object that is kept, without the bodies, which hold values that
            nobody masked; empty where the command does not look.
        outcomes: of apply, in the order of the changes.
        notes: what could not be checked, and why; sentences.
    """

    name: str
    exit_code: ExitCode
    cluster: ClusterIdentity | None = None
    record: RecordSummary | None = None
    files: int = 0
    objects: int = 0
    schemas: tuple[SchemaUsed, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), metadata={"key": "diagnostics"})
    changes: tuple[Change, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    secrets: tuple[SecretRow, ...] = ()
    notes: tuple[str, ...] = ()
    error: RunError | None = field(default=None, metadata={"key": "problem"})
    exit_reasons: tuple[str, ...] = ()  # words of failOn, or what failed: "drift", "missing key"


@dataclass(frozen=True, slots=True)
class Run:
    """Several environments, one verb.

    Attributes:
        started, finished: RFC 3339 UTC; the only things that differ between equal runs.
    """

    verb: Verb = field(metadata={"key": "command"})
    version: str
    revision: Revision
    environments: tuple[EnvironmentRun, ...]
    started: str = ""
    finished: str = ""
    differences: int = ExitCode.DIFFERENCES  # what `--diff-exit-code` says

    @property
    def exit_code(self) -> int:
        code = worst([e.exit_code for e in self.environments])
        return self.differences if code is ExitCode.DIFFERENCES else code
