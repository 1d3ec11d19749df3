"""Objects that apply leaves alone, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.errors import TERMINATING, RefusalReason
from reconciler.model.applyset import ID, PART_OF
from reconciler.model.change import Action, Awaited, Change, Plan, Prerequisite, State
from reconciler.model.environment import OnDrift, Policy
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.observation import Refusal
from reconciler.stages.plan.inputs import PlanInput

_INVALID = {RefusalReason.INVALID, RefusalReason.UNDECLARED, RefusalReason.DENIED}


def of_server(change: Change, refusal: Refusal | None) -> Change:
    """The server would refuse the object, or has refused it."""
    if refusal is None:
        return replace(change, state=State.FAILED, action=Action.SKIP, reason="not observed")
    state = State.FAILED
    prerequisite = awaited(change.ref, change.endpoint, refusal)
    if prerequisite:
        state = State.WAITING
    elif refusal.reason in _INVALID:
        state = State.INVALID
    return replace(
        change,
        state=state,
        action=Action.SKIP,
        reason=refusal.message,
        hint=refusal.hint,
        awaited=prerequisite,
    )


def awaited(ref: ObjectRef, endpoint: Endpoint, refusal: Refusal) -> Awaited | None:
    """The namespace or the CRD without which the cluster refuses an object; None if it refuses for another reason."""
    match refusal.reason:
        case RefusalReason.NO_NAMESPACE:
            leaving = any(cause.reason == TERMINATING for cause in refusal.causes)
            return Awaited(Prerequisite.NAMESPACE, ref.namespace, leaving)
        case RefusalReason.NO_KIND:
            return Awaited(Prerequisite.CRD, endpoint.crd_name)
    return None


def with_refusals(plan: Plan, refusals: Mapping[ObjectRef, Refusal]) -> tuple[Plan, set[ObjectRef]]:
    """The plan of an apply that the server refused in parts, as a dry run would have shown it.

    Returns:
        The plan, and the new objects that this cluster cannot have, or cannot have yet.
    """
    refused = {
        change.ref: made
        for change in plan.changes
        if change.ref in refusals
        and (made := of_server(change, refusals[change.ref])).state is not State.FAILED
    }
    waves = (tuple(refused.get(change.ref, change) for change in wave) for wave in plan.waves)
    return Plan(tuple(waves)), set(refused)


def unless_refused(policy: Policy, change: Change) -> Change:
    """The change, unless the policy leaves drift alone."""
    if policy.on_drift is OnDrift.RECLAIM:
        return change
    return replace(
        change,
        action=Action.REFUSE,
        reason=change.reason or "someone else changed it, and policy.onDrift is refuse",
        hint="write the live values into git, or apply with policy.onDrift: reclaim",
    )


def of_another_tool(change: Change, tool: str, mark: str) -> Change:
    """Another tool would undo what apply writes."""
    return replace(
        change,
        state=State.FOREIGN,
        action=Action.REFUSE,
        reason=f"{tool} manages it ({mark})",
        hint=f"remove it from {tool} first, or name {tool} in policy.adoptFrom",
    )


def of_another_set(inputs: PlanInput, change: Change, set_id: str) -> Change:
    """An object belongs to one ApplySet at most (KEP-3659); otherwise two environments would undo each other.

    The set of this environment is another one in another home namespace.
    """
    handover = "hand the object over by removing the label"
    if home := inputs.other_homes.get(set_id):
        reason = f"it belongs to the record of this environment in {home}, by its label {PART_OF}: did `home` move?"
        hint = f"write home: {home} again, or {handover}"
    elif name := inputs.environments.get(set_id):
        reason = f"it belongs to the environment {name}, by its label {PART_OF}"
        hint = f"use different namespaces for the environments, or {handover}"
    else:
        reason = f"it belongs to another ApplySet, by its label {PART_OF}: another environment?"
        hint = f"use different namespaces for the environments, or {handover}"
        if inputs.cluster and not inputs.cluster.folder:
            parent = inputs.cluster.kubectl("get", "configmaps", "-A", "-l", f"{ID}={set_id}")
            hint = f"{hint}; {parent} names the other one"
    return replace(change, state=State.FOREIGN, action=Action.REFUSE, reason=reason, hint=hint)
