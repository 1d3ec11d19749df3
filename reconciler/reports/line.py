"""The verdict of a run in one line of at most 4096 bytes: for a chat, or the termination message of a container."""

from __future__ import annotations

from typing import Final

from reconciler.model.run import Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._exit import exit_line
from reconciler.reports._verdict import view
from reconciler.reports._words import clean, plain
from reconciler.text.printable import no_commands

_LONGEST: Final = 4096  # bytes, of a termination message in Kubernetes
_MORE: Final = "; and {} more"


def render(run: Run, style: Style) -> str:
    """`prod: 2 findings need attention; exit 1: drift, open rotation`; what failed comes first."""
    ordered = sorted(run.environments, key=lambda environment: -environment.exit_code)
    verdicts = (view(run, environment, style) for environment in ordered)
    texts = [f"{clean(shown.name)}: {plain(shown.verdict)}" for shown in verdicts]
    end = plain(exit_line(run)) if run.exit_code and len(run.environments) == 1 else ""
    end = end or f"exit {int(run.exit_code)}"
    if not texts:
        return f"no environment; {end}\n"
    return no_commands(_bounded(texts, end)) + "\n"


def _bounded(texts: list[str], end: str) -> str:
    for number in range(len(texts), -1, -1):
        left = len(texts) - number
        parts = "; ".join(texts[:number]) + (_MORE.format(left) if left else "")
        line = f"{parts.removeprefix('; ')}; {end}"
        if len(line.encode()) < _LONGEST:
            return line
    return end.encode()[: _LONGEST - 1].decode(errors="ignore")


FORMAT = ReportFormat("line", render)
