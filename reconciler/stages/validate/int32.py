"""Numbers that an API server stores but no operator can read: the server does not enforce `format: int32`."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import FieldFinding
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, show
from reconciler.semantics.schema.structural import Schema

_LARGEST = 2**31 - 1


def int32_overflows(schema: Schema, value: Json, path: FieldPath = ()) -> Iterator[FieldFinding]:
    """A finding for each number in a value that does not fit the 32 bits that its schema declares."""
    if isinstance(value, dict):
        for key, part in value.items():
            child = schema.child(key)
            if child is not None:
                yield from int32_overflows(child, part, (*path, key))
    elif isinstance(value, list) and schema.items is not None:
        for index, part in enumerate(value):
            yield from int32_overflows(schema.items, part, (*path, index))
    elif _overflows(schema, value):
        message = f"{show(path)} has 32 bits, and {value} does not fit"
        hint = f"write at most {_LARGEST}" if value > 0 else f"write at least {-_LARGEST - 1}"
        yield FieldFinding("K8S010", Severity.ERROR, path, message, hint)


def _overflows(schema: Schema, value: Json) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return is_integer and schema.format == "int32" and not -_LARGEST - 1 <= value <= _LARGEST
