"""The interface of a report format. Each module of `reports/` implements one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.model.command import Invocation
from reconciler.model.run import Run


@dataclass(frozen=True, slots=True)
class Style:
    """How to format a report for people; formats for machines ignore it.

    Attributes:
        color: the output supports ANSI colours.
        verbose: list unchanged objects, and Secrets that are ok.
        now: RFC 3339 UTC, for relative times such as "2 h ago"; "" for absolute times.
        invocation: what printed commands repeat, so that they mean what the report shows.
    """

    color: bool = False
    verbose: bool = False
    now: str = ""
    invocation: Invocation = field(default_factory=Invocation)


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format: its name on the command line, and a pure function that renders a run."""

    name: str
    render: Callable[[Run, Style], str]
