"""The interface of a report format. Each module of `reports/` implements one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from reconciler.frozen import dataclass
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
        plan_file: with the plan that the run writes or follows, "" for none.
        folder: of the configuration repository in its git repository, "" for the top: before the path of a location.
    """

    color: bool = False
    verbose: bool = False
    now: str = ""
    invocation: Invocation = field(default_factory=Invocation)
    plan_file: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format: its name on the command line, and a pure function that renders a run.

    Attributes:
        commands: its lines are commands for a CI runner, so they are not escaped; no text from data may begin a line.
        relative: it is read at once, so times may be relative: in a kept report, `just now` would be wrong.
    """

    name: str
    render: Callable[[Run, Style], str]
    commands: bool = False
    relative: bool = False
