"""x-kubernetes-list-type: no two items of a set are equal, and no two items of a map list have the same keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import go_json
from reconciler.semantics.violation import DUPLICATE, INVALID, Violation, value_text, violation


def list_violations(
    schema: Schema, value: Json, path: FieldPath = (), field: str = ""
) -> Iterator[Violation]:
    """All repeated items in a value and below it; `field` is the path as the server prints it."""
    if isinstance(value, dict):
        for key, child_value in value.items():
            child, child_path = schema.properties.get(key), (*path, key)
            if child is not None:
                child_field = f"{field}.{key}" if field else key
                yield from list_violations(child, child_value, child_path, child_field)
            if schema.additional is not None:
                child_field = f"{field}[{key}]"
                yield from list_violations(schema.additional, child_value, child_path, child_field)
    elif isinstance(value, list):
        yield from _repeated(schema, value, path, field)
        if schema.items is not None:
            for index, element in enumerate(value):
                element_path, element_field = (*path, index), f"{field}[{index}]"
                yield from list_violations(schema.items, element, element_path, element_field)


def _repeated(
    schema: Schema, values: list[Json], path: FieldPath, field: str
) -> Iterator[Violation]:
    if schema.list_type == "set":
        identities = [go_json(value) for value in values]
        printed = [value_text(value) for value in values]
    elif schema.list_type == "map":
        for index, value in enumerate(values):
            if value is not None and not isinstance(value, dict):
                detail, text = "must be an object for an array of list-type map", value_text(value)
                yield violation((*path, index), f"{field}[{index}]", INVALID, detail, value=text)
                return
        identities = printed = [go_json(_keys(schema.list_map_keys, value)) for value in values]
    else:
        return
    counts: Counter[str] = Counter()
    for index, identity in enumerate(identities):
        counts[identity] += 1
        if counts[identity] == 2:  # noqa: PLR2004 -- the server reports the second occurrence only
            yield violation((*path, index), f"{field}[{index}]", DUPLICATE, value=printed[index])


def _keys(names: tuple[str, ...], value: Json) -> JsonObject:
    return {name: value[name] for name in names if isinstance(value, dict) and name in value}
