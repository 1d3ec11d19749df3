"""Questions about managedFields: who owns a field, and which fields are ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.difference import Writer
from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.fieldset import FieldSet, Steps
from reconciler.semantics.ownership.managers import Entry, entries


def applied_by(live: JsonObject, manager: str) -> JsonObject | None:
    """The FieldsV1 that a manager owns by Apply; None when it has no such entry."""
    found = (entry.fields.to_fields_v1() for entry in entries(live) if entry.is_apply_of(manager))
    return next(found, None)


def owned_set(fields: Mapping[str, Any] | None) -> FieldSet:
    """The set of a raw FieldsV1; the empty one for none."""
    return FieldSet.from_fields_v1(fields or {})


def steps_of(path: FieldPath) -> Steps:
    """FieldsV1 steps of a path that runs through maps only (a list is one leaf here)."""
    return tuple(f"f:{step}" for step in path if isinstance(step, str))


def covers(owned: FieldSet, steps: Steps) -> bool:
    """Whether a field is in the set, or stands inside of one that is owned as a whole (an atomic one)."""
    node: FieldSet = owned
    for step in steps:
        child = node.children.get(step)
        if child is None:
            return node.member and not node.children and node is not owned
        node = child
    return node.member or not node.children


def owner_of(found: tuple[Entry, ...], steps: Steps, *, other_than: str) -> Writer | None:
    """Who else owns a field now: the latest writer; None when nobody does."""
    writers = [
        entry.writer
        for entry in found
        if entry.writer.manager != other_than and covers(entry.fields, steps)
    ]
    return max(writers, key=lambda writer: writer.time, default=None)
