"""Runs a verb and writes its reports: -o, -v, --color."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.cli.inputs import Inputs
    from reconciler.model.run import Run
    from reconciler.ports import Redactor


@dataclass(frozen=True, slots=True)
class Reporting:
    """The values of the options `-o`, `-v`, `--color` and `--push`."""

    output: tuple[str, ...] = ()
    verbose: bool = False
    color: str = "auto"
    push: str = ""


def reported(
    reporting: Reporting, inputs: Inputs, start: Callable[[Redactor], Run], out: str = ""
) -> int:
    """Start a run, write every report and, if `out` names a file, its plan; return the exit code of the run.

    Raises:
        UsageError: an `-o` is invalid; nothing was run.
        RepositoryError: a report cannot be written.
    """
    from reconciler.adapters.redactor import SecretRedactor
    from reconciler.cli.links import folder_of, refuse_links
    from reconciler.cli.output import sinks, verdict_line, write_reports
    from reconciler.cli.push import pusher
    from reconciler.cli.termination import write_termination
    from reconciler.report import Style

    targets = sinks(reporting.output)
    for sink in targets:
        refuse_links(Path(sink.path), Path(inputs.folder))
    if out:
        from reconciler.cli.plans.files import refuse_path

        refuse_path(out, inputs.folder, tuple(sink.path for sink in targets))
    push = pusher(reporting.push, inputs.timeout) if reporting.push else None
    redactor = SecretRedactor()
    run = start(redactor)
    style = Style(
        verbose=reporting.verbose,
        invocation=run.invocation,
        plan_file=out,
        folder=folder_of(Path(inputs.folder)),
    )
    write_termination(lambda: verdict_line(run, redactor))
    write_reports(run, targets, redactor, style, color=reporting.color)
    if out:
        from reconciler.cli.plans.files import write_plan

        return write_plan(run, out, redactor)
    if push:
        push(run, redactor)
    return run.exit_code
