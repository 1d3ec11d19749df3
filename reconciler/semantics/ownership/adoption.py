"""Move the fields of other field managers to one applier (client-go's csaupgrade, for the managers that are named).

While another manager shares a field, an applier that stops sending it does not remove it. After the move the applier
is its only owner, and its next apply removes what it no longer sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from reconciler.frozen import dataclass
from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.marks import LAST_APPLIED
from reconciler.semantics.ownership.fieldset import EMPTY, FieldSet
from reconciler.semantics.ownership.managed_fields import (
    APPLY,
    ManagedFields,
    ManagedFieldsEntry,
    entries,
)
from reconciler.semantics.ownership.merge import FieldOwner, VersionedFields

_LAST_APPLIED = FieldSet.of_paths([("f:metadata", "f:annotations", f"f:{LAST_APPLIED}")])
_MOVABLE_METADATA = (
    "f:labels",
    "f:annotations",
)  # finalizers and owner references stay with their owner


@dataclass(frozen=True, slots=True)
class Mover:
    """Whose fields move to whom.

    Attributes:
        managers: the field managers that give their fields up.
        applier: the one that gets them.
        api_version: of the next apply; fields that were written at another one stay, since their paths may differ.
        stays: fields that do not move.
    """

    managers: AbstractSet[str]
    applier: str
    api_version: str
    stays: FieldSet = EMPTY

    def gives(self, live: JsonObject) -> tuple[str, ...]:
        """The managers that have something to move, sorted; () if an apply needs no move before it."""
        if not self.managers:
            return ()
        managed = entries(live)
        if len(managed) != len(dig(live, "metadata", "managedFields") or ()):
            return ()  # the server ignores all entries if one is not valid
        if any(each.is_apply_of(self.applier) and not self._fits(each) for each in managed):
            return ()  # the next apply moves our own fields to its version first
        return tuple(sorted({entry.owner.manager for entry in self._givers(live)}))

    def patch(self, live: JsonObject) -> JsonObject:
        """The merge patch that moves the fields of a live object, without its resourceVersion."""
        metadata: JsonObject = {"managedFields": self._moved(live).entries()}
        held = any(entry.fields & _LAST_APPLIED for entry in self._givers(live))
        if held and LAST_APPLIED in dig_map(live, "metadata", "annotations"):
            metadata["annotations"] = {LAST_APPLIED: None}
        return {"metadata": metadata}

    def _givers(self, live: JsonObject) -> Iterator[ManagedFieldsEntry]:
        for entry in entries(live):
            named = entry.owner.manager in self.managers and not entry.owner.subresource
            theirs = named and not entry.is_apply_of(self.applier) and self._fits(entry)
            if theirs and (self._movable(entry.fields) or entry.fields & _LAST_APPLIED):
                yield entry

    def _fits(self, entry: ManagedFieldsEntry) -> bool:
        return entry.owned.api_version == self.api_version

    def _movable(self, fields: FieldSet) -> FieldSet:
        children = {e: c for e, c in fields.children.items() if e not in ("f:metadata", "f:status")}
        marks = fields.children.get("f:metadata", EMPTY).children
        if kept := {name: marks[name] for name in _MOVABLE_METADATA if name in marks}:
            children["f:metadata"] = FieldSet(children=kept)
        return _without_containers(FieldSet(children=children)) - self.stays - _LAST_APPLIED

    def _moved(self, live: JsonObject) -> ManagedFields:
        managed = entries(live)
        owners, times = {e.owner: e.owned for e in managed}, {e.owner: e.time for e in managed}
        ours = FieldOwner(self.applier, APPLY)
        fields = owners[ours].fields if ours in owners else EMPTY
        for entry in self._givers(live):
            moved = self._movable(entry.fields)
            fields |= moved
            rest = _without_containers(entry.fields) - moved - _LAST_APPLIED
            owners[entry.owner] = VersionedFields(self.api_version, rest)
            times[ours] = times.get(ours) or entry.time
        owners[ours] = VersionedFields(self.api_version, fields)
        return ManagedFields({o: owned for o, owned in owners.items() if owned.fields}, times)


def _without_containers(fields: FieldSet) -> FieldSet:
    """The set without mappings of which it has a field: an Update owns them, an Apply does not."""
    children = {}
    for element, child in fields.children.items():
        inner = _without_containers(child)
        member = child.member and (not child.children or element[0] != "f")
        children[element] = FieldSet(member, inner.children)
    return FieldSet(fields.member, children)
