"""`--otlp`, against a local collector that reads the protobuf as OpenTelemetry has it."""

from __future__ import annotations

import gzip
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client import parser

from reconciler import __version__
from reconciler.adapters.otlp import Collector
from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli import main
from reconciler.cli.delivery.otlp import exporter
from reconciler.errors import DeliveryError, ReconcilerError, UsageError
from reconciler.model.run import Run
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.adapters.forge.server import running
from tests.fakes import NoRedactor
from tests.interpreters.warm import command
from tests.reports.scenarios import SCENARIOS
from tests.repository import write

MOCK = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: mock, namespace: omnia}
spec: {type: mock}
"""


@dataclass
class Receiving:
    """What the collector got; `status` is its answer."""

    url: str = ""
    status: int = 200
    location: str = ""
    reason: str = ""
    body: bytes = b""
    packed: bool = False
    drips: threading.Event | None = None  # until it is set, a byte at a time
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)

    def gauges(self) -> dict[str, Any]:
        (resource,) = self.requests[-1].resource_metrics
        (scope,) = resource.scope_metrics
        return {metric.name: metric for metric in scope.metrics}

    def values(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return {
            (name, frozenset((a.key, a.value.string_value) for a in point.attributes)): point.as_double
            for name, metric in self.gauges().items()
            for point in metric.gauge.data_points
        }  # fmt: skip


@contextmanager
def serve() -> Iterator[Receiving]:
    receiving = Receiving()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            receiving.paths.append(self.path)
            receiving.headers.append({k.lower(): v for k, v in self.headers.items()})
            receiving.requests.append(ExportMetricsServiceRequest.FromString(content))
            self.send_response(receiving.status, receiving.reason or None)
            if receiving.location:
                self.send_header("Location", receiving.location)
            if receiving.packed:
                self.send_header("Content-Encoding", "gzip")
            if drips := receiving.drips:
                self.flush_headers()
                with suppress(OSError):
                    while not drips.wait(0.05):
                        self.wfile.write(b"X-Long: x\r\n")
                        self.wfile.flush()
            self.send_header("Content-Length", str(len(receiving.body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(receiving.body)

        do_GET = do_POST  # noqa: N815 -- a name of the library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiving.url = f"http://127.0.0.1:{server.server_port}"
    with running(server):
        yield receiving


@pytest.fixture
def collector() -> Iterator[Receiving]:
    with serve() as receiving:
        yield receiving


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = "configVersion: 1\nnamespaces: [omnia]\n"
    monkeypatch.chdir(tmp_path)
    files = {"environment.yaml": config, "mock.yaml.j2": MOCK}
    return write(tmp_path, {f"environments/prod/{name}": text for name, text in files.items()})


def in_prometheus(run: Run) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = parser.text_string_to_metric_families(FORMATS["prometheus"].render(run, Style()))
    return {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}


@pytest.mark.parametrize("scenario", ["drift", "review", "partial-apply", "hostile"])
def test_the_figures_are_those_for_prometheus(collector: Receiving, scenario: str) -> None:
    run = SCENARIOS[scenario]()
    with_requests = tuple(replace(each, requests=7) for each in run.environments)
    run = replace(run, environments=with_requests)
    exporter(collector.url, 10)(run, SecretRedactor())
    assert collector.values() == in_prometheus(run)
    assert len(collector.values()) > 10
    points = collector.gauges()["provider_reconciler_run_requests"].gauge.data_points
    assert {point.as_double for point in points} == {7.0}


def test_they_have_a_time_a_unit_and_a_source(collector: Receiving) -> None:
    run = SCENARIOS["drift"]()
    exporter(f"{collector.url}/v1/metrics", 10)(run, SecretRedactor())
    assert collector.paths == ["/v1/metrics"]
    resource = collector.requests[0].resource_metrics[0].resource
    source = {a.key: a.value.string_value for a in resource.attributes}
    assert source == {"service.name": "provider-reconciler", "service.version": __version__}
    gauge = collector.gauges()["provider_reconciler_run_duration_seconds"]
    assert (gauge.unit, gauge.description[:8]) == ("s", "How long")
    (point,) = gauge.gauge.data_points
    assert point.time_unix_nano // 10**9 == int(datetime.fromisoformat(run.finished).timestamp())


def test_a_run_sends_them_and_ends_as_it_would(
    collector: Receiving, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "prod", "--otlp", collector.url]) == 1
    assert "NEW" in capsys.readouterr().out
    assert collector.paths == ["/v1/metrics"]
    states = {
        dict(labels)["state"]: value
        for (name, labels), value in collector.values().items()
        if name == "provider_reconciler_objects"
    }
    assert states["new"] == 1
    assert not any(name.endswith("requests") for name in collector.gauges()), (
        "a folder has no server"
    )
    assert (repository / "environments").is_dir()


@pytest.mark.parametrize(("status", "location"), [(400, ""), (403, ""), (307, "/elsewhere")])
def test_a_refusal_is_told_after_the_report(
    collector: Receiving, repository: Path, status: int, location: str
) -> None:
    collector.status, collector.location = status, location and collector.url + location
    words = ("diff", "prod", "--otlp", collector.url, "-o", "json=report.json")
    ended = command(*words, cwd=repository)
    assert ended.code == 9
    assert collector.paths == ["/v1/metrics"], "a redirect is not followed"
    reason = "it redirects, and redirects are not followed" if location else f"status {status}"
    message = f"error: {collector.url}: the collector does not take the metrics: {reason}"
    assert ended.stderr.startswith(message)
    assert ended.stderr.count("\n") == 1, "the library itself prints nothing"
    assert (repository / "report.json").is_file()


def test_no_answer_ends_within_the_time_limit(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as gone:
        pass
    assert main(["diff", "prod", "--otlp", gone.url, "--timeout", "1"]) == 9
    assert "does not take the metrics" in capsys.readouterr().err
    assert repository.is_dir()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("collector:4318", "not a URL"),
        ("ftp://collector", "not a URL"),
        ("http://[", "not a URL"),
        ("https://collector\n.example.org", "not a URL"),
        ("https://collector/?token=word", "not a URL"),
        ("https://collector/#word", "not a URL"),
        ("https://collector /", "not a URL"),
        ("https://user:word@collector", "holds credentials"),
    ],
)
def test_an_unusable_url_is_told_before_the_run(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Collector(url, "1", timeout=1)


def test_credentials_are_sent_to_https_only(
    collector: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20token-of-mine")
    with pytest.raises(UsageError, match="only sent to https") as refused:
        Collector("http://collector.example.com", "1", timeout=1)
    assert "token-of-mine" not in f"{refused.value} {refused.value.hint}"
    exporter(collector.url, 10)(SCENARIOS["drift"](), SecretRedactor())  # of this machine
    assert collector.headers[0]["authorization"] == "Bearer token-of-mine"


def test_without_the_extra_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "opentelemetry.exporter.otlp.proto.http.metric_exporter"
    monkeypatch.setitem(sys.modules, name, None)
    assert main(["diff", "prod", "--otlp", "http://127.0.0.1:1"]) == 2
    captured = capsys.readouterr()
    assert "pip install 'provider-reconciler[otlp]'" in captured.err
    assert captured.out == ""
    assert repository.is_dir()


def test_a_secret_value_leaves_in_no_attribute(collector: Receiving) -> None:
    redactor = SecretRedactor()
    redactor.register(b"canary-7f3e91-of-a-secret")
    run = SCENARIOS["drift"]()
    named = replace(run.environments[0], name="canary-7f3e91-of-a-secret")
    exporter(collector.url, 10)(replace(run, environments=(named,)), redactor)
    assert "canary-7f3e91-of-a-secret" not in str(collector.requests[0])


class SeesOne(NoRedactor):
    """`ports.Redactor` that sees a value in what is sent, and cannot remove it."""

    def leaks(self, text: str) -> bool:
        return "mock" in text


def test_what_still_holds_a_secret_is_not_sent(collector: Receiving) -> None:
    run = SCENARIOS["drift"]()
    named = replace(run.environments[0], name="mock")
    with pytest.raises(ReconcilerError, match="secret value"):
        exporter(collector.url, 10)(replace(run, environments=(named,)), SeesOne())
    assert collector.requests == []


def test_a_collector_that_is_busy_ends_within_the_time_limit(collector: Receiving) -> None:
    collector.status = 503
    with pytest.raises(DeliveryError):
        Collector(collector.url, "1", timeout=1).export([], 0)


def test_an_answer_of_any_size_is_not_read(collector: Receiving) -> None:
    collector.body, collector.packed = gzip.compress(bytes(200_000_000), 1), True
    tracemalloc.start()
    try:
        exporter(collector.url, 30)(SCENARIOS["drift"](), SecretRedactor())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000, "bytes; the answer unpacked would take 200 million"


def test_an_answer_that_drips_ends_within_the_time_limit(collector: Receiving) -> None:
    """The timeout of a socket begins again with each byte: without a deadline, this would not end."""
    collector.drips = threading.Event()
    try:
        with pytest.raises(DeliveryError, match="no answer in time"):
            Collector(collector.url, "1", timeout=0.5).export([], 0)
    finally:
        collector.drips.set()


def test_no_message_repeats_a_credential(
    collector: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collector can say it in its reason, and the library quotes a header that cannot be sent."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20token-of-mine")
    collector.status, collector.reason = 400, "no Bearer token-of-mine \x1b[31m"
    with pytest.raises(DeliveryError) as refused:
        Collector(collector.url, "1", timeout=5).export([], 0)
    assert refused.value.message == "the collector does not take the metrics: status 400"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20token-of%0Amine")
    with pytest.raises(DeliveryError) as unsent:
        Collector(collector.url, "1", timeout=5).export([], 0)
    assert unsent.value.message.endswith(": the request cannot be sent")


def test_no_credentials_of_the_home_folder_are_sent(
    collector: Receiving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password word-of-mine\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20chosen")
    exporter(collector.url, 10)(SCENARIOS["drift"](), SecretRedactor())
    assert collector.headers[0]["authorization"] == "Bearer chosen"
