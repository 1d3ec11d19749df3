"""Findings on rendered texts, each at the best place to correct it."""

from __future__ import annotations

import re

from reconciler.kind import FieldFinding
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.path import FieldPath, show
from reconciler.stages.render.sourcemap import Expression, SourceMap
from reconciler.text.lines import shown
from reconciler.text.yaml import YamlFinding

AS_JSON = "write it as `{{ ... | tojson }}`"
_SYNTAX = "T001"
_TOYAML = re.compile(r"\btoyaml\b(?:\((\d+)\))?")


class RenderFindings:
    """Collects the findings on the rendered texts of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.collected: list[Finding] = []

    def add(
        self,
        code: str,
        message: str,
        origin: Origin,
        *,
        hint: str = "",
        path: FieldPath = (),
        ref: ObjectRef | None = None,
        severity: Severity = Severity.ERROR,
        also: tuple[Location, ...] = (),
    ) -> None:
        where = origin.best
        others = dict.fromkeys((origin.template, *origin.values, *also))
        others.pop(where, None)
        self.collected.append(
            Finding(
                code,
                severity,
                message,
                where,
                ref=ref,
                path=show(path),
                hint=hint,
                source=shown(self._environment.line(where)),
                also=tuple(others),
            )
        )

    def add_field_finding(self, finding: FieldFinding, origin: Origin, ref: ObjectRef) -> None:
        self.add(
            finding.code,
            finding.message,
            origin,
            hint=finding.hint,
            path=finding.path,
            ref=ref,
            severity=finding.severity,
        )

    def add_yaml_finding(self, finding: YamlFinding, sources: SourceMap, message: str) -> None:
        """A finding of the YAML reader. If the output of an expression breaks the syntax, it is on the expression."""
        origin, hint = sources.origin_at(finding.position), finding.hint
        is_syntax = finding.code == _SYNTAX
        expression = sources.expression_at(finding.position.start) if is_syntax else None
        values: tuple[Location, ...] = ()
        if expression is not None:
            origin, values = Origin(origin.template), origin.values
            hint = _filter_hint(expression) or hint
        self.add(
            finding.code,
            message,
            origin,
            hint=hint,
            path=finding.path,
            severity=finding.severity,
            also=(*values, *(sources.template_location(position) for position in finding.also)),
        )


def containing_hint(sources: SourceMap, offset: int) -> str:
    """How to write the output of a filter so that it is a value of its own."""
    expression = sources.expression_at(offset)
    indented = _filter_hint(expression) if expression else ""
    return (
        indented or "let the expression write the whole value: `{{ ('text ' ~ value) | tojson }}`"
    )


def _filter_hint(expression: Expression) -> str:
    """The filter that would turn the output of an expression into valid YAML; "" if that is unknown."""
    toyaml = _TOYAML.search(expression.text)
    if expression.plain or (toyaml and set(expression.before) & set("{[")):
        return AS_JSON  # a block cannot be inside brackets
    # A block is indented below its key, or to the column of an expression without a key.
    key = expression.before.lstrip(" -")
    indent = len(expression.before) - len(key) + (2 if key else 0)
    if toyaml is None or toyaml[1] == str(indent):
        return ""
    return f"write it as `{{{{ ... | toyaml({indent}) }}}}`"
