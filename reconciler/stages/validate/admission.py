"""What the API server would say by a CRD, in words that help.

The engine is `semantics`; here its answers get codes, days and advice. Values are told only where a schema lists the
allowed ones and the field is not sensitive.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.kind import Finding, Kind
from reconciler.model.diagnostic import Severity
from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath, at, show
from reconciler.semantics import problem as reasons
from reconciler.semantics import validate as engine
from reconciler.semantics.crd import Crd, CrdVersion
from reconciler.semantics.defaults import with_defaults
from reconciler.semantics.problem import Problem
from reconciler.semantics.schema import Schema
from reconciler.semantics.typed import Mistyped, undeclared
from reconciler.stages.validate.eras import History, came_or_went
from reconciler.text.credentials import rule_for
from reconciler.text.suggest import suggest

_LIMIT = 60  # characters of a value that a message repeats
_STUMBLED = (
    " evaluating rule: "  # how the server tells of a rule that met a field that is not there
)


@dataclass(frozen=True, slots=True)
class Admission:
    """Admission of one kind, by one CRD."""

    UNUSABLE: ClassVar[frozenset[str]] = frozenset({"K8S002", "K8S003"})

    kind: Kind
    crd: Crd
    history: Callable[[str], History]

    def findings(self, body: JsonObject) -> Iterator[Finding]:
        name = str(body.get("apiVersion", "")).rpartition("/")[2]
        version = self.crd.version(name)
        if version is None or not version.served:
            served = ", ".join(v.name for v in self.crd.versions if v.served)
            yield Finding(
                "K8S008",
                Severity.ERROR,
                ("apiVersion",),
                f"{self.crd.name} is not served as {name}",
                f"write {self.crd.group}/{served}",
            )
            return
        known = copy.deepcopy(body)
        for field in undeclared(version.schema, body):
            yield self._unknown(field)
            _remove(known, field.path)
        filled = with_defaults(version.schema, known)
        verdict = engine.validate(version, filled)
        told: dict[FieldPath, Finding] = {}
        for problem in _worth_telling(verdict.problems):
            finding = self._refused(version, filled, problem)
            # Of several rules about one field the last is the most special: CRDs end with them.
            if problem.rule or finding.path not in told:
                told[finding.path] = finding
        yield from told.values()
        for what in (*self.crd.not_provable, *verdict.not_provable):
            yield Finding("K8S007", Severity.NOTICE, (), f"not checked offline: {what}")

    def _unknown(self, field: Mistyped) -> Finding:
        key = str(field.path[-1])
        near = suggest(key, field.near)
        instead = self._instead(field.path)
        if not instead and near:
            instead = f"did you mean {show((*field.path[:-1], near))}?"
        day = self._day(field.path, lambda schema: schema is not None)
        message = f"unknown field {show(field.path)}"
        return Finding(
            "K8S002", Severity.ERROR, field.path, f"{message}; {day}" if day else message, instead
        )

    def _refused(self, version: CrdVersion, body: JsonObject, problem: Problem) -> Finding:
        if problem.rule:
            return self._rule(problem)
        schema = version.schema.at(*problem.path)
        value = at(body, problem.path)
        if problem.reason == reasons.REQUIRED:
            message = f"required field {show(problem.path)} is missing"
            return Finding("K8S001", Severity.ERROR, problem.path, message)
        if problem.reason == reasons.TYPE_INVALID and schema is not None:
            return _mistyped(problem.path, schema, value)
        if problem.reason == reasons.NOT_SUPPORTED and schema is not None:
            return self._not_allowed(problem.path, schema, value)
        _, _, words = problem.message.partition(" in body ")
        message = f"{show(problem.path)} {words or 'has a value that the CRD does not allow'}"
        return Finding("K8S005", Severity.ERROR, problem.path, message)

    def _not_allowed(self, path: FieldPath, schema: Schema, value: Json) -> Finding:
        allowed = [str(item) for item in schema.enum or ()]
        hint, day, shown = "", "", "this value"
        if isinstance(value, str):
            near = suggest(value, allowed)
            hint = self._instead((*path, value)) or (f"did you mean {near}?" if near else "")
            day = self._day(path, lambda s: s is not None and value in (s.enum or ()))
            shown = self._shown(path, value)
        message = f"{show(path)} cannot be {shown}: it is one of {', '.join(allowed)}"
        return Finding(
            "K8S004", Severity.ERROR, path, f"{message}; {day}" if day else message, hint
        )

    def _rule(self, problem: Problem) -> Finding:
        words = problem.message.removeprefix("Invalid value: ").rpartition(_STUMBLED)[2]
        meaning = self.kind.rules.get(problem.rule)
        if meaning is None:
            return Finding("K8S006", Severity.ERROR, problem.path, words)
        return Finding(meaning.code, Severity.ERROR, meaning.path, words, meaning.hint)

    def _instead(self, path: FieldPath) -> str:
        return self.kind.replaced.get(tuple(str(step) for step in path), "")

    def _day(self, path: FieldPath, has: Callable[[Schema | None], bool]) -> str:
        history = self.history(self.crd.name)
        return came_or_went(history, lambda crd: has(_schema(crd, path)))

    def _shown(self, path: FieldPath, value: str) -> str:
        """A value in a message, unless it is not to be told."""
        hide = self.kind.is_sensitive(path) or len(value) > _LIMIT or rule_for(value)
        return "this value" if hide else f'"{value}"'


def _worth_telling(problems: tuple[Problem, ...]) -> list[Problem]:
    """A rule that stumbles over a missing field says nothing new where another finding does."""
    told = [problem for problem in problems if problem != reasons.UNCHECKED]
    clear = [problem for problem in told if not (problem.rule and _STUMBLED in problem.message)]
    return clear or told


def _mistyped(path: FieldPath, schema: Schema, value: Json) -> Finding:
    wanted = schema.type or "integer or string"
    hint = ""
    if value is None:
        hint = "write {} for an empty block, or leave the line out"
    elif wanted == "string" and isinstance(value, (bool, int, float)):
        hint = "put the value in quotes"
    elif isinstance(value, str) and wanted == "boolean":
        hint = "write true or false, without quotes"
    elif isinstance(value, str) and wanted in ("integer", "number"):
        hint = "write the number without quotes"
    message = f"{show(path)} must be {_ARTICLE.get(wanted, wanted)}, not {_type_of(value)}"
    return Finding("K8S003", Severity.ERROR, path, message, hint)


_ARTICLE = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}


def _type_of(value: Json) -> str:
    if value is None:
        return "null"
    names = ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"))
    for python, name in (*names, (list, "array")):
        if isinstance(value, python):
            return _ARTICLE[name]
    return _ARTICLE["object"]


def _schema(crd: Crd, path: FieldPath) -> Schema | None:
    return crd.storage_version.schema.at(*path)


def _remove(body: JsonObject, path: FieldPath) -> None:
    above = at(body, path[:-1])
    if isinstance(above, dict):
        above.pop(path[-1], None)
