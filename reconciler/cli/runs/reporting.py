"""Runs a verb, writes its reports and delivers them: -o, -v, --color, --push, --commit-report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.frozen import dataclass

if TYPE_CHECKING:
    from reconciler.cli.wiring.inputs import Inputs
    from reconciler.model.run import Run
    from reconciler.ports import Redactor


@dataclass(frozen=True, slots=True)
class Reporting:
    """The values of the options of `options.reports`."""

    output: tuple[str, ...] = ()
    verbose: bool = False
    color: str = "auto"
    push: str = ""
    otlp: str = ""
    commit_report: str = ""
    report_repository: str = ""
    quiet: bool = False
    summary: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every `-o`; `--summary` is one more."""
        return (*self.output, "line") if self.summary else self.output

    @property
    def for_programs(self) -> bool:
        """stdout has a report for programs. The log of a pod has both streams in one: a line between would spoil it."""
        return any("=" not in each and each not in ("text", "line") for each in self.outputs)


def reported(
    reporting: Reporting,
    inputs: Inputs,
    start: Callable[[Redactor], Run],
    out: str = "",
    plan: str = "",
    *,
    saved: bool = False,
) -> int:
    """Start a run, write every report and, if `out` names a file, its plan; return the exit code of the run.

    Args:
        plan: the file with the plan that the run follows, for the commands that it prints.
        saved: the run is of saved reports.

    Raises:
        UsageError: an `-o` is invalid; nothing was run.
        RepositoryError: a report cannot be written.
        ReconcilerError: a report is written and could not be delivered.
    """
    from reconciler.adapters.redactor import SecretRedactor
    from reconciler.cli.delivery.deliveries import deliveries
    from reconciler.cli.delivery.links import folder_of
    from reconciler.cli.delivery.output import sinks, verdict_line, write_reports
    from reconciler.cli.execution.streams import write_error
    from reconciler.cli.execution.termination import TERMINATION
    from reconciler.report import Style

    targets = sinks(reporting.outputs, repository=inputs.folder, quiet=reporting.quiet)
    if out:
        from reconciler.cli.plans.files import refuse_path

        refuse_path(out, inputs.folder, tuple(sink.path for sink in targets))
    redactor = SecretRedactor()
    deliver = deliveries(reporting, inputs, redactor)
    run = start(redactor)
    style = Style(
        verbose=reporting.verbose,
        invocation=run.invocation,
        plan_file=out or plan,
        folder=folder_of(Path(inputs.folder)),
    )
    TERMINATION.add(lambda: verdict_line(run, redactor))
    write_reports(run, targets, redactor, style, color=reporting.color, saved=saved)
    if reporting.quiet and (failed := run.failed()).environments:
        write_error(verdict_line(failed, redactor))
    try:
        return _with_plan(run, out, redactor)
    finally:  # a plan that cannot be written leaves the reports as they are
        deliver(run, style)


def _with_plan(run: Run, out: str, redactor: Redactor) -> int:
    """Write the plan if it is wanted; the exit code of the run."""
    if not out:
        return run.exit_code
    from reconciler.cli.plans.files import write_plan

    return write_plan(run, out, redactor)
