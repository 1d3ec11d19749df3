"""What the API server would refuse because of the CRD, as findings with stable codes, dates and hints.

`semantics` finds the violations. A message contains a value only if the schema lists the allowed values and the field
is not sensitive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from reconciler.frozen import dataclass
from reconciler.kind import FieldFinding, Kind
from reconciler.model.document import Json, JsonObject
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, at, show
from reconciler.semantics import violation as reasons
from reconciler.semantics.ownership.typed import Mismatch, mismatches_in, undeclared
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation import custom_resource as engine
from reconciler.semantics.values import content, copied
from reconciler.semantics.violation import Violation
from reconciler.stages.validate import metadata, schema_hints
from reconciler.stages.validate.eras import EraChange, History, era_change
from reconciler.stages.validate.field_removal import without_fields
from reconciler.stages.validate.independent_rules import EVALUATION_ERROR, independent_violations
from reconciler.stages.validate.type_mismatch import type_mismatch
from reconciler.text.credentials import credential_in
from reconciler.text.suggest import suggest
from reconciler.text.yaml import inline

_VALUE_LENGTH = 60  # characters of a value that a message repeats
_LINES_LENGTH = 200  # characters of YAML that a hint contains


@dataclass(frozen=True, slots=True)
class Admission:
    """Admission of the objects of one kind, by one CRD."""

    UNUSABLE: ClassVar[frozenset[str]] = frozenset({"K8S002", "K8S003"})

    kind: Kind
    crd: Crd
    history: Callable[[str], History]

    def findings(self, body: JsonObject) -> Iterator[FieldFinding]:
        name = str(body.get("apiVersion", "")).rpartition("/")[2]
        version = self.crd.version(name)
        if version is None or not version.served:
            served = ", ".join(v.name for v in self.crd.versions if v.served)
            yield FieldFinding(
                "K8S008",
                Severity.ERROR,
                ("apiVersion",),
                f"{self.crd.name} is not served as {name}",
                f"write {self.crd.group}/{served}",
            )
            return
        untyped = mismatches_in(version.schema, content(body))
        unknown = [field for field in untyped if field.undeclared]
        in_metadata = list(metadata.type_findings(body, untyped))
        yield from (self._unknown_field(field, body, version) for field in unknown)
        yield from in_metadata
        # The server checks the types of metadata first, and validates only what has the right type.
        reported = (*(field.path for field in unknown), *(finding.path for finding in in_metadata))
        known = without_fields(body, reported)
        yield from self._violations(version, known, {finding.path for finding in in_metadata})

    def _violations(
        self, version: CrdVersion, body: JsonObject, reported: set[FieldPath]
    ) -> Iterator[FieldFinding]:
        filled = with_defaults(version.schema, body)
        verdict = engine.validate(version, filled)
        findings: dict[FieldPath, FieldFinding] = {}
        hints = self._hints_if_quoted(version, filled, verdict.violations)
        subject = _Subject(version.schema, filled, hints)
        for violation in _distinct(verdict.violations):
            finding = self._finding(subject, violation)
            # Of several rules about one field the last is the most specific, by the order in the CRDs.
            if violation.rule or finding.path not in findings:
                findings[finding.path] = finding
        if reasons.UNCHECKED in verdict.violations:
            for violation in independent_violations(version.schema, filled, verdict.violations):
                finding = self._rule_finding(violation)
                findings.setdefault(finding.path, finding)
        yield from (finding for finding in findings.values() if finding.path not in reported)
        for reason in (*self.crd.not_provable, *verdict.not_provable):
            yield FieldFinding("K8S007", Severity.NOTICE, (), f"not checked offline: {reason}")

    def _unknown_field(
        self, field: Mismatch, body: JsonObject, version: CrdVersion
    ) -> FieldFinding:
        path = field.path
        near = metadata.authored(field.declared) if metadata.is_metadata(path) else field.declared
        # A field that the object has already is not the intended name.
        absent = sorted(set(near) - at(body, path[:-1]).keys())
        change = self._era_change(path, lambda schema: schema is not None)
        hint = self._replacement_hint(path, body, version)
        name = ""
        if not hint and not (change and change.added):
            name = suggest(str(path[-1]), absent)
            hint = f"did you mean {show((*path[:-1], name))}?" if name else ""
        if not hint:
            hint = change.hint if change else schema_hints.unknown_hint(version.schema, path, near)
        message = _with_change(f"unknown field {show(path)}", change)
        intended = (*path[:-1], name) if name else ()
        return FieldFinding("K8S002", Severity.ERROR, path, message, hint, intended=intended)

    def _replacement_hint(self, path: FieldPath, body: JsonObject, version: CrdVersion) -> str:
        """What to write in place of a field; with the YAML, if this CRD accepts it and it is short."""
        hint, fields = self._kind_hint(path), self.kind.replacement(body, path) or {}
        lines = inline(fields) if any(fields.values()) else ""
        if not lines or len(lines) > _LINES_LENGTH or undeclared(version.schema, {"spec": fields}):
            return hint
        return f"{hint}, that is `{lines}`" if hint else f"write {lines}"

    def _finding(self, subject: _Subject, violation: Violation) -> FieldFinding:
        if violation.rule:
            return self._rule_finding(violation)
        path, schema = violation.path, subject.schema.at(*violation.path)
        if violation.reason == reasons.REQUIRED:
            message = f"required field {show(path)} is missing"
            hint = schema_hints.missing_hint(schema, show(path))
            return FieldFinding("K8S001", Severity.ERROR, path, message, hint)
        if metadata.is_metadata(path):
            return metadata.finding_on(violation, at(subject.body, path))
        if schema is None:
            return _malformed(path, _reason(violation), "")
        return self._value_finding(violation, schema, subject)

    def _value_finding(
        self, violation: Violation, schema: Schema, subject: _Subject
    ) -> FieldFinding:
        path, value = violation.path, at(subject.body, violation.path)
        own = self.kind.descriptions.get(show(path), "")
        schema = replace(schema, description=schema.description or own)
        if violation.reason == reasons.TYPE_INVALID:
            if isinstance(value, str) and schema.type == "string":
                hint = _FORMAT_HINTS.get(schema.format, "")
                return _malformed(path, f"does not have the format {schema.format}", hint)
            name = next((step for step in reversed(path) if isinstance(step, str)), "")
            hint = subject.hints.get(path) or schema_hints.type_hint(schema, value, name)
            return type_mismatch(path, schema, value, hint)
        if violation.reason == reasons.NOT_SUPPORTED:
            return self._enum_finding(path, schema, value)
        return _limit_finding(violation, schema)

    def _hints_if_quoted(
        self, version: CrdVersion, body: JsonObject, violations: tuple[Violation, ...]
    ) -> Mapping[FieldPath, str]:
        """The hints of the contract for numbers and booleans that should be strings, as if they were quoted."""
        mistyped = [v.path for v in violations if v.reason == reasons.TYPE_INVALID]
        quoted, paths = copied(body) if mistyped else {}, set()
        for path in mistyped:
            schema, value = version.schema.at(*path), at(body, path)
            if schema is not None and schema.type == "string" and isinstance(value, (int, float)):
                at(quoted, path[:-1])[path[-1]] = schema_hints.quoted(value)
                paths.add(path)
        findings = self.kind.contract_findings(quoted) if paths else ()
        return {finding.path: finding.hint for finding in findings if finding.path in paths}

    def _enum_finding(self, path: FieldPath, schema: Schema, value: Json) -> FieldFinding:
        allowed = [str(member) for member in schema.enum or ()]
        hint, change, noun = "", None, "this value"
        if isinstance(value, str):
            change = self._era_change(path, lambda s: s is not None and value in (s.enum or ()))
            is_newer = change is not None and change.added
            near = "" if is_newer else suggest(value, allowed)
            hint = self._kind_hint((*path, value)) or (f"did you mean {near}?" if near else "")
            hint = hint or (change.hint if change and is_newer else "")
            noun = self._printed(path, value)
        message = f"{show(path)} cannot be {noun}: it must be one of {', '.join(allowed)}"
        return FieldFinding("K8S004", Severity.ERROR, path, _with_change(message, change), hint)

    def _rule_finding(self, violation: Violation) -> FieldFinding:
        words = violation.message.removeprefix("Invalid value: ").rpartition(EVALUATION_ERROR)[2]
        meaning = self.kind.rules.get(violation.rule)
        if meaning is None:
            return FieldFinding("K8S006", Severity.ERROR, violation.path, words)
        # Without a message in the CRD the server's words contain the rule itself.
        if words.endswith(violation.rule.strip()):
            words = meaning.message
        return FieldFinding(meaning.code, Severity.ERROR, meaning.path, words, meaning.hint)

    def _kind_hint(self, path: FieldPath) -> str:
        return self.kind.replacement_hints.get(tuple(str(step) for step in path), "")

    def _era_change(
        self, path: FieldPath, has: Callable[[Schema | None], bool]
    ) -> EraChange | None:
        history = self.history(self.crd.name)
        return era_change(history, lambda crd: has(crd.storage_version.schema.at(*path)))

    def _printed(self, path: FieldPath, value: str) -> str:
        """A value as a message contains it, if it may."""
        hide = self.kind.is_sensitive(path) or len(value) > _VALUE_LENGTH or credential_in(value)
        return "this value" if hide else f'"{value}"'


@dataclass(frozen=True, slots=True)
class _Subject:
    """The object that is validated, with its defaults; `hints` are those of its contract, by path."""

    schema: Schema
    body: JsonObject
    hints: Mapping[FieldPath, str]


_FORMAT_HINTS = {"date-time": "write it like 2026-01-31T00:00:00Z"}


def _distinct(violations: tuple[Violation, ...]) -> list[Violation]:
    """The violations without rules that failed on a missing field, if there are others: those include that field."""
    checked = [violation for violation in violations if violation != reasons.UNCHECKED]
    evaluated = [v for v in checked if not (v.rule and EVALUATION_ERROR in v.message)]
    return evaluated or checked


def _limit_finding(violation: Violation, schema: Schema) -> FieldFinding:
    if violation.reason == reasons.DUPLICATE:
        return _malformed(violation.path, "is in its list twice", "remove one of them")
    reason, pattern = _reason(violation), schema.pattern
    if pattern and reason == f"should match '{pattern}'":
        hint = schema_hints.pattern_hint(schema)
        return _malformed(violation.path, f"does not match {pattern}", hint)
    return _malformed(violation.path, reason, schema_hints.limit_hint(schema))


def _reason(violation: Violation) -> str:
    """The message of the server without the value."""
    _, separator, words = violation.message.partition(" in body ")
    return words if separator else violation.message.rpartition(": ")[2]


def _malformed(path: FieldPath, reason: str, hint: str) -> FieldFinding:
    subject = f"{show(path)} " if path else ""
    return FieldFinding("K8S005", Severity.ERROR, path, f"{subject}{reason}", hint)


def _with_change(message: str, change: EraChange | None) -> str:
    return f"{message}; {change.note}" if change else message
