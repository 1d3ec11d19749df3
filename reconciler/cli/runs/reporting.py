"""How a run is told: -o, -v, --color."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.cli.inputs import Inputs
    from reconciler.model.run import Run
    from reconciler.ports import Redactor


@dataclass(frozen=True, slots=True)
class Reporting:
    """What `options.reports` asks for."""

    output: tuple[str, ...] = ()
    verbose: bool = False
    color: str = "auto"


def reported(reporting: Reporting, inputs: Inputs, start: Callable[[Redactor], Run]) -> int:
    """Run, and write every report that was asked for; the run's exit code.

    Raises:
        UsageError: an -o that cannot be, before anything is run.
        RepositoryError: a report cannot be written.
    """
    from reconciler.adapters.redactor import SecretRedactor
    from reconciler.cli.output import sinks, write_reports
    from reconciler.report import Style

    targets = sinks(reporting.output)
    redactor = SecretRedactor()
    run = start(redactor)
    style = Style(verbose=reporting.verbose, sources=inputs.sources(), target=inputs.target())
    write_reports(run, targets, redactor, style, color=reporting.color)
    return run.exit_code
