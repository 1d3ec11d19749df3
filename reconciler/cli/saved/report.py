"""`report`: renders saved JSON reports as one."""

from __future__ import annotations

from dataclasses import replace

from reconciler.cli.runs.reporting import Reporting, reported
from reconciler.cli.saved.files import read_report, reports_in
from reconciler.cli.wiring.inputs import Inputs
from reconciler.model.combined import combined
from reconciler.model.run import Run
from reconciler.ports import Redactor
from reconciler.reports._history import with_history


def render_saved(
    files: tuple[str, ...], expected: tuple[str, ...], reporting: Reporting, *, differences: int
) -> int:
    """Write the reports of the combined run, and return its exit code.

    Raises:
        UsageError: a file is not a report, or the reports are of different commands.
        RepositoryError: a file cannot be read, or a report cannot be written.
    """

    def start(_: Redactor) -> Run:
        reports = [read_report(file) for file in reports_in(files)]
        run = with_history(combined(reports, expected), reports)
        return replace(run, differences=differences)

    return reported(reporting, Inputs(), start, saved=True)
