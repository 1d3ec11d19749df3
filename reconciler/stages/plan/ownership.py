"""Field ownership in one object: before (in the record), now (live), and after an apply (predicted)."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.errors import Cause
from reconciler.frozen import dataclass
from reconciler.model.difference import Why, Writer
from reconciler.model.document import JsonObject, dig
from reconciler.model.path import FieldPath, present, show, starts_with
from reconciler.model.record import RecordedObject
from reconciler.semantics.ownership.atoms import Atom
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import ManagedFieldsEntry, entries, fields_of
from reconciler.semantics.ownership.path_elements import ElementPath, field_path, printed
from reconciler.semantics.ownership.queries import (
    covers,
    element_path,
    last_writer,
    writers_within,
)


@dataclass(frozen=True, slots=True)
class OwnershipInput:
    """One object and what the record knows of it.

    Attributes:
        content: the keyed digest of the manifest; "" without a fingerprint key.
        atom: the type of the object; None if it is unknown.
        adopted_from: the managers whose fields become ours before the apply.
    """

    manager: str
    known: RecordedObject | None
    conflicts: tuple[Cause, ...]
    live: JsonObject
    predicted: JsonObject
    content: str = ""
    atom: Atom | None = None
    adopted_from: tuple[str, ...] = ()


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
        recreated: someone deleted the object that the record knows, and created another one.
        not_by_us: a field of ours that differs was changed in the cluster: git has not changed since the recorded
            apply, or somebody has applied under our name since. After both, the two cannot be told apart by field.
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
    recreated: bool = False
    not_by_us: bool = False
    atom: Atom | None = None
    adopted_from: tuple[str, ...] = ()

    @classmethod
    def of(cls, inputs: OwnershipInput) -> Ownership:
        known, live = inputs.known, inputs.live
        managed = entries(live)
        # Most objects are provably as an apply would leave them.
        managed_then = managed if inputs.predicted is live else entries(inputs.predicted)
        ours = _of_manager(managed, inputs.manager)
        then = _of_manager(managed_then, inputs.manager)
        return cls(
            manager=inputs.manager,
            entries=managed,
            before=fields_of(known.owned.text) if known else FieldSet(),
            now=ours.fields if ours else FieldSet(),
            then=then.fields if then else FieldSet(),
            conflicting=frozenset(cause.field for cause in inputs.conflicts),
            taken=_taken(managed, managed_then, mine=inputs.manager, adopted=inputs.adopted_from),
            never_ours=ours is None and known is None,
            unrecorded=ours is not None and known is None,
            recreated=ours is None
            and known is not None
            and known.uid != dig(live, "metadata", "uid"),
            not_by_us=known is not None
            and (
                bool(known.digest and known.digest == inputs.content)
                or known.written not in ("", ours.time if ours else "")
            ),
            atom=inputs.atom,
            adopted_from=inputs.adopted_from,
        )

    def cause(self, path: FieldPath) -> tuple[Why, Writer | None]:
        """Why a field differs, and who wrote its live value.

        A field that is ours now was changed by git, or by someone who applies under our name.
        """
        elements = element_path(path)
        if self._covers(self.now, elements):
            return (Why.DRIFT, self._under_our_name()) if self.not_by_us else (Why.CHANGE, None)
        by = self._writer(elements)
        if self._covers(self.before, elements):
            return Why.DRIFT, by
        if by and by.manager in self.adopted_from:
            return Why.ADOPT, by
        if self._in_conflict(elements):
            return (Why.UNKNOWN if self.unrecorded else Why.CONFLICT), by
        return Why.CHANGE, None

    def writer_of(self, path: FieldPath) -> Writer | None:
        """Who wrote the live value of a field that is not ours."""
        return self._writer(element_path(path)) or (
            self._under_our_name() if self._covers(self.now, element_path(path)) else None
        )

    def writer_within(self, path: FieldPath) -> Writer | None:
        """Who wrote a list or an element of it last, if possible somebody else than who applies the object."""
        writers = writers_within(self.entries, element_path(path))
        strangers = (each for each in writers if each.manager != self.manager)
        return next(strangers, next(iter(writers), None))

    def will_be_ours(self, path: FieldPath) -> bool:
        """Whether the field is ours after an apply."""
        return self._covers(self.then, element_path(path))

    def root_of(self, path: FieldPath) -> FieldPath:
        """The highest field at or above a path in which nothing is ours after an apply."""
        node = self.then
        for end, element in enumerate(element_path(path), start=1):
            if element not in node.children:
                return path[:end]
            node = node.children[element]
        return path

    def _covers(self, owned: FieldSet, elements: ElementPath) -> bool:
        return covers(owned, elements, self.atom)

    def _writer(self, elements: ElementPath) -> Writer | None:
        return last_writer(self.entries, elements, other_than=self.manager, atom=self.atom)

    def _under_our_name(self) -> Writer | None:
        ours = (entry.writer for entry in self.entries if entry.is_apply_of(self.manager))
        return next(ours, None)

    def _in_conflict(self, elements: ElementPath) -> bool:
        """Whether the field, or an atomic field that contains it, is in conflict."""
        ends = range(1, len(elements) + 1)
        return any(printed(elements[:end]) in self.conflicting for end in ends)

    def all_ours(self, taken: frozenset[str] = frozenset()) -> bool:
        """Whether every field in conflict is or was ours, or is `taken`, so that an apply may force it.

        The fields that others lose are judged as well, in case the server does not list every conflict.
        """
        ours = {
            printed(s)
            for s in self.then
            if self._covers(self.now, s) or self._covers(self.before, s)
        }
        lost = {printed(elements) for elements in self.taken}
        return self.conflicting | lost <= ours | taken

    def sharing(self) -> tuple[str, ...]:
        """The other managers that own fields which are ours after an apply, and stay their owners."""
        others = (each for each in self.entries if not each.is_apply_of(self.manager))
        names = {each.owner.manager for each in others if each.fields & self.then}
        return tuple(sorted(names - set(self.adopted_from)))

    def lost(self) -> str:
        """How somebody changed the ownership of fields whose values equal git; "" if nobody did.

        If git removed such a field later, it would stay in the cluster, without a conflict.
        """
        if self.now == self.then or not (lost := (self.before & self.then) - self.now):
            return ""
        if not self.now:
            return "someone removed our entry from its managedFields, so that none of its fields is ours"
        fields = [field_path(elements) for elements in lost.leaves()]
        by = next(filter(None, map(self.writer_of, fields)), None)
        said = (
            f"{', '.join(map(show, fields))} {'is' if len(fields) == 1 else 'are'} no longer ours"
        )
        return f"{said}: {by} wrote the same value" if by else f"{said}, with the same value"

    def left_behind(
        self, predicted: JsonObject, ignored: tuple[FieldPath, ...] = ()
    ) -> tuple[str, ...]:
        """Fields that are no longer in git but remain, because someone else owns them, each with its owner."""
        left = []
        owned = self.now if self.before is self.now else self.now | self.before
        if owned is self.then:  # most objects are as the last apply left them
            return ()
        for elements in owned.leaves() - self.then:
            path = field_path(elements)
            by = self._writer(elements)
            remains = starts_with(path, ("spec",)) and present(predicted, path)
            if by and remains and path not in ignored:
                left.append(f"{show(path)} ({by.manager})")
        return tuple(left)


def _of_manager(managed: tuple[ManagedFieldsEntry, ...], manager: str) -> ManagedFieldsEntry | None:
    """The Apply entry of a manager."""
    return next((entry for entry in managed if entry.is_apply_of(manager)), None)


def _taken(
    live: Iterable[ManagedFieldsEntry],
    predicted: Iterable[ManagedFieldsEntry],
    *,
    mine: str,
    adopted: tuple[str, ...],
) -> FieldSet:
    """The fields that other managers own before an apply and not after it, without those that are adopted."""
    kept = {entry.owner: entry.fields for entry in predicted}
    taken = FieldSet()
    for entry in live:
        if not entry.is_apply_of(mine) and entry.owner.manager not in adopted:
            taken |= entry.fields - kept.get(entry.owner, FieldSet())
    return taken
