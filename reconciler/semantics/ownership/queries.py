"""Which fields a manager owns, and who owns a field, by the managedFields of an object."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.difference import Writer
from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.atoms import Atom
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import UPDATE, ManagedFieldsEntry, entries
from reconciler.semantics.ownership.path_elements import ElementPath, field_element


def applied_by(live: JsonObject, manager: str) -> JsonObject | None:
    """The FieldsV1 of the fields that a manager applied; None without an Apply entry of this manager."""
    applied = (entry.fields.to_fields_v1() for entry in entries(live) if entry.is_apply_of(manager))
    return next(applied, None)


def applied_at(live: JsonObject, manager: str) -> str:
    """When a manager last changed what it applies, by the clock of the server; "" if that is unknown."""
    times = (entry.time for entry in entries(live) if entry.is_apply_of(manager))
    return next(times, "")


def element_path(path: FieldPath) -> ElementPath:
    """The path elements of a path; its indices are left out, because a list is a leaf to the callers."""
    return tuple(field_element(step) for step in path if isinstance(step, str))


def covers(owned: FieldSet, path: ElementPath, atom: Atom | None = None) -> bool:
    """Whether the set has a field, or a field that contains it and is owned as one (such as an atomic mapping).

    By `atom`, the type of the object, an empty mapping that is not atomic covers nothing below it. Without a type,
    every leaf covers what is below it.
    """
    node = owned
    for element in path:
        child = node.children.get(element)
        if child is None:
            return node.member and not node.children and node is not owned and _owned_as_one(atom)
        node, atom = child, _child_atom(atom, element)
    return node.member or not node.children


def _owned_as_one(atom: Atom | None) -> bool:
    return atom is None or atom.mapping is None or atom.mapping.atomic


def _child_atom(atom: Atom | None, element: str) -> Atom | None:
    return atom.mapping.child(element[2:]) if atom and atom.mapping else None


def last_writer(
    managed: Iterable[ManagedFieldsEntry],
    path: ElementPath,
    *,
    other_than: str,
    atom: Atom | None = None,
) -> Writer | None:
    """Who wrote the live value, among the other owners of a field; None if there is none.

    The Apply entry of `other_than` does not count. An Update entry under this name does: any client can use a name.
    A manager that changes a value takes the field from all others. An Update owns only what it changed, so it wrote
    the value; of several Apply entries the first did, and the others have agreed later.
    """
    writers = [
        entry.writer
        for entry in managed
        if not entry.is_apply_of(other_than) and covers(entry.fields, path, atom)
    ]
    return min(writers, key=lambda writer: (writer.operation != UPDATE, writer.time), default=None)


def writers_within(managed: Iterable[ManagedFieldsEntry], path: ElementPath) -> tuple[Writer, ...]:
    """Who owns a field or a part of it, the last first: who applies an element of a list does not own the list."""
    writers = [entry.writer for entry in managed if _reaches(entry.fields, path)]
    return tuple(sorted(writers, key=lambda writer: writer.time, reverse=True))


def _reaches(owned: FieldSet, path: ElementPath) -> bool:
    node = owned
    for element in path:
        if element not in node.children:
            return False
        node = node.children[element]
    return True
