"""An object without some of its fields."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath, at
from reconciler.semantics.values import copied


def without_fields(body: JsonObject, paths: Iterable[FieldPath]) -> JsonObject:
    """A copy without some fields. A field inside a list removes the list: its elements are known by their index."""
    copy: JsonObject = copied(body)
    for path in paths:
        removed = _up_to_a_list(path)
        parent = at(copy, removed[:-1])
        if removed and isinstance(parent, dict):
            parent.pop(removed[-1], None)
    return copy


def _up_to_a_list(path: FieldPath) -> FieldPath:
    first = next((index for index, step in enumerate(path) if isinstance(step, int)), len(path))
    return path[:first]
