"""What rules (CEL) say of an object that is wrong already, where it does not depend on what is wrong.

The server looks at no rule while a type, an enum or a required field is wrong, and would tell of the next mistake in
the next run only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation.rules import RuleCheck
from reconciler.semantics.violation import BLOCKING, REQUIRED, Violation
from reconciler.stages.validate.removal import without

STUMBLED = " evaluating rule: "  # how the server tells of a rule that met a field that is not there


def rules_beyond(
    schema: Schema, body: JsonObject, violations: Iterable[Violation]
) -> Iterator[Violation]:
    """The rules that are false with the wrong fields as they are, and without them."""
    wrong = [one.path for one in violations if one.reason in BLOCKING and one.reason != REQUIRED]
    bare = with_defaults(schema, without(body, wrong))
    false_without = {(one.path, one.rule) for one in _false(schema, bare)}
    yield from (one for one in _false(schema, body) if (one.path, one.rule) in false_without)


def _false(schema: Schema, body: JsonObject) -> Iterator[Violation]:
    found = RuleCheck().violations(schema, body)
    return (one for one in found if STUMBLED not in one.message)
