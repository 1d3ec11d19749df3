"""Chooses which objects apply deletes, among those that are no longer in git. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from reconciler.model.change import Action, Change, Plan, State
from reconciler.model.identity import ObjectRef
from reconciler.stages.prune.guards import (
    PruneInput,
    Reason,
    finalizers,
    of_all,
    of_consumers,
    of_object,
    users_left,
)


def choose(inputs: PruneInput, plan: Plan) -> Plan:
    """The plan with a decision about every object that git no longer has: delete it, refuse to, or keep it."""
    kept = (change for change in plan.changes if change.state is State.KEPT and not change.hold)
    candidates = {change.ref: change for change in kept}
    if not candidates:
        return plan
    reasons = _reasons(inputs, candidates)
    deleted = candidates.keys() - reasons.keys()
    decided = {
        ref: _left(change, reasons[ref]) if ref in reasons else _deletion(inputs, change, deleted)
        for ref, change in candidates.items()
    }
    waves = (tuple(decided.get(change.ref, change) for change in wave) for wave in plan.waves)
    return Plan(tuple(waves))


def _reasons(inputs: PruneInput, candidates: dict[ObjectRef, Change]) -> dict[ObjectRef, Reason]:
    """Why objects are not deleted; an object without an entry is deleted."""
    own = {ref: of_object(inputs, change) for ref, change in candidates.items()}
    reasons = {ref: reason for ref, reason in own.items() if reason}
    deletable = own.keys() - reasons.keys()
    if reason := of_all(inputs, len(deletable)):
        return reasons | dict.fromkeys(deletable, reason)
    # What keeps a consumer also keeps what it uses, so this is repeated until nothing more is kept.
    while used := {
        ref: reason for ref in deletable if (reason := of_consumers(inputs, ref, deletable))
    }:
        reasons |= used
        deletable -= used.keys()
    return reasons


def _deletion(inputs: PruneInput, change: Change, deleted: AbstractSet[ObjectRef]) -> Change:
    return replace(
        change,
        state=State.REMOVED,
        action=Action.DELETE,
        reason="",
        hint="",
        warnings=tuple(
            filter(None, (users_left(inputs, change.ref, deleted), finalizers(inputs, change)))
        ),
        foreign=(),
    )


def _left(change: Change, reason: Reason) -> Change:
    """The object stays. The hint of the plan is the command that deletes it."""
    if reason.intended:
        return replace(change, reason=f"no longer in git; {reason.text}", hint="")
    return replace(
        change,
        state=State.REMOVED,
        action=Action.REFUSE,
        reason=f"not deleted: {reason.text}",
        hint=reason.hint or f"delete it yourself: {change.hint}",
    )
