"""What an environment is, as values; `stages/load.py` reads them from environment.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from reconciler.model.document import Document
from reconciler.model.finding import Finding
from reconciler.model.location import Location


class ClusterType(StrEnum):
    """An API server, or a folder that behaves like one."""

    DIRECTORY = "directory"
    KUBERNETES = "kubernetes"


class OnDrift(StrEnum):
    """A field that was ours and that someone else took or removed."""

    RECLAIM = "reclaim"  # git wins
    REFUSE = "refuse"  # leave the object alone and say so


class OnConflict(StrEnum):
    """A field that never was ours and that someone else owns with another value."""

    REFUSE = "refuse"
    TAKE = "take"


class FailOn(StrEnum):
    """What fails a check: `drift` ends with 1, and where it is about Secrets or readiness `apply` with 6."""

    DRIFT = "drift"
    CONFLICT = "conflict"
    MISSING_SECRET = "missing-secret"  # noqa: S105 -- a policy word, no secret
    ROTATION_OPEN = "rotation-open"
    NOT_READY = "not-ready"


class Attitude(StrEnum):
    """What to do where a manifest asks for something risky that works."""

    FORBID = "forbid"  # an error
    WARN = "warn"  # as the rule says by itself
    ALLOW = "allow"  # nothing is said


class Level(StrEnum):
    """The severity of a rule as an environment wants it."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ClusterTarget:
    """Which cluster an environment lives on.

    Attributes:
        context: of the user's own kubeconfig; empty means its current context, or in-cluster.
        path: of a directory cluster, absolute.
        uid: of the namespace kube-system; another cluster is an error. Empty: not checked.
    """

    type: ClusterType
    context: str = ""
    path: str = ""
    uid: str = ""

    def __str__(self) -> str:
        if self.type is ClusterType.DIRECTORY:
            return f"directory:{self.path}"
        return f"kubernetes:{self.context}" if self.context else "kubernetes"


DEFAULT_FAIL_ON = frozenset(
    {FailOn.DRIFT, FailOn.CONFLICT, FailOn.MISSING_SECRET, FailOn.ROTATION_OPEN}
)


@dataclass(frozen=True, slots=True)
class ManifestPolicy:
    """What an environment allows its manifests to ask for. Names are globs; None means that any is allowed.

    Attributes:
        allowed_hosts: of base URLs and endpoints, `*.example.com` or `llm.svc:8000`.
        allowed_headers, denied_headers: names of headers, without case; a denied one is never allowed.
        secret_names: of the Secrets that a manifest may name.
        reference_namespaces: where a reference may lead to, besides the namespace of its own object.
        severity: by code; the last word.
    """

    allowed_hosts: tuple[str, ...] | None = None
    plain_http: Attitude = Attitude.WARN
    insecure_skip_verify: Attitude = Attitude.WARN
    allowed_headers: tuple[str, ...] | None = None
    denied_headers: tuple[str, ...] = ()
    secret_names: tuple[str, ...] | None = None
    reference_namespaces: tuple[str, ...] | None = None
    deprecated_fields: Level = Level.NOTICE
    severity: tuple[tuple[str, Level], ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """`policy` of an environment.yaml: what a run may take, and what fails it."""

    on_drift: OnDrift = OnDrift.RECLAIM
    on_conflict: OnConflict = OnConflict.REFUSE
    adopt_from: tuple[str, ...] = ()
    fail_on: frozenset[FailOn] = DEFAULT_FAIL_ON
    manifests: ManifestPolicy = ManifestPolicy()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the configuration repository, as read at one revision."""

    path: str  # relative to the repository, with forward slashes
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment, read and layered; all that rendering and reconciling need to know of it.

    Attributes:
        home: namespace of the record, the lease and the fingerprint key.
        namespaces: what it may write to; empty for plain files only, which may stand in any.
        crds: pins, CRD name to a date in the tree or a path; sorted.
        values: the layered values, nearest wins.
        value_origins: place that set each value, or the null that removed it, by path; sorted.
        templates: manifests to render, in order; `library` holds every other template they may include.
        template_findings: on templates that are not text, or too large.
        files: environment.yaml and the values layers, for the source lines of findings.
    """

    name: str
    file: str
    cluster: ClusterTarget
    home: str
    namespaces: tuple[str, ...]
    crds: tuple[tuple[str, str], ...]
    policy: Policy
    values: Document
    value_origins: tuple[tuple[tuple[str | int, ...], Location], ...] = field(repr=False)
    templates: tuple[SourceFile, ...] = field(repr=False)
    library: tuple[SourceFile, ...] = field(repr=False)
    template_findings: tuple[Finding, ...] = ()
    crd_files: tuple[SourceFile, ...] = field(repr=False, default=())
    files: tuple[SourceFile, ...] = field(repr=False, default=())
    _texts: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Thousands of files have thousands of findings, so a file is not looked for one by one."""
        read = (*self.crd_files, *self.files, *self.library, *self.templates)
        object.__setattr__(self, "_texts", {file.path: file.text for file in read})

    def line(self, where: Location) -> str:
        """The source line at a place; "" when it is in none of the files that were read."""
        lines = _lines(self._texts.get(where.path, ""))
        return lines[where.line - 1].rstrip("\r") if 0 < where.line <= len(lines) else ""


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    """Findings of one file come one after the other, and there may be many."""
    return text.split("\n")
