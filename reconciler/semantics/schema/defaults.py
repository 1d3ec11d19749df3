"""Structural defaulting and pruning, as apiextensions does them on every write and read (KEP-1150).

Null has three fates at a field that is not nullable: with a default it counts as absent, without one
it is dropped by a PUT, a patch and every read, and a server-side apply keeps it (and is then refused).
"""

from __future__ import annotations

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import copied

_TYPE_META = frozenset({"apiVersion", "kind", "metadata"})


def with_defaults(schema: Schema, body: JsonObject) -> JsonObject:
    """A new object with the defaults filled in; `body` is left alone.

    A default is set only where the parent exists; a null at a field that has a default and is not
    nullable counts as absent. `metadata` is never defaulted.
    """
    filled: JsonObject = copied(body)
    fill(schema, filled)
    return filled


def fill(schema: Schema, value: Json) -> None:
    """`with_defaults` in place, at any level."""
    if not schema.has_defaults:
        return
    if isinstance(value, dict):
        _fill_mapping(schema, value)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            if item is None and not schema.items.nullable:
                value[index] = schema.items.default
            fill(schema.items, value[index])


def _fill_mapping(schema: Schema, value: JsonObject) -> None:
    for key, child in schema.properties.items():
        if child.has_default and (key not in value or (value[key] is None and not child.nullable)):
            value[key] = child.default
    for key in value:
        child_schema = schema.child(key)
        if child_schema is None:
            continue
        if value[key] is None and key not in schema.properties and not child_schema.nullable:
            value[key] = child_schema.default
        fill(child_schema, value[key])


def pruned(schema: Schema, body: JsonObject) -> JsonObject:
    """A new object without the fields that the schema does not have; apiVersion, kind, metadata stay."""
    kept = without_undeclared(schema, body)
    _drop_nulls(schema, kept)
    return kept


def without_undeclared(schema: Schema, body: JsonObject) -> JsonObject:
    """`pruned`, but nulls stay."""
    kept: JsonObject = copied(body)
    for key in list(kept):
        if key not in _TYPE_META:
            _prune_key(schema, kept, key)
    return kept


def _prune(schema: Schema | None, value: Json) -> None:
    if isinstance(value, dict):
        for key in list(value):
            if schema is None:
                del value[key]
            else:
                _prune_key(schema, value, key)
    elif isinstance(value, list):
        for item in value:
            if schema is not None and schema.preserve_unknown:
                _prune_preserved(schema.items, item)
            else:
                _prune(schema.items if schema else None, item)


def _prune_key(schema: Schema, value: JsonObject, key: str) -> None:
    child = schema.child(key)
    if child is not None:
        _prune(child, value[key])
    elif not schema.preserve_unknown:
        del value[key]


def _prune_preserved(schema: Schema | None, value: Json) -> None:
    """Items of a list that keeps unknown fields keep theirs too, but not below named properties."""
    if schema is None:
        return
    if isinstance(value, dict):
        for key in value:
            child = schema.child(key)
            if child is not None:
                _prune(child, value[key])
    elif isinstance(value, list):
        for item in value:
            _prune_preserved(schema.items, item)


def _drop_nulls(schema: Schema | None, value: Json) -> None:
    if isinstance(value, dict):
        for key in list(value):
            child = schema.child(key) if schema else None
            if (
                value[key] is None
                and child is not None
                and not child.nullable
                and not child.has_default
            ):
                del value[key]
            else:
                _drop_nulls(child, value[key])
    elif isinstance(value, list):
        for item in value:
            _drop_nulls(schema.items if schema else None, item)
