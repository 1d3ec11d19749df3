"""Structural defaulting and pruning, as apiextensions does both on every write and read (KEP-1150).

A null in a field that is not nullable counts as absent if the field has a default. Without a default, a PUT, a patch
and every read drop the null, while a server-side apply keeps it and validation then refuses it.
"""

from __future__ import annotations

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import copied

_TYPE_META = frozenset({"apiVersion", "kind", "metadata"})


def with_defaults(schema: Schema, body: JsonObject) -> JsonObject:
    """A copy of `body` with defaults; a default is set only where its parent exists, and never in `metadata`."""
    defaulted: JsonObject = copied(body)
    set_defaults(schema, defaulted)
    return defaulted


def set_defaults(schema: Schema, value: Json) -> None:
    """Set defaults in place, in an object or in any value inside one."""
    if not schema.has_defaults:
        return
    if isinstance(value, dict):
        _set_in_mapping(schema, value)
    elif isinstance(value, list) and schema.items is not None:
        for index, element in enumerate(value):
            if element is None and not schema.items.nullable:
                value[index] = schema.items.default
            set_defaults(schema.items, value[index])


def _set_in_mapping(schema: Schema, value: JsonObject) -> None:
    for key, child in schema.properties.items():
        if child.has_default and (key not in value or (value[key] is None and not child.nullable)):
            value[key] = child.default
    for key in value:
        child_schema = schema.child(key)
        if child_schema is None:
            continue
        if value[key] is None and key not in schema.properties and not child_schema.nullable:
            value[key] = child_schema.default
        set_defaults(child_schema, value[key])


def pruned(schema: Schema, body: JsonObject) -> JsonObject:
    """A copy of `body` without undeclared fields and without the nulls that a read drops."""
    remaining = without_undeclared(schema, body)
    _drop_nulls(schema, remaining)
    return remaining


def without_undeclared(schema: Schema, body: JsonObject) -> JsonObject:
    """A copy of `body` without the fields that the schema does not declare; apiVersion, kind and metadata remain."""
    remaining: JsonObject = copied(body)
    for key in list(remaining):
        if key not in _TYPE_META:
            _prune_key(schema, remaining, key)
    return remaining


def _prune(schema: Schema | None, value: Json) -> None:
    if isinstance(value, dict):
        for key in list(value):
            if schema is None:
                del value[key]
            else:
                _prune_key(schema, value, key)
    elif isinstance(value, list):
        for element in value:
            if schema is not None and schema.preserve_unknown:
                _prune_preserved(schema.items, element)
            else:
                _prune(schema.items if schema else None, element)


def _prune_key(schema: Schema, value: JsonObject, key: str) -> None:
    child = schema.child(key)
    if child is not None:
        _prune(child, value[key])
    elif not schema.preserve_unknown:
        del value[key]


def _prune_preserved(schema: Schema | None, value: Json) -> None:
    """Prune an item of a list that preserves unknown fields: only its declared properties are pruned."""
    if schema is None:
        return
    if isinstance(value, dict):
        for key in value:
            child = schema.child(key)
            if child is not None:
                _prune(child, value[key])
    elif isinstance(value, list):
        for element in value:
            _prune_preserved(schema.items, element)


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
        for element in value:
            _drop_nulls(schema.items if schema else None, element)
