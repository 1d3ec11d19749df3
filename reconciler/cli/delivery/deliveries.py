"""Delivers the reports of a run, once they are written: to a Pushgateway, a collector, and a branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reconciler.cli.execution.guard import raise_any
from reconciler.errors import ReconcilerError

if TYPE_CHECKING:
    from reconciler.cli.runs.reporting import Reporting
    from reconciler.cli.wiring.inputs import Inputs
    from reconciler.model.run import Run
    from reconciler.ports import Redactor
    from reconciler.report import Style


def deliveries(
    reporting: Reporting, inputs: Inputs, redactor: Redactor
) -> Callable[[Run, Style], None]:
    """Delivers the reports of a run to every place of the options.

    Raises:
        UsageError: a place is unusable.
    """
    places: list[Callable[[Run, Style], None]] = []
    if reporting.push:
        from reconciler.cli.delivery.push import pusher

        push = pusher(reporting.push, inputs.timeout)
        places.append(lambda run, _: push(run, redactor))
    if reporting.otlp:
        from reconciler.cli.delivery.otlp import exporter

        export = exporter(reporting.otlp, inputs.timeout)
        places.append(lambda run, _: export(run, redactor))
    if reporting.commit_report:
        from reconciler.cli.delivery.report_branch import committer

        places.append(committer(reporting, inputs, redactor))

    def deliver(run: Run, style: Style) -> None:
        raise_any([failure for place in places if (failure := _attempt(place, run, style))])

    return deliver


def _attempt(place: Callable[[Run, Style], None], run: Run, style: Style) -> ReconcilerError | None:
    """Why a delivery failed, which stops no other; None if it did not."""
    try:
        place(run, style)
    except ReconcilerError as error:
        return error
    return None
