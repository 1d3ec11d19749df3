"""Deletes the objects of a plan. No other stage deletes managed objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor

from reconciler.model.change import Change, Outcome, Plan, Result
from reconciler.model.identity import ObjectRef
from reconciler.ports import Cluster, Stop


def delete(
    plan: Plan,
    cluster: Cluster,
    stop: Stop,
    lock_lost: Callable[[], bool],
    *,
    unapplied: int,
    finalized: AbstractSet[ObjectRef] = frozenset(),
    progress: Callable[[int, int], None] = lambda _number, _of: None,
) -> tuple[Outcome, ...]:
    """Delete what the plan deletes, consumers before what they use; one outcome for each.

    After a failure nothing else is deleted, since what is left may still be needed.

    Args:
        unapplied: the number of objects of git that this run could not apply.
        finalized: objects with finalizers, which outlive the request.
        progress: called after each object, with the number of finished objects and the total.
    """
    total = sum(map(len, plan.deletions))
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        for wave in plan.deletions:
            why = _why_not(outcomes, unapplied, finalized)
            if why:
                outcomes += (Outcome(change.ref, Result.SKIPPED, why) for change in wave)
            else:
                for outcome in pool.map(lambda each: _delete(each, cluster, stop, lock_lost), wave):
                    outcomes.append(outcome)
                    progress(len(outcomes), total)
    return tuple(outcomes)


def _why_not(outcomes: Iterable[Outcome], unapplied: int, finalized: AbstractSet[ObjectRef]) -> str:
    if unapplied:
        what = "1 object was" if unapplied == 1 else f"{unapplied} objects were"
        return f"not deleted, since {what} not applied"
    if any(o.result is not Result.PRUNED or o.ref in finalized for o in outcomes):
        return "not deleted, since something that uses it may still exist"
    return ""


def _delete(change: Change, cluster: Cluster, stop: Stop, lock_lost: Callable[[], bool]) -> Outcome:
    ref = change.ref
    if stop.requested:
        return Outcome(ref, Result.SKIPPED, "interrupted before it was deleted")
    if lock_lost():
        return Outcome(ref, Result.SKIPPED, "the lock was lost before it was deleted")
    try:
        cluster.delete(
            change.endpoint,
            ref.namespace,
            ref.name,
            uid=change.uid,
            resource_version=change.resource_version,
        )
    except Exception as error:  # noqa: BLE001 -- a bug with one object must not lose the outcomes of the others
        return Outcome.failed(ref, error)
    return Outcome(ref, Result.PRUNED)
