"""Validation of one object: metadata, OpenAPI v3, list types and CEL, all causes at once.

With an old object it is an update: what was invalid and did not change is forgiven (KEP-4008).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model.document import JsonObject, dig_map
from reconciler.semantics.schema.crd import CrdVersion
from reconciler.semantics.validation.lists import list_problems
from reconciler.semantics.validation.objectmeta import create_problems, update_problems
from reconciler.semantics.validation.openapi import Check, Place
from reconciler.semantics.validation.ratcheting import Correlated
from reconciler.semantics.validation.rules import RuleCheck
from reconciler.semantics.violation import BLOCKING, UNCHECKED, Violation

__all__ = ["Verdict", "Violation", "validate", "validate_content", "validate_status"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation says: violations in the server's order, and what could not be checked."""

    violations: tuple[Violation, ...]
    not_provable: tuple[str, ...] = ()


def validate(version: CrdVersion, body: JsonObject, old: JsonObject | None = None) -> Verdict:
    """Validate a defaulted object (`defaults.with_defaults`); with `old` as an update of it.

    Problems of metadata come first. The last one of an object with structural violations is
    `violation.UNCHECKED` where the CRD has CEL rules: the server says so too.
    """
    metadata = dig_map(body, "metadata")
    if old is None:
        found = list(create_problems(metadata, namespaced=version.namespaced))
    else:
        found = list(update_problems(metadata, dig_map(old, "metadata")))
    return validate_content(version, body, old, found)


def validate_content(
    version: CrdVersion,
    body: JsonObject,
    old: JsonObject | None = None,
    before: Iterable[Violation] = (),
) -> Verdict:
    """Everything but metadata, after the violations `before`."""
    pair = Correlated(body, old, version.schema) if old is not None else None
    check = Check()
    found = [*before, *check.violations(version.schema, body, Place(), pair)]
    return _with_lists_and_rules(version, body, old, found, check.not_provable)


def validate_status(version: CrdVersion, body: JsonObject, old: JsonObject) -> Verdict:
    """An update of /status: only `status` is validated by its schema; list types and rules see all."""
    check = Check()
    found = list(update_problems(dig_map(body, "metadata"), dig_map(old, "metadata")))
    schema = version.schema.properties.get("status")
    if schema is not None and "status" in body:
        pair = Correlated(body, old, version.schema).key("status")
        found += check.violations(schema, body["status"], Place(("status",), "", "status"), pair)
    return _with_lists_and_rules(version, body, old, found, check.not_provable)


def _with_lists_and_rules(
    version: CrdVersion,
    body: JsonObject,
    old: JsonObject | None,
    found: list[Violation],
    open_questions: list[str],
) -> Verdict:
    # Repeated items are forgiven as a whole where the old object had some.
    if old is None or not any(True for _ in list_problems(version.schema, old)):
        found += list_problems(version.schema, body)
    rules = RuleCheck()
    if version.schema.has_rules:
        if any(one.reason in BLOCKING for one in found):
            found.append(UNCHECKED)
        else:
            found += rules.violations(version.schema, body, old)
    return Verdict(tuple(found), (*open_questions, *rules.not_provable))
