"""The plan for each object, and the outcome of applying it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from reconciler.errors import RefusalReason, Refused, reported
from reconciler.frozen import dataclass
from reconciler.model.difference import FieldDifference, ForeignField, IgnoredField
from reconciler.model.document import Document, JsonObject
from reconciler.model.hold import Hold
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.location import Location
from reconciler.model.path import FieldPath
from reconciler.model.readiness import Readiness

_MOVED = {RefusalReason.STALE, RefusalReason.EXISTS, RefusalReason.FIELD_CONFLICT}


class State(StrEnum):
    """How a live object relates to git; every object has exactly one state."""

    NEW = "new"  # in git, not in the cluster, never applied by us
    CHANGED = "changed"  # git changed it
    UNCHANGED = "unchanged"
    DRIFTED = "drifted"  # someone else changed a field of ours (git may have changed as well)
    MISSING = "missing"  # we applied it, and someone else deleted it
    FOREIGN = "foreign"  # it exists, was never ours, and another tool marks it as its own
    CONFLICT = "conflict"  # someone else owns a field that was never ours
    WAITING = "waiting"  # its namespace or its CRD does not exist yet
    INVALID = "invalid"  # this cluster would refuse it
    FAILED = "failed"  # it could not be observed (no permission, server failure)
    REMOVED = "removed"  # we applied it, git no longer has it, and the policy is to prune
    KEPT = "kept"  # we applied it, and git no longer has it; it stays in the cluster
    ADOPTED = "adopted"  # it exists, and apply takes over what others own of it
    HELD = "held"  # somebody keeps it as it is, until a time


# What git says, and no apply has done yet.
PENDING = frozenset({State.NEW, State.CHANGED, State.ADOPTED, State.REMOVED})


class Action(StrEnum):
    """What apply does with an object; decided by the plan."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"
    REFUSE = "refuse"  # a conflict, drift that the policy does not reclaim, or a deletion that is not safe
    SKIP = "skip"  # waiting, invalid, failed, kept

    @property
    def writes(self) -> bool:
        """Whether apply sends a write for the object."""
        return self in (Action.CREATE, Action.UPDATE, Action.DELETE)


class Prerequisite(StrEnum):
    """What must exist in a cluster before an object can."""

    NAMESPACE = "namespace"
    CRD = "crd"


@dataclass(frozen=True, order=True, slots=True)
class Awaited:
    """What an object waits for.

    Attributes:
        leaving: the namespace is being deleted, so it must be gone before it can be created again.
    """

    type: Prerequisite
    name: str
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The plan for one object.

    Attributes:
        reason: why this is the action, one sentence; "" if it is obvious from the state.
        hint: what to do about it.
        where: the template line of the object.
        content: keyed digest of the manifest, "" without a fingerprint key.
        body: what apply sends, without preconditions; None for an object that is not in git.
        uid, resource_version: of the live object, "" if it does not exist.
        force: apply takes the fields in conflict.
        remove: fields of others that apply takes out, with everything below them.
        warnings: of the server, in its answer to the dry run.
        awaited: the namespace or the CRD that a waiting object lacks; None if it waits for something else.
        overridden: fields in which the cluster stores another value than git has, whoever writes it.
        adopted_from: the field managers whose fields become ours before the apply.
        adoption: the merge patch that moves them, without its resourceVersion.
        ignored: fields that `policy.ignore` leaves to others.
        renamed: the old name of a new object that is the same in all but its name, or the new one of the old object.
        hold: who keeps the object as it is, until when and why; None if nobody does.
    """

    ref: ObjectRef
    endpoint: Endpoint
    state: State
    action: Action
    differences: tuple[FieldDifference, ...] = ()
    foreign: tuple[ForeignField, ...] = ()
    reason: str = ""
    hint: str = ""
    where: Location | None = None
    readiness: Readiness | None = None
    content: str = ""
    body: Document | None = None
    uid: str = ""
    resource_version: str = ""
    force: bool = False
    remove: tuple[FieldPath, ...] = ()
    warnings: tuple[str, ...] = ()
    awaited: Awaited | None = None
    overridden: tuple[FieldPath, ...] = ()
    adopted_from: tuple[str, ...] = ()
    adoption: Document | None = None
    ignored: tuple[IgnoredField, ...] = ()
    hold: Hold | None = None
    renamed: ObjectRef | None = None


def preconditions(uid: str, resource_version: str, *, force: bool) -> dict[str, str]:
    """The preconditions of an apply, so that it fails if the object has changed since it was read.

    `uid` is "" for an object that did not exist. Such an object is created with resourceVersion "1", which no live
    object has, so the request fails if the object exists now. An existing object is applied with its uid, since a
    resourceVersion alone would create a deleted object again; a forced apply, which could take a field that someone
    has just written, also has the resourceVersion.
    """
    if not uid:
        return {"resourceVersion": "1"}
    return {"uid": uid, "resourceVersion": resource_version} if force else {"uid": uid}


def guarded(document: Document, uid: str, resource_version: str, *, force: bool) -> Document:
    """The body of an apply with its preconditions in the metadata."""
    body = document.body()
    guard = preconditions(uid, resource_version, force=force)
    return Document.of(body | {"metadata": body["metadata"] | guard})


def removal(paths: tuple[FieldPath, ...], resource_version: str) -> JsonObject:
    """A merge patch that takes out these fields of the object with this resourceVersion."""
    patch: JsonObject = {"metadata": {"resourceVersion": resource_version}}
    for path in paths:
        parent = patch
        for step in path[:-1]:
            parent = parent.setdefault(str(step), {})
        parent[str(path[-1])] = None
    return patch


def _waiting_for(change: Change, awaited: Awaited) -> Change:
    if change.action not in (Action.CREATE, Action.UPDATE):
        return change
    reason = "nothing is applied until the record has a place"
    return replace(
        change, state=State.WAITING, action=Action.SKIP, reason=reason, hint="", awaited=awaited
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one environment.

    Attributes:
        waves: in the order in which they are applied; the changes of one wave are applied concurrently.
    """

    waves: tuple[tuple[Change, ...], ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for wave in self.waves for change in wave)

    @property
    def writes(self) -> bool:
        """Whether apply changes anything."""
        return any(change.action.writes for change in self.changes)

    @property
    def deletions(self) -> tuple[tuple[Change, ...], ...]:
        """The objects to delete, in the order of deletion: consumers before what they use."""
        waves = (tuple(c for c in wave if c.action is Action.DELETE) for wave in self.waves)
        return tuple(wave for wave in waves if wave)[::-1]

    def waiting_for(self, awaited: Awaited) -> Plan:
        """The plan while its environment lacks something: whatever it would write waits."""
        return Plan(
            tuple(tuple(_waiting_for(each, awaited) for each in wave) for wave in self.waves)
        )

    def printable(self) -> tuple[Change, ...]:
        """The changes without their bodies, which contain unmasked values."""
        return tuple(replace(change, body=None, adoption=None) for change in self.changes)


class Result(StrEnum):
    """The result of apply for one object."""

    CREATED = "created"
    CONFIGURED = "configured"
    PRUNED = "pruned"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    SKIPPED = "skipped"
    FAILED = "failed"


AS_IN_GIT: Final = frozenset({Result.CREATED, Result.CONFIGURED, Result.UNCHANGED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What apply did with one object."""

    ref: ObjectRef
    result: Result
    message: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()

    @classmethod
    def failed(cls, ref: ObjectRef, error: Exception) -> Outcome:
        """The outcome of a write that the server refused, or may have stored without an answer.

        A write is idempotent, so the next run converges in either case.
        """
        if isinstance(error, Refused) and error.reason in _MOVED:
            message = f"it has changed since it was observed: {error.message}"
            hint = "run the command again: it observes the new state first"
            return cls(ref, Result.REFUSED, message, hint)
        failure = reported(error)
        return cls(ref, Result.FAILED, failure.message, failure.hint)
