"""Objects on hold: apply leaves them as they are."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.change import Action, Change, State
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.hold import ANNOTATION, Hold, hold_of
from reconciler.semantics.ownership.managed_fields import entries
from reconciler.semantics.ownership.queries import element_path, last_writer
from reconciler.stages.plan.inputs import PlanInput


def hold_on(inputs: PlanInput, live: JsonObject) -> Hold | None:
    """The hold of a live object, with who set it."""
    if ANNOTATION not in dig_map(live, "metadata", "annotations"):
        return None
    path = element_path(("metadata", "annotations", ANNOTATION))
    return hold_of(live, inputs.now, last_writer(entries(live), path, other_than=""))


def with_hold(change: Change) -> Change:
    """The change, unless the object is on hold; its differences are still shown."""
    hold = change.hold
    if hold is None:
        return change
    held = replace(
        change,
        state=State.HELD,
        action=Action.SKIP,
        reason="",
        hint="",
        force=False,
        remove=(),
        adoption=None,
        adopted_from=(),
    )
    if not hold.problem:
        return held
    hint = "correct the annotation, or release the object"
    reason = f"its annotation {ANNOTATION} cannot be used: {hold.problem}"
    return replace(held, action=Action.REFUSE, reason=reason, hint=hint)
