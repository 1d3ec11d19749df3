"""Objects that apply leaves alone, and why."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, Change, State
from reconciler.model.environment import OnDrift, Policy


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


def of_another_set(change: Change) -> Change:
    """An object belongs to one ApplySet at most (KEP-3659); otherwise two environments would undo each other."""
    return replace(
        change,
        state=State.FOREIGN,
        action=Action.REFUSE,
        reason=f"it belongs to another ApplySet, by its label {PART_OF}: another environment?",
        hint="use different namespaces for the environments, or remove the label to hand the object over",
    )
