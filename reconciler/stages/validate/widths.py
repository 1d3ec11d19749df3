"""Numbers that an API server stores and no operator can read: it takes `format: int32` for a note."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import FieldFinding
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, show
from reconciler.semantics.schema.structural import Schema

_LARGEST = 2**31 - 1


def too_wide(schema: Schema, value: Json, path: FieldPath = ()) -> Iterator[FieldFinding]:
    """Findings on what is too large for its field, by the schema that stands above it."""
    if isinstance(value, dict):
        for key, part in value.items():
            below = schema.child(key)
            if below is not None:
                yield from too_wide(below, part, (*path, key))
    elif isinstance(value, list) and schema.items is not None:
        for index, part in enumerate(value):
            yield from too_wide(schema.items, part, (*path, index))
    elif _is_too_wide(schema, value):
        message = f"{show(path)} has 32 bits, and {value} does not fit"
        hint = f"write at most {_LARGEST}" if value > 0 else f"write at least {-_LARGEST - 1}"
        yield FieldFinding("K8S010", Severity.ERROR, path, message, hint)


def _is_too_wide(schema: Schema, value: Json) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and schema.format == "int32" and not -_LARGEST - 1 <= value <= _LARGEST
