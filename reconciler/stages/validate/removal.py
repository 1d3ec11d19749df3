"""An object without some of its fields."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath, at
from reconciler.semantics.values import copied


def without(body: JsonObject, paths: Iterable[FieldPath]) -> JsonObject:
    """A copy without them; of a list that holds one, all of it goes, for its items have numbers for names."""
    kept: JsonObject = copied(body)
    for path in paths:
        named = _up_to_a_list(path)
        above = at(kept, named[:-1])
        if named and isinstance(above, dict):
            above.pop(named[-1], None)
    return kept


def _up_to_a_list(path: FieldPath) -> FieldPath:
    first = next((index for index, step in enumerate(path) if isinstance(step, int)), len(path))
    return path[:first]
