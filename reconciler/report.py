"""What a report format is. The implementations stand in `reports/`, one file each; adding one is adding a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.model.run import Run


@dataclass(frozen=True, slots=True)
class Style:
    """How a person wants to read it; formats for machines ignore it.

    Attributes:
        color: the sink takes ANSI colours.
        verbose: unchanged objects and secrets that are ok are listed too.
        now: RFC 3339 UTC, for "2 h ago"; "" leaves absolute times.
        sources, target: options that a suggested command needs to mean the same repository and the same cluster,
            such as ("-C", "../config").
    """

    color: bool = False
    verbose: bool = False
    now: str = ""
    sources: tuple[str, ...] = ()
    target: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format: its name on the command line, and a pure function."""

    name: str
    render: Callable[[Run, Style], str]
