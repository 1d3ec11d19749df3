"""Prometheus: metrics for the textfile collector of the node exporter, or for a Pushgateway.

The text is valid in both formats that Prometheus reads, the classic one and OpenMetrics. It has no timestamps, which
the textfile collector refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.model.run import Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._metrics import Family, Labels, families
from reconciler.reports._words import clean
from reconciler.text.printable import no_commands

_LONGEST_LABEL: Final = 253  # characters, as of the longest name in Kubernetes
_END: Final = "# EOF"  # of OpenMetrics; a comment in the classic format


def render(run: Run, _: Style) -> str:
    lines = [line for family in families(run) for line in _family(family)]
    return "\n".join([*lines, _END]) + "\n"


def _family(family: Family) -> Iterator[str]:
    metric = family.metric
    yield f"# HELP {metric.full_name} {metric.help}"
    yield f"# TYPE {metric.full_name} gauge"
    if metric.unit:
        yield f"# UNIT {metric.full_name} {metric.unit}"
    series: dict[str, float] = {}
    for labels, number in family.samples:
        series.setdefault(_labels(labels), number)  # two series with the same labels are refused
    yield from (f"{metric.full_name}{{{each}}} {_number(series[each])}" for each in series)


def _labels(labels: Labels) -> str:
    return ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)


def label(text: str) -> str:
    """A text as the value of a label."""
    return no_commands(clean(text))[:_LONGEST_LABEL]


def _escaped(text: str) -> str:
    return label(text).replace("\\", "\\\\").replace('"', '\\"')


def _number(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(number)


FORMAT = ReportFormat("prometheus", render)
