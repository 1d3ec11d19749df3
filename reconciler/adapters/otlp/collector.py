"""A collector of OpenTelemetry: gauges by OTLP over HTTP. Only the extra `otlp` installs what this needs.

The variables of OpenTelemetry hold here, too: `OTEL_EXPORTER_OTLP_HEADERS`, which may be credentials, and
`OTEL_EXPORTER_OTLP_CERTIFICATE`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reconciler.errors import DeliveryError, UsageError
from reconciler.frozen import dataclass
from reconciler.http.deadline import Deadline, Threads
from reconciler.http.service import is_private
from reconciler.http.service_url import service_url

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

_PATH: Final = "/v1/metrics"
_HEADERS: Final = ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
_SERVICE: Final = "provider-reconciler"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure with its values: the attributes of each, and the number."""

    name: str
    description: str
    unit: str
    values: tuple[tuple[Mapping[str, str], float], ...]


class Collector:
    """The collector at a URL such as `http://otel-collector:4318`.

    Raises:
        UsageError: it is not a URL, others could read the credentials, or the extra is not installed.
    """

    def __init__(
        self, url: str, version: str, *, timeout: float, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._url, self._where = _endpoint(url)
        if any(environ.get(name) for name in _HEADERS) and not is_private(url):
            raise UsageError(
                "--otlp: credentials are only sent to https", hint=f"unset {' and '.join(_HEADERS)}"
            )
        try:
            import opentelemetry.exporter.otlp.proto.http.metric_exporter
            import opentelemetry.sdk.metrics.export  # noqa: F401 -- now, and not after the run
        except ImportError:
            hint = "pip install 'provider-reconciler[otlp]'"
            raise UsageError("--otlp needs the extra otlp", hint=hint) from None
        self._version, self._timeout = version, timeout

    def export(self, gauges: Iterable[Gauge], nanoseconds: int) -> None:
        """Send figures of one time, which is since 1970.

        Raises:
            DeliveryError: the collector refuses them, or does not answer.
        """
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics.export import MetricExportResult

        from reconciler.adapters.otlp.session import StatusSession

        session = StatusSession()
        figures = _metrics_data(gauges, nanoseconds, self._version)

        def send() -> bool:
            exporter = OTLPMetricExporter(
                endpoint=self._url, timeout=self._timeout, session=session
            )
            done = exporter.export(figures)
            exporter.shutdown()
            return done is MetricExportResult.SUCCESS

        with _in_silence():
            try:
                # The timeout of the library begins again with every byte.
                sent = Threads().run(send, Deadline(self._timeout))
            except TimeoutError:
                sent = False
        if not sent:
            raise DeliveryError(
                f"the collector does not take the metrics: {session.outcome}", where=self._where
            )


def _metrics_data(gauges: Iterable[Gauge], nanoseconds: int, version: str) -> MetricsData:
    from opentelemetry.sdk.metrics import export
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    metrics = [
        export.Metric(
            gauge.name,
            gauge.description,
            gauge.unit,
            export.Gauge(
                [
                    export.NumberDataPoint(attributes, nanoseconds, nanoseconds, float(number))
                    for attributes, number in gauge.values
                ]
            ),
        )
        for gauge in gauges
    ]
    resource = Resource({"service.name": _SERVICE, "service.version": version})
    scope = export.ScopeMetrics(InstrumentationScope(_SERVICE, version), metrics, "")
    return export.MetricsData([export.ResourceMetrics(resource, [scope], "")])


@contextmanager
def _in_silence() -> Iterator[None]:
    """Nothing of what the library logs is printed: it quotes the answer, or a header that cannot be sent."""
    logger, ignored = logging.getLogger("opentelemetry"), logging.NullHandler()
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(ignored)
    try:
        yield
    finally:
        logger.removeHandler(ignored)
        logger.propagate = propagated


def _endpoint(url: str) -> tuple[str, str]:
    """The URL of the metrics, and the host for messages."""
    example = "http://otel-collector:4318"
    parts = service_url("--otlp", url, example=example, credentials=_HEADERS[-1])
    base = url.rstrip("/")
    return base if base.endswith(_PATH) else base + _PATH, f"{parts.scheme}://{parts.netloc}"
