"""Diagnostics of one rendered text, each at the best place to mend it."""

from __future__ import annotations

import re

from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.path import FieldPath, show
from reconciler.stages.render.sourcemap import SourceMap, Written
from reconciler.text.lines import shown
from reconciler.text.yaml import YamlFinding

AS_JSON = "write it as `{{ ... | tojson }}`"
_SYNTAX = "T001"
_TOYAML = re.compile(r"\btoyaml\b(?:\((\d+)\))?")


class Findings:
    """Collects the findings of a rendering."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.found: list[Finding] = []

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
        self.found.append(
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

    def add_yaml_finding(self, finding: YamlFinding, sources: SourceMap, message: str) -> None:
        """What the YAML reader found. Where a value is no syntax, the template has to write it in another way."""
        origin, hint = sources.at(finding.position), finding.hint
        written = sources.written(finding.position.start) if finding.code == _SYNTAX else None
        values: tuple[Location, ...] = ()
        if written is not None:
            origin, values = Origin(origin.template), origin.values
            hint = _well(written) or hint
        self.add(
            finding.code,
            message,
            origin,
            hint=hint,
            path=finding.path,
            severity=finding.severity,
            also=(*values, *(sources.template(position) for position in finding.also)),
        )


def _well(written: Written) -> str:
    """How to write an expression whose text is no YAML where it stands; "" when nobody knows."""
    found = _TOYAML.search(written.expression)
    if written.plain or (found and set(written.before) & set("{[")):
        return AS_JSON  # no block can stand between brackets
    key = written.before.lstrip(
        " -"
    )  # the block stands below its key, or where the expression stands
    indent = len(written.before) - len(key) + (2 if key else 0)
    if found is None or found[1] == str(indent):
        return ""
    return f"write it as `{{{{ ... | toyaml({indent}) }}}}`"
