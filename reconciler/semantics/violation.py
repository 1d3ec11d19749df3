"""One finding of validation, in the words of the server (apimachinery's field errors)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.errors import Cause
from reconciler.model.document import Json
from reconciler.model.path import FieldPath
from reconciler.semantics.values import go_json, go_number, go_quoted

REQUIRED = "FieldValueRequired"
INVALID = "FieldValueInvalid"
TYPE_INVALID = "FieldValueTypeInvalid"
NOT_SUPPORTED = "FieldValueNotSupported"
DUPLICATE = "FieldValueDuplicate"
FORBIDDEN = "FieldValueForbidden"
TOO_LONG = "FieldValueTooLong"
TOO_MANY = "FieldValueTooMany"

# With one of these the server does not look at the CEL rules at all.
BLOCKING = frozenset({NOT_SUPPORTED, REQUIRED, TOO_LONG, TOO_MANY, TYPE_INVALID})

_WORDS = {
    REQUIRED: "Required value",
    INVALID: "Invalid value",
    TYPE_INVALID: "Invalid value",
    NOT_SUPPORTED: "Unsupported value",
    DUPLICATE: "Duplicate value",
    FORBIDDEN: "Forbidden",
    TOO_LONG: "Too long",
    TOO_MANY: "Too many",
}
_NO_FIELD = "<nil>"


@dataclass(frozen=True, slots=True)
class Violation:
    """One cause of a 422.

    Attributes:
        path: where in the object, for source lines; () for the object itself.
        field: the path as the server prints it ("spec.providers[0].name", "<nil>").
        reason: FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, FieldValueTypeInvalid ...
        message: the server's words, "Required value" and the like.
        rule: the CEL rule, "" for the rest.
    """

    path: FieldPath
    field: str
    reason: str
    message: str
    rule: str = ""

    @property
    def cause(self) -> Cause:
        return Cause(self.field, self.reason, self.message)

    @property
    def sentence(self) -> str:
        return f"{self.field}: {self.message}"


def violation(
    path: FieldPath, field: str, reason: str, detail: str = "", *, value: str = "", rule: str = ""
) -> Violation:
    """A violation; `value` is the offending value as `value_text` prints it, "" to leave it out."""
    message = ": ".join(part for part in (_WORDS[reason], value, detail) if part)
    return Violation(path, field or _NO_FIELD, reason, message, rule)


def value_text(value: Json) -> str:
    """How the server prints the offending value."""
    if isinstance(value, str):
        return go_quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return go_number(value)
    return go_json(value)


def aggregate(violations: Iterable[Violation]) -> str:
    """Several violations in one sentence: each once, in brackets when there are more."""
    sentences = list(dict.fromkeys(found.sentence for found in violations))
    return sentences[0] if len(sentences) == 1 else "[" + ", ".join(sentences) + "]"


# Said once more when the CEL rules were left out.
UNCHECKED = violation(
    (),
    "",
    INVALID,
    "some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
    value="null",
)
