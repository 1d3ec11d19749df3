"""What keeps objects from being deleted. Each guard returns its reason, or None. Pure.

Three witnesses must agree that an object is ours to delete: its ApplySet label (KEP-3659), the record with its uid, and
its own managedFields. None of them is proof alone: anybody can write a label, a restored cluster has an old record, and
managedFields survive a handover.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field

from reconciler.frozen import dataclass
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Change
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.environment import PruneConsumers, PrunePolicy
from reconciler.model.hold import MANAGER as HOLD_MANAGER
from reconciler.model.identity import ObjectRef
from reconciler.model.marks import protection_of, tool_of
from reconciler.model.record import Record
from reconciler.model.stamp import MANAGER as STAMP_MANAGER
from reconciler.semantics.ownership.managed_fields import APPLY, entries
from reconciler.semantics.ownership.queries import applied_by

_NAMED = 3  # consumers in a reason
_BOOKKEEPERS = (STAMP_MANAGER, HOLD_MANAGER)  # of ours; they apply annotations only


@dataclass(frozen=True, slots=True)
class PruneInput:
    """What decides about deletions, besides the plan.

    Attributes:
        limit: the number of deletions that the command line allows; None for the limits of the policy.
        in_git: the number of objects that git has.
        live: the objects that git no longer has.
        namespaces: those that the environment may write to.
        users: the consumers of each object, as they are after this apply.
        unlisted: the consumers that nobody could list: `Agent in other namespaces`.
        incomplete: a LIST was refused, or an object could not be read.
        newer: a recorded revision that the history of this revision does not have, as far as is known; "" for none.
    """

    policy: PrunePolicy
    set_id: str
    manager: str
    record: Record | None
    in_git: int
    live: Mapping[ObjectRef, Document]
    namespaces: AbstractSet[str]
    users: Mapping[ObjectRef, AbstractSet[ObjectRef]] = field(default_factory=dict)
    unlisted: tuple[str, ...] = ()
    incomplete: bool = False
    newer: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an object is not deleted.

    Attributes:
        hint: what to do so that it is; "" if someone must delete it.
        intended: someone has protected it, so that this is as it should be.
    """

    text: str
    hint: str = ""
    intended: bool = False


def of_object(inputs: PruneInput, change: Change) -> Reason | None:
    """What keeps one object, whatever else is deleted."""
    live = inputs.live[change.ref].body()
    if dig(live, "metadata", "deletionTimestamp"):
        return Reason("it is being deleted; its finalizers must go first", intended=True)
    if protection := protection_of(live):
        return Reason(f"its annotation {protection} protects it", intended=True)
    if change.ref.namespace not in inputs.namespaces:
        return Reason("the environment may no longer write to its namespace")
    return _of_another(inputs, live) or _not_ours(inputs, change.ref, live)


def _of_another(inputs: PruneInput, live: JsonObject) -> Reason | None:
    tool, mark = tool_of(live)
    if tool:
        return Reason(f"{tool} manages it ({mark})")
    if owner := next(iter(dig(live, "metadata", "ownerReferences") or ()), None):
        name = f"{dig(owner, 'kind')} {dig(owner, 'name')}"
        return Reason(f"it belongs to {name}, with which it is deleted")
    others = (
        entry.owner.manager
        for entry in entries(live)
        if entry.owner.operation == APPLY and not entry.is_apply_of(inputs.manager)
    )
    if manager := next((name for name in others if name not in _BOOKKEEPERS), ""):
        return Reason(f"field manager {manager} applies it as well")
    return None


def _not_ours(inputs: PruneInput, ref: ObjectRef, live: JsonObject) -> Reason | None:
    recorded = inputs.record.objects.get(ref) if inputs.record else None
    if dig_map(live, "metadata", "labels").get(PART_OF) != inputs.set_id:
        return Reason(f"someone removed its label {PART_OF}")
    if recorded is None or recorded.uid != dig(live, "metadata", "uid"):
        return Reason("the record does not say that this environment applied it")
    if recorded.restored:
        return Reason("the record of its apply was lost")
    if applied_by(live, inputs.manager) is None:
        return Reason(f"field manager {inputs.manager} no longer owns any of its fields")
    return None


def of_all(inputs: PruneInput, number: int) -> Reason | None:
    """What keeps all objects if this number of them would be deleted."""
    if inputs.in_git == 0:
        return Reason("git has no object of this environment any more, which may be a mistake")
    if inputs.incomplete:
        return Reason(
            "not every object could be listed", "see what was not checked, and run it again"
        )
    if inputs.newer:
        return Reason(
            f"the history of this revision does not have {inputs.newer}, which was applied before",
            "use --allow-rollback if nothing of that is needed any more"
            if "uncommitted" in inputs.newer or "without a commit" in inputs.newer
            else "apply a revision that has it, fetch the whole history in a shallow clone, or use --allow-rollback",
        )
    allowed = _allowed(inputs)
    if number > allowed:
        return Reason(
            f"{number} objects would be deleted, and one run may delete {allowed} at most",
            f"--prune-limit {number}, once you have checked that they should go",
        )
    return None


def _allowed(inputs: PruneInput) -> int:
    if inputs.limit is not None:
        return inputs.limit
    recorded = len(inputs.record.objects) if inputs.record else 0
    share = math.ceil(recorded * inputs.policy.max_percent / 100)
    return min(inputs.policy.max_objects, share)


def of_consumers(
    inputs: PruneInput, ref: ObjectRef, deleted: AbstractSet[ObjectRef]
) -> Reason | None:
    """The consumers that keep an object, besides those that are deleted with it."""
    consumers = inputs.policy.consumers
    if consumers is not PruneConsumers.ALLOW and (users := users_left(inputs, ref, deleted)):
        hint = "change what refers to it first, or allow it with policy.prune.consumers: allow"
        return Reason(users, hint)
    if consumers is PruneConsumers.REFUSE and inputs.unlisted:
        return Reason(
            f"consumers may use it that could not be listed: {', '.join(inputs.unlisted)}",
            "allow their lists (see what was not checked), or policy.prune.consumers: allow-unlisted",
        )
    return None


def users_left(inputs: PruneInput, ref: ObjectRef, deleted: AbstractSet[ObjectRef]) -> str:
    """Who still uses an object after this apply, as a sentence; "" for nobody."""
    users = sorted(inputs.users.get(ref, frozenset()) - deleted)
    if not users:
        return ""
    named = ", ".join(f"{user.kind} {user.namespace}/{user.name}" for user in users[:_NAMED])
    more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
    return f"{named}{more} still {'uses' if len(users) == 1 else 'use'} it"


def finalizers(inputs: PruneInput, change: Change) -> str:
    """The finalizers that keep a deleted object, as a sentence; "" without finalizers."""
    names = dig(inputs.live[change.ref].body(), "metadata", "finalizers") or ()
    return f"it stays until its finalizers go: {', '.join(map(str, names))}" if names else ""
