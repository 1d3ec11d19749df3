"""The table on top of a report about several environments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model.run import Run
from reconciler.reports._verdict import View

HEADS: Final = ("environment", "exit", "result")


def overview(run: Run, views: Iterable[View]) -> list[tuple[View, str, str]]:
    """A row for each of several environments: itself, its exit code and its verdict; no row for only one."""
    if len(run.environments) == 1:
        return []
    return [
        (shown, str(int(environment.exit_code)), shown.verdict)
        for shown, environment in zip(views, run.environments, strict=True)
    ]
