"""Field ownership in one object: before (in the record), now (live), and after an apply (predicted)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.errors import Cause
from reconciler.model.difference import Why, Writer
from reconciler.model.document import JsonObject, dig
from reconciler.model.path import FieldPath, present, show, starts_with
from reconciler.model.record import RecordedObject
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import ManagedFieldsEntry, entries
from reconciler.semantics.ownership.path_elements import ElementPath, field_path, printed
from reconciler.semantics.ownership.queries import (
    applied_by,
    covers,
    element_path,
    last_writer,
    owned_set,
)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Field ownership in one object.

    Attributes:
        before: the fields that are ours in the record.
        now: the fields that are ours in the live object.
        then: the fields that are ours in the predicted object.
        conflicting: the fields in conflict, as the server prints them.
        taken: the fields that others own in the live object and lose by the apply.
        never_ours: neither the record nor the live object has fields of ours.
        unrecorded: the live object has fields of ours, but there is no record of them.
    """

    manager: str
    entries: tuple[ManagedFieldsEntry, ...]
    before: FieldSet
    now: FieldSet
    then: FieldSet
    conflicting: frozenset[str]
    taken: FieldSet
    never_ours: bool
    unrecorded: bool

    @classmethod
    def of(
        cls,
        manager: str,
        known: RecordedObject | None,
        conflicts: Iterable[Cause],
        live: JsonObject,
        predicted: JsonObject,
    ) -> Ownership:
        if known and known.uid != dig(live, "metadata", "uid"):
            known = None  # someone deleted and recreated the object
        ours = applied_by(live, manager)
        return cls(
            manager=manager,
            entries=entries(live),
            before=owned_set(known.owned.body() if known else None),
            now=owned_set(ours),
            then=owned_set(applied_by(predicted, manager)),
            conflicting=frozenset(cause.field for cause in conflicts),
            taken=_taken(entries(live), entries(predicted), manager),
            never_ours=ours is None and known is None,
            unrecorded=ours is not None and known is None,
        )

    def cause(self, path: FieldPath) -> tuple[Why, Writer | None]:
        """Why a field differs, and who wrote its live value."""
        elements = element_path(path)
        if covers(self.now, elements):
            return Why.CHANGE, None
        by = last_writer(self.entries, elements, other_than=self.manager)
        if covers(self.before, elements):
            return Why.DRIFT, by
        if self._in_conflict(elements):
            return (Why.UNKNOWN if self.unrecorded else Why.CONFLICT), by
        return Why.CHANGE, None

    def _in_conflict(self, elements: ElementPath) -> bool:
        """Whether the field, or an atomic field that contains it, is in conflict."""
        ends = range(1, len(elements) + 1)
        return any(printed(elements[:end]) in self.conflicting for end in ends)

    def foreign(self) -> Iterator[tuple[FieldPath, Writer]]:
        """The fields of the spec that others added to an object of ours."""
        if self.never_ours:
            return
        for entry in self.entries:
            if entry.writer.manager == self.manager or entry.writer.subresource:
                continue
            for elements in entry.fields.leaves():
                path = field_path(elements)
                if starts_with(path, ("spec",)) and not self._ever_ours(elements):
                    yield path, entry.writer

    def all_ours(self) -> bool:
        """Whether every field in conflict is or was ours, so that an apply may force it.

        The fields that others lose are judged as well, in case the server does not list every conflict.
        """
        ours = {printed(s) for s in self.then if covers(self.now, s) or covers(self.before, s)}
        lost = {printed(elements) for elements in self.taken}
        return self.conflicting | lost <= ours

    def left_behind(self, predicted: JsonObject) -> tuple[str, ...]:
        """Fields that are no longer in git but remain, because someone else owns them, each with its owner."""
        left = []
        for elements in (self.now | self.before).leaves() - self.then:
            path = field_path(elements)
            by = last_writer(self.entries, elements, other_than=self.manager)
            if by and starts_with(path, ("spec",)) and present(predicted, path):
                left.append(f"{show(path)} ({by.manager})")
        return tuple(left)

    def _ever_ours(self, elements: ElementPath) -> bool:
        return any(covers(owned, elements) for owned in (self.then, self.now, self.before))


def _taken(
    live: Iterable[ManagedFieldsEntry], predicted: Iterable[ManagedFieldsEntry], manager: str
) -> FieldSet:
    """The fields that other managers own before an apply and not after it."""
    kept = {entry.owner: entry.fields for entry in predicted}
    taken = FieldSet()
    for entry in live:
        if not entry.is_apply_of(manager):
            taken |= entry.fields - kept.get(entry.owner, FieldSet())
    return taken
