"""x-kubernetes-list-type: items of a set, and keys of a map list, come once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import go_json
from reconciler.semantics.violation import DUPLICATE, INVALID, Violation, value_text, violation


def list_problems(
    schema: Schema, value: Json, path: FieldPath = (), field: str = ""
) -> Iterator[Violation]:
    """All repeated items at and below a place."""
    if isinstance(value, dict):
        for key, item in value.items():
            named = schema.properties.get(key)
            if named is not None:
                yield from list_problems(
                    named, item, (*path, key), f"{field}.{key}" if field else key
                )
            if schema.additional is not None:
                yield from list_problems(schema.additional, item, (*path, key), f"{field}[{key}]")
    elif isinstance(value, list):
        yield from _repeated(schema, value, path, field)
        if schema.items is not None:
            for index, item in enumerate(value):
                yield from list_problems(schema.items, item, (*path, index), f"{field}[{index}]")


def _repeated(
    schema: Schema, value: list[Json], path: FieldPath, field: str
) -> Iterator[Violation]:
    if schema.list_type == "set":
        texts = [go_json(item) for item in value]
        shown = [value_text(item) for item in value]
    elif schema.list_type == "map":
        for index, item in enumerate(value):
            if item is not None and not isinstance(item, dict):
                words = "must be an object for an array of list-type map"
                yield violation(
                    (*path, index), f"{field}[{index}]", INVALID, words, value=value_text(item)
                )
                return
        texts = shown = [go_json(_keys(schema.list_map_keys, item)) for item in value]
    else:
        return
    seen: Counter[str] = Counter()
    for index, text in enumerate(texts):
        seen[text] += 1
        if seen[text] == 2:  # noqa: PLR2004 -- the second appearance is named, a third one is not
            yield violation((*path, index), f"{field}[{index}]", DUPLICATE, value=shown[index])


def _keys(names: tuple[str, ...], item: Json) -> JsonObject:
    return {name: item[name] for name in names if isinstance(item, dict) and name in item}
