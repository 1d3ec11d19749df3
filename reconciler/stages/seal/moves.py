"""Moves: how the plan that an apply would follow now differs from the one that was reviewed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.model.change import Action, State
from reconciler.model.document import JsonObject
from reconciler.model.identity import ObjectRef
from reconciler.model.sealed import Moved, SealedObject, SealedPlan
from reconciler.stages.seal import writers

_ACTIONS: Final = {
    Action.CREATE: "create it",
    Action.UPDATE: "update it",
    Action.DELETE: "delete it",
    Action.NONE: "leave it as it is",
    Action.REFUSE: "refuse it",
    Action.SKIP: "skip it",
}
_SHOWN: Final = 10  # fields in a message


def moves(
    reviewed: SealedPlan, now: SealedPlan, live: Mapping[ObjectRef, JsonObject]
) -> tuple[Moved, ...]:
    """Every difference from the reviewed plan; () if an apply now does what was reviewed, or the rest of it.

    Args:
        live: the live objects, for who wrote one last.
    """
    return (*_for_all(reviewed, now), *_by_object(reviewed, now, live))


def _for_all(reviewed: SealedPlan, now: SealedPlan) -> Iterator[Moved]:
    """What decides for every object."""
    if reviewed.cluster_uid and now.cluster_uid and reviewed.cluster_uid != now.cluster_uid:
        uids = f"has uid {now.cluster_uid}, not {reviewed.cluster_uid}"
        yield Moved(None, f"the plan is for another cluster: this one {uids}")
    elif not (reviewed.cluster_uid and now.cluster_uid) and reviewed.cluster != now.cluster:
        yield Moved(
            None, f"the plan is for another cluster: {reviewed.cluster}, and this is {now.cluster}"
        )
    if reviewed.version != now.version:
        yield Moved(
            None,
            f"version {reviewed.version} of the program wrote the plan, and this is {now.version}",
        )
    if (reviewed.commit, reviewed.dirty) != (now.commit, now.dirty):
        yield Moved(None, f"the plan is of {_sources(reviewed)}, and this is {_sources(now)}")
    elif not reviewed.is_bound or (_needs_key(reviewed) and reviewed.key_id != now.key_id):
        yield Moved(
            None,
            "the plan was made from uncommitted files, and the fingerprint key is a different one or cannot be read",
        )
    if reviewed.settings != now.settings:
        yield Moved(
            None,
            "the policy or the namespaces of the environment have changed since the plan was made",
        )
    before = {(schema.crd, schema.version): schema.digest for schema in reviewed.schemas}
    for schema in now.schemas:
        if before.get((schema.crd, schema.version), schema.digest) != schema.digest:
            yield Moved(
                None,
                f"the cluster has another schema of {schema.crd} {schema.version} than when the plan was made",
            )


def _needs_key(plan: SealedPlan) -> bool:
    """Whether nothing but keyed digests says what the plan would store."""
    return plan.dirty or not plan.commit


def _sources(plan: SealedPlan) -> str:
    if not plan.commit:
        return "files without git"
    return f"commit {plan.commit[:12]}" + (" with uncommitted changes" if plan.dirty else "")


def _by_object(
    reviewed: SealedPlan, now: SealedPlan, live: Mapping[ObjectRef, JsonObject]
) -> Iterator[Moved]:
    before = {each.ref: each for each in reviewed.objects}
    after = {each.ref: each for each in now.objects}
    keyed = reviewed.key_id == now.key_id
    for ref in sorted(before.keys() | after.keys()):
        if ref in before and _is_done(before[ref], after.get(ref), keyed=keyed):
            continue
        if ref not in before:
            yield Moved(ref, f"the plan does not have it, and apply would now {_does(after[ref])}")
        elif ref not in after:
            yield Moved(ref, "neither git nor the cluster has it")
        else:
            was, is_now = before[ref], after[ref]
            how = (*_live_moves(was, is_now, keyed=keyed), *_other(was, is_now, keyed=keyed))
            if not how and keyed and was.stored != is_now.stored:
                how = ("the server would store something else: a webhook may add it",)
            if how:
                by = writers(live[ref]) if ref in live and _is_written(was, is_now) else ()
                yield Moved(ref, "; ".join(how), by[0] if by else None)


def _is_done(was: SealedObject, now: SealedObject | None, *, keyed: bool) -> bool:
    """Whether an earlier apply of the plan, which may not have finished, has done what it says of an object."""
    if now is None or was.action is Action.DELETE:
        return now is None and was.action is Action.DELETE
    if not was.writes or (keyed and was.content != now.content):
        return False
    return (now.action, now.state) == (Action.NONE, State.UNCHANGED)


def _is_written(was: SealedObject, now: SealedObject) -> bool:
    """Whether somebody wrote the live object."""
    return (was.uid, was.generation, was.writers) != (now.uid, now.generation, now.writers)


def _live_moves(was: SealedObject, now: SealedObject, *, keyed: bool) -> Iterator[str]:
    """What happened to the live object; the first reason includes the others."""
    if was.uid != now.uid:
        if not now.uid:
            yield "it was deleted"
        else:
            yield "it was deleted and created again" if was.uid else "it was created meanwhile"
    elif was.generation != now.generation:
        yield "its spec was changed"
    elif was.writers != now.writers:
        yield "its fields, its labels or its annotations were written"
    elif keyed and was.live and now.live and was.live != now.live:
        yield "it was changed without a trace in its metadata"


def _other(was: SealedObject, now: SealedObject, *, keyed: bool) -> Iterator[str]:
    """Other differences in what apply does with the object."""
    if keyed and was.content != now.content:
        yield "its manifest has changed"
    if was.action != now.action:
        yield f"apply would now {_does(now)}, and the plan says to {_does(was)}"
    elif (was.fields, was.remove) != (now.fields, now.remove):
        yield f"apply would now change other fields: {_fields(now)}, and in the plan {_fields(was)}"
    elif was.state != now.state:
        yield f"it is {now.state}, and in the plan {was.state}"
    elif was.force != now.force:
        yield f"apply would take {'no ' if was.force else ''}fields from their owners"


def _does(each: SealedObject) -> str:
    return _ACTIONS[each.action]


def _fields(each: SealedObject) -> str:
    fields = [*each.fields, *(f"- {path}" for path in each.remove)]
    left = len(fields) - _SHOWN
    return ", ".join(fields[:_SHOWN]) + (f" and {left:,} more" if left > 0 else "") or "none"
