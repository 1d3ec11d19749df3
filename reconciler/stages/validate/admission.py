"""What the API server would say by a CRD, in words that help.

The engine is `semantics`; here its answers get codes, days and advice. Values are told only where a schema lists the
allowed ones and the field is not sensitive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from reconciler.kind import FieldFinding, Kind
from reconciler.model.document import Json, JsonObject
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, at, show
from reconciler.semantics import violation as reasons
from reconciler.semantics.ownership.typed import Mismatch, mismatches, undeclared
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation import custom_resource as engine
from reconciler.semantics.values import copied
from reconciler.semantics.violation import Violation
from reconciler.stages.validate import advice, metadata
from reconciler.stages.validate.beyond import STUMBLED, rules_beyond
from reconciler.stages.validate.eras import History, Moved, came_or_went
from reconciler.stages.validate.mistyped import mistyped
from reconciler.stages.validate.removal import without
from reconciler.text.credentials import credential_in
from reconciler.text.suggest import one_of, suggest
from reconciler.text.yaml import inline

_LIMIT = 60  # characters of a value that a message repeats
_LONGEST = 200  # of lines that a hint repeats


@dataclass(frozen=True, slots=True)
class Admission:
    """Admission of one kind, by one CRD."""

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
        untyped = mismatches(version.schema, body)
        unknown = [field for field in untyped if field.undeclared]
        wrong = list(metadata.wrong_types(body, untyped))
        yield from (self._unknown(field, body, version) for field in unknown)
        yield from wrong
        # Metadata is typed before anything else is looked at, and validated only as what it is.
        known = without(body, (*(field.path for field in unknown), *(one.path for one in wrong)))
        yield from self._judged(version, known, {finding.path for finding in wrong})

    def _judged(
        self, version: CrdVersion, body: JsonObject, before: set[FieldPath]
    ) -> Iterator[FieldFinding]:
        filled = with_defaults(version.schema, body)
        verdict = engine.validate(version, filled)
        told: dict[FieldPath, FieldFinding] = {}
        there = _Object(
            version.schema, filled, self._if_quoted(version, filled, verdict.violations)
        )
        for violation in _worth_telling(verdict.violations):
            finding = self._refused(there, violation)
            # Of several rules about one field the last is the most special: CRDs end with them.
            if violation.rule or finding.path not in told:
                told[finding.path] = finding
        if reasons.UNCHECKED in verdict.violations:
            for violation in rules_beyond(version.schema, filled, verdict.violations):
                finding = self._rule(violation)
                told.setdefault(finding.path, finding)
        yield from (finding for finding in told.values() if finding.path not in before)
        for what in (*self.crd.not_provable, *verdict.not_provable):
            yield FieldFinding("K8S007", Severity.NOTICE, (), f"not checked offline: {what}")

    def _unknown(self, field: Mismatch, body: JsonObject, version: CrdVersion) -> FieldFinding:
        path = field.path
        near = metadata.names(field.declared) if metadata.is_metadata(path) else field.declared
        # A name that stands beside it is not what it was meant to be.
        free = sorted(set(near) - at(body, path[:-1]).keys())
        moved = self._moved(path, lambda schema: schema is not None)
        hint = self._replacement(path, body, version)
        meant = ""
        if not hint and not (moved and moved.came):
            meant = suggest(str(path[-1]), free)
            hint = f"did you mean {show((*path[:-1], meant))}?" if meant else ""
        if not hint:
            hint = moved.advice if moved else _instead_of(free)
        message = _dated(f"unknown field {show(path)}", moved)
        wanted = (*path[:-1], meant) if meant else ()
        return FieldFinding("K8S002", Severity.ERROR, path, message, hint, meant=wanted)

    def _replacement(self, path: FieldPath, body: JsonObject, version: CrdVersion) -> str:
        """What to write in place of a field; the very lines too, where there are some that this CRD takes."""
        instead, fields = self._instead(path), self.kind.rewritten(body, path) or {}
        lines = inline(fields) if any(fields.values()) else ""
        if not lines or len(lines) > _LONGEST or undeclared(version.schema, {"spec": fields}):
            return instead
        return f"{instead}, that is `{lines}`" if instead else f"write {lines}"

    def _refused(self, there: _Object, violation: Violation) -> FieldFinding:
        if violation.rule:
            return self._rule(violation)
        path, schema = violation.path, there.schema.at(*violation.path)
        if violation.reason == reasons.REQUIRED:
            message = f"required field {show(path)} is missing"
            hint = advice.for_missing(schema, show(path))
            return FieldFinding("K8S001", Severity.ERROR, path, message, hint)
        if metadata.is_metadata(path):
            return metadata.refused(violation, at(there.body, path))
        if schema is None:
            return _malformed(path, _words(violation), "")
        return self._of_value(violation, schema, there)

    def _of_value(self, violation: Violation, schema: Schema, there: _Object) -> FieldFinding:
        path, value = violation.path, at(there.body, violation.path)
        own = self.kind.descriptions.get(show(path), "")
        schema = replace(schema, description=schema.description or own)
        if violation.reason == reasons.TYPE_INVALID:
            if isinstance(value, str) and schema.type == "string":
                return _malformed(path, f"is no {schema.format}", _EXAMPLES.get(schema.format, ""))
            name = next((step for step in reversed(path) if isinstance(step, str)), "")
            hint = there.if_quoted.get(path) or advice.for_type(schema, value, name)
            return mistyped(path, schema, value, hint)
        if violation.reason == reasons.NOT_SUPPORTED:
            return self._not_allowed(path, schema, value)
        return _out_of_bounds(violation, schema)

    def _if_quoted(
        self, version: CrdVersion, body: JsonObject, violations: tuple[Violation, ...]
    ) -> Mapping[FieldPath, str]:
        """What the kind would advise next, were numbers and booleans in quotes where a text is wanted."""
        quoted, paths = copied(body), set()
        for path in (one.path for one in violations if one.reason == reasons.TYPE_INVALID):
            schema, value = version.schema.at(*path), at(body, path)
            if schema is not None and schema.type == "string" and isinstance(value, (int, float)):
                at(quoted, path[:-1])[path[-1]] = advice.as_text(value)
                paths.add(path)
        breaches = self.kind.breaches(quoted) if paths else ()
        return {one.path: one.hint for one in breaches if one.path in paths}

    def _not_allowed(self, path: FieldPath, schema: Schema, value: Json) -> FieldFinding:
        allowed = [str(item) for item in schema.enum or ()]
        hint, moved, shown = "", None, "this value"
        if isinstance(value, str):
            moved = self._moved(path, lambda s: s is not None and value in (s.enum or ()))
            later = moved is not None and moved.came
            near = "" if later else suggest(value, allowed)
            hint = self._instead((*path, value)) or (f"did you mean {near}?" if near else "")
            hint = hint or (moved.advice if moved and later else "")
            shown = self._shown(path, value)
        message = f"{show(path)} cannot be {shown}: it is one of {', '.join(allowed)}"
        return FieldFinding("K8S004", Severity.ERROR, path, _dated(message, moved), hint)

    def _rule(self, violation: Violation) -> FieldFinding:
        words = violation.message.removeprefix("Invalid value: ").rpartition(STUMBLED)[2]
        meaning = self.kind.rules.get(violation.rule)
        if meaning is None:
            return FieldFinding("K8S006", Severity.ERROR, violation.path, words)
        if words.endswith(
            violation.rule.strip()
        ):  # the server's words for a rule without a message
            words = meaning.message
        return FieldFinding(meaning.code, Severity.ERROR, meaning.path, words, meaning.hint)

    def _instead(self, path: FieldPath) -> str:
        return self.kind.replaced.get(tuple(str(step) for step in path), "")

    def _moved(self, path: FieldPath, has: Callable[[Schema | None], bool]) -> Moved | None:
        history = self.history(self.crd.name)
        return came_or_went(history, lambda crd: has(_schema(crd, path)))

    def _shown(self, path: FieldPath, value: str) -> str:
        """A value in a message, unless it is not to be told."""
        hide = self.kind.is_sensitive(path) or len(value) > _LIMIT or credential_in(value)
        return "this value" if hide else f'"{value}"'


@dataclass(frozen=True, slots=True)
class _Object:
    """What is judged, with its defaults; `if_quoted` is advice by path."""

    schema: Schema
    body: JsonObject
    if_quoted: Mapping[FieldPath, str]


_EXAMPLES = {"date-time": "write it like 2026-01-31T00:00:00Z"}


def _worth_telling(violations: tuple[Violation, ...]) -> list[Violation]:
    """A rule that stumbles over a missing field says nothing new where another finding does."""
    told = [violation for violation in violations if violation != reasons.UNCHECKED]
    clear = [
        violation for violation in told if not (violation.rule and STUMBLED in violation.message)
    ]
    return clear or told


def _out_of_bounds(violation: Violation, schema: Schema) -> FieldFinding:
    if violation.reason == reasons.DUPLICATE:
        return _malformed(violation.path, "stands in its list twice", "remove one of them")
    words = _words(violation)
    if schema.pattern and words == f"should match '{schema.pattern}'":
        return _malformed(
            violation.path, f"does not match {schema.pattern}", advice.for_pattern(schema)
        )
    return _malformed(violation.path, words, advice.for_limits(schema))


def _words(violation: Violation) -> str:
    """What the server says of a value, without the value."""
    _, found, words = violation.message.partition(" in body ")
    return words if found else violation.message.rpartition(": ")[2]


def _malformed(path: FieldPath, words: str, hint: str) -> FieldFinding:
    subject = f"{show(path)} " if path else ""
    return FieldFinding("K8S005", Severity.ERROR, path, f"{subject}{words}", hint)


def _instead_of(names: list[str]) -> str:
    return f"remove it, or write one of {one_of(names)}" if len(names) > 1 else "remove it"


def _dated(message: str, moved: Moved | None) -> str:
    return f"{message}; {moved.words}" if moved else message


def _schema(crd: Crd, path: FieldPath) -> Schema | None:
    return crd.storage_version.schema.at(*path)
