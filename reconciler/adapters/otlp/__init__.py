"""A collector of OpenTelemetry.

collector.py   `Collector`: gauges by OTLP over HTTP
session.py     how the library sends
"""

from reconciler.adapters.otlp.collector import Collector, Gauge

__all__ = ["Collector", "Gauge"]
