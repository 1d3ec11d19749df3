"""What a run found of one object, and what apply would do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from reconciler.model.difference import FieldDifference, ForeignField
from reconciler.model.document import Document
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.location import Location
from reconciler.model.readiness import Readiness


class State(StrEnum):
    """Where an object stands; exactly one per object."""

    NEW = "new"  # in git, not in the cluster, never applied by us
    CHANGED = "changed"  # git moved
    UNCHANGED = "unchanged"
    DRIFTED = "drifted"  # someone else moved a field that is ours (git may have moved as well)
    MISSING = "missing"  # applied by us before, deleted by someone else
    FOREIGN = "foreign"  # exists, never ours, and marked by another tool
    CONFLICT = "conflict"  # someone else owns a field that never was ours
    WAITING = "waiting"  # its namespace or its CRD is not there yet
    INVALID = "invalid"  # this cluster would refuse it
    FAILED = "failed"  # it could not be observed (no permission, server failure)
    KEPT = "kept"  # applied by us before, gone from git; pruning is off


class Action(StrEnum):
    """What apply does with an object; decided by the plan."""

    CREATE = "create"
    UPDATE = "update"
    NONE = "none"
    REFUSE = "refuse"  # a conflict, or drift that the policy leaves alone
    SKIP = "skip"  # waiting, invalid, failed, kept


@dataclass(frozen=True, slots=True)
class Change:
    """One object of a plan.

    Attributes:
        reason: why the action is what it is, one sentence; empty for the obvious.
        hint: what to do about it.
        where: the template line of the object.
        content: keyed digest of what would be applied, "" without a key.
        body: what apply sends, without preconditions; None for an object that git does not have.
        uid, resource_version: of the live object that was seen, "" when there was none.
        force: every conflicting field was ours before, so the apply takes them back.
        warnings: what the server said beside its answer to the dry-run.
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
    warnings: tuple[str, ...] = ()


def preconditions(uid: str, resource_version: str, *, force: bool) -> dict[str, str]:
    """Guards against a change behind our back; an empty uid means that the object was not there.

    A resourceVersion alone would let a deleted object be created again, so an object that was seen travels with its
    uid; a forced apply, which could take what someone has just written, with its resourceVersion too. A create
    carries resourceVersion "1", which no live object has: it fails if one has appeared meanwhile.
    """
    if not uid:
        return {"resourceVersion": "1"}
    return {"uid": uid, "resourceVersion": resource_version} if force else {"uid": uid}


def guarded(document: Document, uid: str, resource_version: str, *, force: bool) -> Document:
    """The body of an apply with its preconditions, which travel in the metadata."""
    body = document.body()
    guard = preconditions(uid, resource_version, force=force)
    return Document.of(body | {"metadata": body["metadata"] | guard})


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one environment.

    Attributes:
        waves: in the order in which they are applied; the changes of one wave go out together.
    """

    waves: tuple[tuple[Change, ...], ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for wave in self.waves for change in wave)

    @property
    def writes(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.action in (Action.CREATE, Action.UPDATE))

    def printable(self) -> tuple[Change, ...]:
        """The changes without their bodies, which hold values that nobody masked."""
        return tuple(replace(change, body=None) for change in self.changes)


class Result(StrEnum):
    """What came of it."""

    CREATED = "created"
    CONFIGURED = "configured"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What apply did with one object."""

    ref: ObjectRef
    result: Result
    message: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()
