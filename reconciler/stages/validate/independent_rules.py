"""CEL rules that an object violates, whatever its other errors.

The server evaluates no rule while the object has a wrong type, a wrong enum value or a missing field, so it would
report these violations only once those errors are corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation.rules import RuleCheck
from reconciler.semantics.violation import BLOCKING, REQUIRED, Violation
from reconciler.stages.validate.field_removal import without_fields

EVALUATION_ERROR = " evaluating rule: "  # the server's words for a rule that reads a missing field


def independent_violations(
    schema: Schema, body: JsonObject, violations: Iterable[Violation]
) -> Iterator[Violation]:
    """The rules that an object violates both with the fields of other violations and without them."""
    invalid = [v.path for v in violations if v.reason in BLOCKING and v.reason != REQUIRED]
    rest = with_defaults(schema, without_fields(body, invalid))
    violated_by_rest = {(v.path, v.rule) for v in _violations(schema, rest)}
    yield from (v for v in _violations(schema, body) if (v.path, v.rule) in violated_by_rest)


def _violations(schema: Schema, body: JsonObject) -> Iterator[Violation]:
    violations = RuleCheck().violations(schema, body)
    return (violation for violation in violations if EVALUATION_ERROR not in violation.message)
