"""Validation of one object: OpenAPI v3, list types and CEL, all causes at once, with ratcheting (KEP-4008)."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.errors import Cause
from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.crd import CrdVersion


@dataclass(frozen=True, slots=True)
class Problem:
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation says: problems in the server's order, and what could not be checked."""

    problems: tuple[Problem, ...]
    not_provable: tuple[str, ...] = ()


def validate(version: CrdVersion, body: JsonObject, old: JsonObject | None = None) -> Verdict:
    """Validate a defaulted object; with `old` as an update of it (ratcheting, transition rules)."""
    raise NotImplementedError
