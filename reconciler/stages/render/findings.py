"""Diagnostics of one rendered text, each at the best place to mend it."""

from __future__ import annotations

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.environment import Environment
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.path import FieldPath, show
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.lines import shown
from reconciler.text.yaml import Fault


class Findings:
    """Collects the diagnostics of a rendering."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.found: list[Diagnostic] = []

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
            Diagnostic(
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

    def add_fault(self, fault: Fault, sources: SourceMap, message: str) -> None:
        """What the YAML reader found."""
        self.add(
            fault.code,
            message,
            sources.at(fault.position),
            hint=fault.hint,
            path=fault.path,
            severity=fault.severity,
            also=tuple(sources.template(position) for position in fault.also),
        )
