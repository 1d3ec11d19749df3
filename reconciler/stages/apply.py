"""Applies a plan. No other stage writes managed objects.

The changes of one wave are applied concurrently, and the next wave waits for them. A failed object does not stop the
others; its outcome has the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

from reconciler.errors import Refused
from reconciler.frozen import dataclass
from reconciler.model.change import Action, Change, Outcome, Plan, Result, guarded, removal
from reconciler.model.document import Document, dig
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Refusal
from reconciler.model.record import RecordedObject
from reconciler.ports import Cluster, Stop
from reconciler.semantics.ownership.queries import applied_at, applied_by

_DONE = {Action.CREATE: Result.CREATED, Action.UPDATE: Result.CONFIGURED}
_NOT_DONE = {
    Action.NONE: Result.UNCHANGED,
    Action.REFUSE: Result.REFUSED,
    Action.SKIP: Result.SKIPPED,
}
_AGAIN = "run the command again: it observes the new state first"


@dataclass(frozen=True, slots=True)
class AppliedAs:
    """The values that the record has for every applied object."""

    manager: str
    revision: str
    now: str  # RFC 3339


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome of one object.

    Attributes:
        recorded: its entry for the record, if it was applied.
        refusal: why the server refused to create it.
    """

    outcome: Outcome
    recorded: RecordedObject | None = None
    refusal: Refusal | None = None


def never_lost() -> bool:
    """For a run without a lock."""
    return False


def nobody_looks(_written: ObjectRef, _number: int, _of: int) -> None:
    """For a run without progress."""


def apply(
    plan: Plan,
    cluster: Cluster,
    applied_as: AppliedAs,
    stop: Stop,
    lock_lost: Callable[[], bool] = never_lost,
    progress: Callable[[ObjectRef, int, int], None] = nobody_looks,
) -> tuple[Done, ...]:
    """Apply a plan; one `Done` per change, in the order of the plan. `stages.prune` deletes what is to be deleted.

    After a signal, or once the lock is lost, no other object is applied.

    Args:
        progress: called by several threads, after each object, with the number of finished objects and the total.
    """
    total = sum(1 for change in plan.changes if change.action in _DONE)
    numbers = count(1)

    def apply_change(change: Change) -> Done:
        if change.action not in _DONE or change.body is None:
            return Done(Outcome(change.ref, _NOT_DONE[change.action], change.reason, change.hint))
        if stop.requested:
            return Done(Outcome(change.ref, Result.SKIPPED, "interrupted before it was applied"))
        if lock_lost():
            return Done(
                Outcome(change.ref, Result.SKIPPED, "the lock was lost before it was applied")
            )
        written = _write(change, change.body, cluster, applied_as, lock_lost)
        progress(change.ref, next(numbers), total)
        return written

    done: list[Done] = []
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        for wave in plan.waves:
            done += pool.map(apply_change, (c for c in wave if c.action is not Action.DELETE))
    return tuple(done)


def _write(
    change: Change,
    document: Document,
    cluster: Cluster,
    applied_as: AppliedAs,
    lock_lost: Callable[[], bool],
) -> Done:
    try:
        # Fields of others are taken out of the version that was looked at, which the apply checks first.
        guard = change.force or bool(change.remove or change.adoption)
        version = _adopted(change, cluster, applied_as.manager)
        if change.adoption and lock_lost():
            message = "the lock was lost after the fields of others became ours"
            return Done(Outcome(change.ref, Result.FAILED, message, _AGAIN))
        body = guarded(document, change.uid, version, force=guard)
        answer = cluster.apply(
            change.endpoint, body, manager=applied_as.manager, force=change.force
        )
    except Exception as error:  # noqa: BLE001 -- a bug with one object must not lose the outcomes of the others
        refused = error if isinstance(error, Refused) and change.action is Action.CREATE else None
        refusal = Refusal.of(refused) if refused else None
        return Done(Outcome.failed(change.ref, error), refusal=refusal)
    stored = answer.document.body()
    recorded = RecordedObject(
        uid=str(dig(stored, "metadata", "uid")),
        revision=applied_as.revision,
        digest=change.content,
        owned=Document.of(applied_by(stored, applied_as.manager) or {}),
        applied=applied_as.now,
        written=applied_at(stored, applied_as.manager),
    )
    outcome = Outcome(change.ref, _DONE[change.action], warnings=answer.warnings)
    if change.remove and lock_lost():
        lost = "the lock was lost before the fields of others were removed"
        outcome = replace(outcome, result=Result.FAILED, message=lost)
    elif change.remove:
        version = str(dig(stored, "metadata", "resourceVersion"))
        outcome = _without_extra_fields(change, outcome, version, cluster, applied_as)
    return Done(outcome, recorded)


def _adopted(change: Change, cluster: Cluster, manager: str) -> str:
    """Move the fields of others to us, and return the resourceVersion to apply to.

    It changes no field but kubectl's bookkeeping. If the apply after it fails, the next run finds them ours.
    """
    if change.adoption is None:
        return change.resource_version
    ref, patch = change.ref, change.adoption.body()
    patch["metadata"]["resourceVersion"] = change.resource_version
    moved = cluster.merge_patch(change.endpoint, ref.namespace, ref.name, patch, manager=manager)
    return str(dig(moved.body(), "metadata", "resourceVersion") or "")


def _without_extra_fields(
    change: Change, outcome: Outcome, version: str, cluster: Cluster, applied_as: AppliedAs
) -> Outcome:
    """Remove the fields of others, which an apply leaves to their owners."""
    ref, patch = change.ref, removal(change.remove, version)
    try:
        cluster.merge_patch(
            change.endpoint, ref.namespace, ref.name, patch, manager=applied_as.manager
        )
    except Exception as error:  # noqa: BLE001 -- as above: the object was applied, and its outcome must not be lost
        return replace(Outcome.failed(ref, error), warnings=outcome.warnings)
    return outcome
