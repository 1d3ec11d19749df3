"""Which fields a manager owns, and who owns a field, by the managedFields of an object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.model.difference import Writer
from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import ManagedFieldsEntry, entries
from reconciler.semantics.ownership.path_elements import ElementPath, field_element


def applied_by(live: JsonObject, manager: str) -> JsonObject | None:
    """The FieldsV1 of the fields that a manager applied; None without an Apply entry of this manager."""
    applied = (entry.fields.to_fields_v1() for entry in entries(live) if entry.is_apply_of(manager))
    return next(applied, None)


def owned_set(fields: Mapping[str, Any] | None) -> FieldSet:
    """FieldsV1 as a set; None is empty."""
    return FieldSet.from_fields_v1(fields or {})


def element_path(path: FieldPath) -> ElementPath:
    """The path elements of a path; its indices are left out, because a list is a leaf to the callers."""
    return tuple(field_element(step) for step in path if isinstance(step, str))


def covers(owned: FieldSet, path: ElementPath) -> bool:
    """Whether the set has a field, or a field that contains it and is owned as one (such as an atomic mapping)."""
    node = owned
    for element in path:
        child = node.children.get(element)
        if child is None:
            return node.member and not node.children and node is not owned
        node = child
    return node.member or not node.children


def last_writer(
    managed: Iterable[ManagedFieldsEntry], path: ElementPath, *, other_than: str
) -> Writer | None:
    """The latest of all other managers that own a field; None if no other manager owns it."""
    writers = [
        entry.writer
        for entry in managed
        if entry.writer.manager != other_than and covers(entry.fields, path)
    ]
    return max(writers, key=lambda writer: writer.time, default=None)
