"""An environment as values, which `stages/load/` reads from environment.yaml and the files that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from functools import lru_cache

from reconciler.frozen import dataclass
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document
from reconciler.model.finding import Finding
from reconciler.model.location import Location
from reconciler.model.notify import NOWHERE, Notify
from reconciler.model.trust import Trust


class Mode(StrEnum):
    """Who applies an environment."""

    APPLY = "apply"  # this program
    OBSERVE = "observe"  # another tool; this program only compares and reports


class ClusterType(StrEnum):
    """An API server, or a folder that behaves like one."""

    DIRECTORY = "directory"
    KUBERNETES = "kubernetes"


class OnDrift(StrEnum):
    """What to do about a field of ours that someone else changed or removed."""

    RECLAIM = "reclaim"  # git wins
    REFUSE = "refuse"  # do not apply the object, and report it


class OnConflict(StrEnum):
    """What to do about a field that was never ours and that someone else owns with another value."""

    REFUSE = "refuse"
    TAKE = "take"


class ExtraFields(StrEnum):
    """What to do about a field that others added to an object of ours."""

    REPORT = "report"
    FAIL = "fail"  # `extra-fields` of `failOn`
    REMOVE = "remove"  # apply takes it out


class OnRotation(StrEnum):
    """What `apply` does about a provider whose key was rotated."""

    REPORT = "report"
    STAMP = "stamp"  # write one annotation, so that its operator reconciles


class Unmanaged(StrEnum):
    """What to do about objects of managed kinds that are neither in git nor ours."""

    IGNORE = "ignore"  # but for those that have what the policy forbids
    REPORT = "report"  # count them, and list them with -v
    FAIL = "fail"  # `unmanaged` of `failOn`


class PruneConsumers(StrEnum):
    """Whether an object is deleted although consumers use it, or may use it."""

    REFUSE = "refuse"  # only if no consumer uses it, and all consumers were listed
    ALLOW_UNLISTED = "allow-unlisted"  # no listed consumer uses it
    ALLOW = "allow"


class FailOn(StrEnum):
    """What fails `drift`.

    `missing-secret` and `extra-fields` also fail `diff` and `apply`, and `not-ready` and `held` also fail `apply`.
    """

    DRIFT = "drift"
    CONFLICT = "conflict"
    MISSING_SECRET = "missing-secret"  # noqa: S105 -- a policy word, no secret
    ROTATION_OPEN = "rotation-open"
    NOT_READY = "not-ready"
    UNCHECKED = "unchecked"  # something could not be looked at
    EXTRA_FIELDS = "extra-fields"  # others added fields that `policy.extraFields` does not tolerate
    UNMANAGED = "unmanaged"  # objects that `policy.unmanaged` does not tolerate
    LIVE_POLICY = "live-policy"  # a live object has what the policy forbids
    HELD = "held"  # somebody keeps an object as it is


class Attitude(StrEnum):
    """What to do about a setting that works but is risky."""

    FORBID = "forbid"  # an error
    WARN = "warn"  # the severity of the rule
    ALLOW = "allow"  # no finding


class Level(StrEnum):
    """The severity that an environment sets for a rule."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ClusterTarget:
    """The cluster of an environment.

    Attributes:
        context: of the user's kubeconfig; "" for the current context, or in-cluster.
        path: of a directory cluster, absolute.
        uid: of the namespace kube-system; a cluster with another uid is an error. "" if it is not checked.
        in_cluster: in a pod without a kubeconfig, its own account may be used.
        pod: that is so, and the run reads the cluster of the pod, whatever `context` says.
        options: those that kubectl needs to reach it, besides the context.
    """

    type: ClusterType
    context: str = ""
    path: str = ""
    uid: str = ""
    in_cluster: bool = True
    pod: bool = False
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.type is ClusterType.DIRECTORY:
            return f"directory:{self.path}"
        return f"kubernetes:{self.context}" if self.context else "kubernetes"


DEFAULT_FAIL_ON = frozenset(FailOn) - {FailOn.NOT_READY}


@dataclass(frozen=True, slots=True)
class ManifestPolicy:
    """What an environment allows in its manifests. Names are globs; None allows any.

    Attributes:
        allowed_hosts: hosts of base URLs and endpoints, `*.example.com` or `llm.svc:8000`.
        allowed_headers, denied_headers: names of headers, in any case; a denied header is not allowed.
        secret_names: Secrets to which a manifest may refer.
        reference_namespaces: namespaces to which a reference may lead, besides that of its own object.
        severity: the severity of a rule by code; it overrides the other settings.
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

    @property
    def forbids(self) -> bool:
        lists = self.allowed_hosts, self.allowed_headers, self.secret_names
        limited = any(names is not None for names in (*lists, self.reference_namespaces))
        attitudes = self.plain_http, self.insecure_skip_verify
        return limited or bool(self.denied_headers) or Attitude.FORBID in attitudes


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Fields that are left to others.

    Attributes:
        field: a glob of their paths, `spec.defaults.*`.
        manager: a glob of the field managers that may hold them.
        kind: of the objects; "" for every kind.
    """

    field: str
    manager: str = "*"
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PrunePolicy:
    """Whether apply deletes the objects that it applied and that git no longer has.

    Attributes:
        max_objects: of one run; a run that would delete more deletes none.
        max_percent: of the objects on record, rounded up, so that one object is never too many.
    """

    enabled: bool = False
    max_objects: int = 10
    max_percent: int = 30
    consumers: PruneConsumers = PruneConsumers.REFUSE


@dataclass(frozen=True, slots=True)
class Policy:
    """`policy` of an environment.yaml: what apply may take, what fails a run, and what manifests may contain.

    Attributes:
        extra_fields: by glob of a field (`spec.headers.*`), the first match decides. Without a match, a field that
            decides where prompts and keys go fails a run, and others are reported.
    """

    on_drift: OnDrift = OnDrift.RECLAIM
    on_conflict: OnConflict = OnConflict.REFUSE
    adopt_from: tuple[str, ...] = ()
    fail_on: frozenset[FailOn] = DEFAULT_FAIL_ON
    on_rotation: OnRotation = OnRotation.REPORT
    shown_headers: tuple[str, ...] = ()  # globs of headers whose values reports show
    manifests: ManifestPolicy = ManifestPolicy()
    extra_fields: tuple[tuple[str, ExtraFields], ...] = ()
    unmanaged: Unmanaged = Unmanaged.REPORT
    prune: PrunePolicy = PrunePolicy()
    ignore: tuple[IgnoreRule, ...] = ()

    @property
    def judges_unmanaged(self) -> bool:
        return self.unmanaged is not Unmanaged.IGNORE or self.manifests.forbids


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the configuration repository, as read at one revision."""

    path: str  # relative to the repository, with forward slashes
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment: everything that rendering and reconciling need from its files.

    Attributes:
        observed: the field manager of another tool that applies the environment; "" if apply does (`mode`).
        home: namespace of the record and the fingerprint key.
        namespaces: namespaces that it may write to; empty only for plain files, which may use any namespace.
        crds: the pins, from CRD name to an era's date or a path; sorted.
        values: the merged values layers.
        value_origins: the location of each value, or of the null that removed it, by path; sorted.
        templates: the templates to render, in order; `library` holds those that they may include.
        template_findings: on templates that are not text, or too large.
        files: environment.yaml and the values layers, for the source lines of findings.
        trust: the revision that decides the settings; None if they are those of the revision that is read.
        after: the environments that a revision must have passed before it is applied to this one.
        earlier: these, and those that come before them.
        notify: where its news goes.
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
    trust: Trust | None = None
    observed: str = ""
    after: tuple[str, ...] = ()
    earlier: frozenset[str] = frozenset()
    notify: Notify = NOWHERE
    _texts: Mapping[str, str] = field(init=False, repr=False, compare=False)

    @property
    def applier(self) -> str:
        """The field manager that applies the environment."""
        return self.observed or TOOL

    def __post_init__(self) -> None:
        """Index the files by path, since a run may have thousands of files and findings."""
        read = (*self.crd_files, *self.files, *self.library, *self.templates)
        object.__setattr__(self, "_texts", {file.path: file.text for file in read})

    def line(self, where: Location) -> str:
        """The source line at a location; "" if it is in none of the files."""
        lines = _lines(self._texts.get(where.path, ""))
        return lines[where.line - 1].rstrip("\r") if 0 < where.line <= len(lines) else ""


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    """Cached, since the findings of one file follow each other."""
    return text.split("\n")
