"""A value of another type than the field has: the sentence for it."""

from __future__ import annotations

from reconciler.kind import FieldFinding
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, show
from reconciler.semantics.schema.structural import Schema

_ARTICLE = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}
_NAMES = (
    (bool, "boolean"),
    (str, "string"),
    (int, "integer"),
    (float, "number"),
    (list, "array"),
)


def mistyped(path: FieldPath, schema: Schema, value: Json, hint: str) -> FieldFinding:
    """Says both types, and nothing of the value."""
    wanted = schema.type or "integer or string"
    message = f"{show(path)} must be {_ARTICLE.get(wanted, wanted)}, not {_type_of(value)}"
    return FieldFinding("K8S003", Severity.ERROR, path, message, hint)


def _type_of(value: Json) -> str:
    if value is None:
        return "null"
    name = next((name for python, name in _NAMES if isinstance(value, python)), "object")
    return _ARTICLE[name]
