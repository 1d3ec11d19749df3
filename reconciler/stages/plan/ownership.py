"""Who owns what of one object: before (by the record), now (live), and after the apply (predicted)."""

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
    """Who owns what of one object: before, now, and after the apply."""

    manager: str
    entries: tuple[ManagedFieldsEntry, ...]
    before: FieldSet  # ours by the record
    now: FieldSet  # ours in the live object
    then: FieldSet  # ours in the predicted one
    conflicting: frozenset[str]  # as the server prints them
    never_ours: bool
    unrecorded: bool  # it carries our Apply entry, but no record says what was ours

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
            known = None  # deleted and created again: our ownership went with the old object
        ours = applied_by(live, manager)
        return cls(
            manager=manager,
            entries=entries(live),
            before=owned_set(known.owned.body() if known else None),
            now=owned_set(ours),
            then=owned_set(applied_by(predicted, manager)),
            conflicting=frozenset(cause.field for cause in conflicts),
            never_ours=ours is None and known is None,
            unrecorded=ours is not None and known is None,
        )

    def blame(self, path: FieldPath) -> tuple[Why, Writer | None]:
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
        """The server names the field that is owned; it may be atomic and above this leaf."""
        ends = range(1, len(elements) + 1)
        return any(printed(elements[:end]) in self.conflicting for end in ends)

    def foreign(self) -> Iterator[tuple[FieldPath, Writer]]:
        """Leaves of the spec that others added beside ours."""
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
        """Whether every field in conflict is ours or was: others share it or took it, and git may take it back."""
        ours = {printed(s) for s in self.then if covers(self.now, s) or covers(self.before, s)}
        return self.conflicting <= ours

    def left_behind(self, predicted: JsonObject) -> tuple[str, ...]:
        """Fields that left git and stay because someone else owns them, with that owner."""
        left = []
        for elements in (self.now | self.before).leaves() - self.then:
            path = field_path(elements)
            by = last_writer(self.entries, elements, other_than=self.manager)
            if by and starts_with(path, ("spec",)) and present(predicted, path):
                left.append(f"{show(path)} ({by.manager})")
        return tuple(left)

    def _ever_ours(self, elements: ElementPath) -> bool:
        return any(covers(owned, elements) for owned in (self.then, self.now, self.before))
