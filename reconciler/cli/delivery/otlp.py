"""`--otlp`: the metrics of a run for a collector of OpenTelemetry, the same figures as those for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reconciler.model.run import Run
from reconciler.ports import Redactor

if TYPE_CHECKING:
    from reconciler.reports._metrics import Labels

_UNITS = {"seconds": "s"}


def exporter(url: str, timeout: float) -> Callable[[Run, Redactor], None]:
    """Exports the metrics of a run.

    Raises:
        UsageError: the URL cannot be used, or the extra `otlp` is not installed.
    """
    from reconciler import __version__
    from reconciler.adapters.otlp import Collector, Gauge

    collector = Collector(url, __version__, timeout=timeout)

    def export(run: Run, redactor: Redactor) -> None:
        from reconciler.cli.delivery.redaction import cleaned
        from reconciler.reports._metrics import families

        gauges = [
            Gauge(
                family.metric.full_name,
                family.metric.help,
                _UNITS.get(family.metric.unit, family.metric.unit),
                tuple((_attributes(labels, redactor), number) for labels, number in family.samples),
            )
            for family in families(cleaned(run, redactor))
        ]
        collector.export(gauges, _nanoseconds(run.finished))

    return export


def _nanoseconds(time: str) -> int:
    """RFC 3339 as nanoseconds since 1970; of a report that says no time, now."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        moment = datetime.now(UTC)
    return int(moment.timestamp()) * 10**9


def _attributes(labels: Labels, redactor: Redactor) -> dict[str, str]:
    from reconciler.cli.delivery.output import without_secrets
    from reconciler.reports.prometheus import label

    return {name: without_secrets(label(text), redactor) for name, text in labels}
