"""Annotations of GitHub Actions: commands on stdout that mark lines of files.

GitHub shows ten annotations of each kind for a step, so the worst ten are written and the others counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.model.finding import Severity
from reconciler.model.run import Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._issues import Issue, issues
from reconciler.reports._words import clean, count
from reconciler.text.printable import no_commands

MOST: Final = 10  # of each kind


def render(run: Run, style: Style) -> str:
    every = issues(run, style)
    lines = [line for severity in Severity for line in _kind(severity, every)]
    return "\n".join([*lines, f"{count(len(every), 'annotation')} in all"]) + "\n"


def _kind(severity: Severity, every: tuple[Issue, ...]) -> Iterator[str]:
    those = [issue for issue in every if issue.severity is severity]
    yield from map(_command, those[:MOST])
    left = len(those) - MOST
    if left > 0:
        yield f"{count(left, f'more {severity.value}')} without an annotation"


def _command(issue: Issue) -> str:
    """`::error file=a.yaml,line=3,col=5,endColumn=9,title=FL011::the message`."""
    place = issue.where
    properties = {"file": place.path, "line": place.line, "col": place.column}
    if place.column and place.length:
        properties["endColumn"] = place.column + place.length
    properties["title"] = issue.title
    listed = ",".join(f"{name}={_property(str(text))}" for name, text in properties.items() if text)
    return f"::{issue.severity.value} {listed}::{_message(issue.message)}"


def _message(text: str) -> str:
    return _inert(clean(text)).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _inert(text: str) -> str:
    """Without the older form of a command, which the runner obeys anywhere in a line."""
    return no_commands(text)


FORMAT = ReportFormat("github", render, commands=True)
