"""GitLab's Code Quality report: the widget of a merge request, and marks in its diff."""

from __future__ import annotations

from typing import Final

from reconciler.model.document import JsonObject
from reconciler.model.finding import Severity
from reconciler.model.location import Location
from reconciler.model.run import Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._issues import Issue, issues
from reconciler.reports._json_text import json_text
from reconciler.reports._words import clean

_SEVERITIES: Final = {
    Severity.ERROR: "critical",
    Severity.WARNING: "minor",
    Severity.NOTICE: "info",
}


def render(run: Run, style: Style) -> str:
    return json_text([_violation(issue) for issue in issues(run, style)])


def _violation(issue: Issue) -> JsonObject:
    return {
        "description": f"{issue.title}: {issue.message}",
        "check_name": clean(issue.code),
        "fingerprint": issue.fingerprint,
        "severity": _SEVERITIES[issue.severity],
        "location": {"path": issue.where.path, **_position(issue.where)},
    }


def _position(place: Location) -> JsonObject:
    begin = {"line": max(1, place.line), "column": max(1, place.column)}
    end = begin | {"column": begin["column"] + place.length}
    return {"lines": {"begin": begin["line"]}, "positions": {"begin": begin, "end": end}}


FORMAT = ReportFormat("gitlab", render)
