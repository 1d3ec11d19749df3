"""The parent: one child per environment, and another one for what is left when a template takes a child down."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.adapters.jinja.limits import Limits
from reconciler.adapters.jinja.process import Child
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.model.path import FieldPath
from reconciler.ports import Rendered, Rendering, Span, Spelling
from reconciler.text.lines import shown

_STOPPED = {
    "J005": ("takes too long", "look for a loop that is too large"),
    "J006": ("needs too much memory", "look for a text or a list that grows without end"),
    "J007": ("gives too much output", "render less, or in several templates"),
    "J013": ("stopped the renderer", "render its parts one by one to find the expression"),
}


class JinjaRenderer:
    """Implements `ports.Renderer`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def render(self, environment: Environment) -> Rendering:
        work = _Work(environment, self._limits)
        pending = [template.path for template in environment.templates]
        while pending:
            pending = work.run(pending)
        return Rendering(
            tuple(work.files), tuple(work.findings), tuple(work.unread), tuple(work.missed)
        )


class _Work:
    """The rendering of one environment, child by child."""

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
        """Render what is pending with one child; what is left for another one."""
        request = {
            "environment": self._environment.name,
            "values": self._environment.values.body(),
            "sources": self._sources,
            "templates": pending,
        }
        child = Child(request, self._limits, self._deadline)
        left, started = list(pending), ""
        for message in child.messages():
            if "start" in message:
                started = message["start"]
                continue
            if "unread" in message:
                self._ended(message)
                continue
            left.remove(message["template"])
            self._take(message)
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

    def _take(self, message: dict[str, Any]) -> None:
        failure = message.get("failure")
        if failure is None:
            self._size += len(message["text"])
            self.files.append(_rendered(message))
            return
        for found in (failure, *message.get("further", ())):
            self._take_failure(found)

    def _take_failure(self, failure: dict[str, Any]) -> None:
        origin = self._origins.get(tuple(failure["values"])) if failure["values"] else None
        removed = self._origins.get(tuple(failure["wanted"])) if failure["wanted"] else None
        hint = failure["hint"]
        if removed is not None:
            place = f"{removed.path}:{removed.line}"
            hint = f"{place} removes it: a key without a value is null, and null deletes"
        where = _location(failure["place"], failure["length"])
        chain = [_location(place) for place in reversed(failure["chain"])]
        also = [place for place in (removed, origin) if place is not None]
        self._report(failure["code"], failure["message"], hint, where, (*also, *chain))

    def _ended(self, message: dict[str, Any]) -> None:
        """A template that failed has not come to its other values: then nobody knows what is needless."""
        if not self.findings:
            self.unread = [tuple(path) for path in message["unread"]]
            self.missed = [tuple(path) for path in message["missed"]]

    def _report(
        self, code: str, message: str, hint: str, where: Location, also: Iterable[Location] = ()
    ) -> None:
        source = shown(self._environment.line(where))
        found = Finding(
            code, Severity.ERROR, message, where, hint=hint, source=source, also=tuple(also)
        )
        self.findings.append(found)


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


def _location(place: list[Any], length: int = 0) -> Location:
    path, line, column = place
    return Location(path, line, column, length)
