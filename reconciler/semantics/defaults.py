"""Structural defaulting, as apiextensions does it on every write and read."""

from __future__ import annotations

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.schema import Schema


def with_defaults(schema: Schema, body: JsonObject) -> JsonObject:
    """A new object with the defaults filled in; `body` is left alone.

    A default is set only where the parent exists; a null at a field that has a default and is not
    nullable counts as absent. `metadata` is never defaulted.
    """
    raise NotImplementedError


def without_nulls(schema: Schema, body: Json) -> Json:
    """A copy without the nulls that defaulting drops (a non-nullable field with a default)."""
    raise NotImplementedError
