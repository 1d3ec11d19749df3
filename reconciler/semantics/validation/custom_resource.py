"""Validation of one object: metadata, OpenAPI v3, list types and CEL rules, with all violations at once.

With an old object this is an update, which is not refused for invalid values that it does not change (KEP-4008).
"""

from __future__ import annotations

import json
from functools import lru_cache

from reconciler.frozen import dataclass
from reconciler.model.document import JsonObject, canonical, dig_map
from reconciler.semantics.schema.crd import CrdVersion
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation.lists import list_violations
from reconciler.semantics.validation.objectmeta import create_violations, update_violations
from reconciler.semantics.validation.openapi import Check, Place
from reconciler.semantics.validation.ratcheting import Correlated
from reconciler.semantics.validation.rules import RuleCheck
from reconciler.semantics.values import content
from reconciler.semantics.violation import BLOCKING, UNCHECKED, Violation

__all__ = ["Verdict", "Violation", "validate", "validate_status"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of validation: violations in the server's order, and the checks that this engine cannot perform."""

    violations: tuple[Violation, ...]
    not_provable: tuple[str, ...] = ()


def validate(version: CrdVersion, body: JsonObject, old: JsonObject | None = None) -> Verdict:
    """Validate an object with its defaults (`defaults.with_defaults`); with `old` as an update of it.

    Violations of metadata come first. If the schema has CEL rules and violations keep the server from checking them,
    `violation.UNCHECKED` comes last.
    """
    metadata = dig_map(body, "metadata")
    if old is None:
        violations = list(create_violations(metadata, namespaced=version.namespaced))
        if not violations:
            named = _judges_name(version.schema)
            return _verdict_on(version.schema, canonical(body) if named else content(body))
    else:
        violations = list(update_violations(metadata, dig_map(old, "metadata")))
    return _by_schema(version.schema, body, old, violations)


@lru_cache(maxsize=512)  # a bound on memory: only objects of one template share an entry
def _verdict_on(schema: Schema, body: str) -> Verdict:
    """The verdict on a new object with valid metadata."""
    return _by_schema(schema, json.loads(body), None, [])


def _judges_name(schema: Schema) -> bool:
    """Whether the verdict may depend on the name, which a CRD may restrict, and which rules may read."""
    described = schema.properties.get("metadata")
    combined = schema.all_of or schema.any_of or schema.one_of or schema.negated
    return bool(schema.rules or combined or (described and described.properties))


def _by_schema(
    schema: Schema, body: JsonObject, old: JsonObject | None, violations: list[Violation]
) -> Verdict:
    check = Check()
    pair = None if old is None else Correlated(body, old, schema)
    violations += check.violations(schema, body, Place(), pair)
    return _with_lists_and_rules(schema, body, old, violations, check.not_provable)


def validate_status(version: CrdVersion, body: JsonObject, old: JsonObject) -> Verdict:
    """Validate an update of /status: OpenAPI only below `status`, list types and CEL rules on the object."""
    check = Check()
    violations = list(update_violations(dig_map(body, "metadata"), dig_map(old, "metadata")))
    schema = version.schema.properties.get("status")
    if schema is not None and "status" in body:
        pair = Correlated(body, old, version.schema).key("status")
        place = Place(("status",), "", "status")
        violations += check.violations(schema, body["status"], place, pair)
    return _with_lists_and_rules(version.schema, body, old, violations, check.not_provable)


def _with_lists_and_rules(
    schema: Schema,
    body: JsonObject,
    old: JsonObject | None,
    violations: list[Violation],
    not_provable: list[str],
) -> Verdict:
    # The server does not look for repeated items if the old object has any, whatever changed.
    if old is None or not any(True for _ in list_violations(schema, old)):
        violations += list_violations(schema, body)
    rules = RuleCheck()
    if schema.has_rules:
        if any(violation.reason in BLOCKING for violation in violations):
            violations.append(UNCHECKED)
        else:
            violations += rules.violations(schema, body, old)
    return Verdict(tuple(violations), (*not_provable, *rules.not_provable))
