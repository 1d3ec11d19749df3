"""One violation that validation reports, in the server's words (apimachinery's field errors)."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.errors import Cause
from reconciler.frozen import dataclass
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

# A violation with one of these reasons makes the server skip all CEL rules.
BLOCKING = frozenset({NOT_SUPPORTED, REQUIRED, TOO_LONG, TOO_MANY, TYPE_INVALID})

_TITLES = {
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
    """One reason why an object is invalid: one cause of a 422.

    Attributes:
        path: where the value is in the object; () for the object as such.
        field: the path as the server prints it ("spec.providers[0].name", "<nil>").
        reason: FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, FieldValueTypeInvalid ...
        message: the server's message after the field ("Required value").
        rule: the CEL rule that failed, "" for a violation of anything else.
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
    message = ": ".join(part for part in (_TITLES[reason], value, detail) if part)
    return Violation(path, field or _NO_FIELD, reason, message, rule)


def value_text(value: Json) -> str:
    """The offending value as the server prints it."""
    if isinstance(value, str):
        return go_quoted(value)
    if isinstance(value, float):
        return go_number(value)
    return go_json(value)


def aggregate(violations: Iterable[Violation]) -> str:
    """The sentence of a 422: distinct sentences, in brackets when there are several."""
    sentences = list(dict.fromkeys(each.sentence for each in violations))
    return sentences[0] if len(sentences) == 1 else "[" + ", ".join(sentences) + "]"


# The server adds this violation when it skipped the CEL rules of a schema that has some.
UNCHECKED = violation(
    (),
    "",
    INVALID,
    "some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
    value="null",
)
