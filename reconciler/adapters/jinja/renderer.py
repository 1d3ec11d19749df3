"""The parent process: starts one child per environment, and another for the rest when a template ends a child."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.adapters.jinja.limits import Limits
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.model.path import FieldPath
from reconciler.model.rendering import Rendered, Rendering, Span, Spelling
from reconciler.text.lines import shown

_STOPPED = {
    "J005": ("takes too long", "look for a loop that is too large"),
    "J006": ("needs too much memory", "look for a string or a list that grows without limit"),
    "J007": ("produces too much output", "render less, or split the template"),
    "J013": ("stopped the renderer", "render its parts separately to find the expression"),
}


class JinjaRenderer:
    """Implements `ports.Renderer`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def render(self, environment: Environment) -> Rendering:
        rendering = _EnvironmentRendering(environment, self._limits)
        pending = [template.path for template in environment.templates]
        while pending:
            pending = rendering.run(pending)
        return Rendering(
            tuple(rendering.files),
            tuple(rendering.findings),
            tuple(rendering.unread),
            tuple(rendering.missed),
        )


class _EnvironmentRendering:
    """Collects what the children of one environment send."""

    def __init__(self, environment: Environment, limits: Limits) -> None:
        self.files: list[Rendered] = []
        self.findings: list[Finding] = []
        self.unread: list[FieldPath] = []
        self.missed: list[FieldPath] = []
        self._environment, self._limits = environment, limits
        self._deadline = time.monotonic() + limits.total_seconds
        self._size = 0
        self._origins = dict(environment.value_origins)
        self._sources = {
            file.path: file.text for file in (*environment.templates, *environment.library)
        }

    def run(self, pending: list[str]) -> list[str]:
        """Render pending templates with one child; returns those that need another one."""
        from reconciler.adapters.jinja.child_process import ChildProcess  # plain files need none

        request = {
            "environment": self._environment.name,
            "values": self._environment.values.body(),
            "sources": self._sources,
            "templates": pending,
        }
        child = ChildProcess(request, self._limits, self._deadline)
        left, started = list(pending), ""
        for message in child.messages():
            if "start" in message:
                started = message["start"]
                continue
            if "unread" in message:
                self._add_reads(message)
                continue
            left.remove(message["template"])
            self._add_template(message)
            if self._size > self._limits.total_output:
                child.reason = "J007"
                started = ""
                break
        if not left:
            return []
        if not started and not child.reason.startswith("J00"):
            raise RuntimeError("the process that renders templates did not start")
        return self._stopped(child.reason or "J013", started, left)

    def _stopped(self, code: str, culprit: str, left: list[str]) -> list[str]:
        message, hint = _STOPPED[code]
        if culprit in left and time.monotonic() < self._deadline:
            self._report(code, f"the template {message}", hint, Location(culprit))
            left.remove(culprit)
            return left
        for template in left:
            sentence = f"not rendered: the environment as a whole {message}"
            self._report(code, sentence, hint, Location(template))
        return []

    def _add_template(self, message: dict[str, Any]) -> None:
        if "text" in message:
            self._size += len(message["text"])
            self.files.append(_rendered(message))
        for finding in message.get("findings", ()):
            self._add_finding(finding)

    def _add_finding(self, finding: dict[str, Any]) -> None:
        mapping = self._origins.get(tuple(finding["mapping"])) if finding["mapping"] else None
        removed = self._origins.get(tuple(finding["missing"])) if finding["missing"] else None
        hint = finding["hint"]
        if removed is not None:
            where = f"{removed.path}:{removed.line}"
            hint = f"{where} removes it: a key without a value is null, which removes the value"
        elif mapping is not None and not hint:
            where = f"{mapping.path}:{mapping.line}"
            hint = f"{where} sets it, and layers merge only mappings"
        also = [location for location in (removed, mapping) if location is not None]
        also += [Location(**location) for location in reversed(finding["chain"])]
        location = Location(**finding["location"])
        self._report(finding["code"], finding["message"], hint, location, also)

    def _add_reads(self, message: dict[str, Any]) -> None:
        """A template that failed did not read all of its values: unread ones are known only without findings."""
        if not self.findings:
            self.unread = [tuple(path) for path in message["unread"]]
            self.missed = [tuple(path) for path in message["missed"]]

    def _report(
        self, code: str, message: str, hint: str, where: Location, also: Iterable[Location] = ()
    ) -> None:
        source = shown(self._environment.line(where))
        self.findings.append(
            Finding(
                code, Severity.ERROR, message, where, hint=hint, source=source, also=tuple(also)
            )
        )


def _rendered(message: Mapping[str, Any]) -> Rendered:
    paths = [tuple(path) for path in message["paths"]]
    spans: list[Span] = []
    start = 0
    for end, template, line, column, spelling, reads in message["spans"]:
        origin = message["templates"][template]
        read = tuple(paths[number] for number in reads)
        spans.append(Span(start, end, origin, line, column, read, Spelling(spelling)))
        start = end
    return Rendered(message["template"], message["text"], tuple(spans))
