"""The finding on a value whose type is not the one that the schema declares."""

from __future__ import annotations

from reconciler.kind import FieldFinding
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, show
from reconciler.semantics.schema.structural import Schema

_NOUNS = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}
_TYPES = (
    (bool, "boolean"),
    (str, "string"),
    (int, "integer"),
    (float, "number"),
    (list, "array"),
)


def type_mismatch(path: FieldPath, schema: Schema, value: Json, hint: str) -> FieldFinding:
    """The message names both types and never contains the value."""
    expected = schema.type or "integer or string"
    message = f"{show(path)} must be {_NOUNS.get(expected, expected)}, not {_noun(value)}"
    return FieldFinding("K8S003", Severity.ERROR, path, message, hint)


def _noun(value: Json) -> str:
    if value is None:
        return "null"
    return _NOUNS[next((name for type_, name in _TYPES if isinstance(value, type_)), "object")]
