"""Metrics pushed over real HTTP: to a small Pushgateway, and to the real one if it is installed."""

from __future__ import annotations

import base64
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.adapters.pushgateway import AUTHORIZATION, Pushgateway
from reconciler.cli import main
from reconciler.errors import DeliveryError, ExitCode, UsageError
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.adapters.forge.server import running
from tests.node.programs import program
from tests.reports.scenarios import SCENARIOS


@dataclass
class Gateway:
    """Groups of metrics by grouping key, which a PUT replaces; `faults` are statuses to answer first."""

    groups: dict[str, str] = field(default_factory=dict)
    authorizations: list[str] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    url: str = ""

    def put(self, path: str, body: str) -> int:
        list(text_string_to_metric_families(body))
        self.groups[path.removeprefix("/metrics")] = body
        return 200


@contextmanager
def serve(gateway: Gateway) -> Iterator[Gateway]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            gateway.authorizations.append(self.headers.get("Authorization", ""))
            status = gateway.faults.pop(0) if gateway.faults else gateway.put(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    with running(server):
        yield gateway


def no_wait(_: float) -> None:
    pass


def push(url: str, environment: str = "prod", metrics: str = "a 1\n", **environ: str) -> None:
    with closing(Pushgateway(url, sleep=no_wait, environ=environ)) as gateway:
        gateway.push("drift", environment, metrics)


def save(path: Path, scenario: str) -> str:
    path.write_text(FORMATS["json"].render(SCENARIOS[scenario](), Style()))
    return str(path)


def test_a_push_replaces_the_group_of_its_environment_and_command() -> None:
    with serve(Gateway()) as gateway:
        for metrics in ("a 1\n", "b 2\n"):
            push(gateway.url + "/", metrics=metrics)
        push(gateway.url, "dev")
        group = "/job/provider-reconciler/command/drift/environment/"
        assert gateway.groups == {f"{group}prod": "b 2\n", f"{group}dev": "a 1\n"}
        assert set(gateway.authorizations) == {""}


@pytest.mark.parametrize("name", ["a/b", "", "a b", "é", "../x", "a%2Fb"])
def test_any_name_is_one_value_of_the_group(name: str) -> None:
    with serve(Gateway()) as gateway:
        push(gateway.url, name)
        (path,) = gateway.groups
        key, _, value = path.partition("/command/drift/")[2].partition("/")
        if key == "environment@base64":
            assert base64.urlsafe_b64decode(value).decode() == name
        else:
            assert (key, unquote(value), "/" in value) == ("environment", name, False)


def test_credentials_come_from_a_variable_and_go_to_nobody_who_can_read_them() -> None:
    with serve(Gateway()) as gateway:
        push(gateway.url, **{AUTHORIZATION: "Bearer secret-word"})
        assert gateway.authorizations == ["Bearer secret-word"]
    with pytest.raises(UsageError, match="only sent to https"):
        Pushgateway("http://gateway.monitoring:9091", environ={AUTHORIZATION: "Bearer x"})
    with pytest.raises(UsageError, match="characters"):
        Pushgateway("https://gateway.example", environ={AUTHORIZATION: "Bearer x\nHost: y"})
    with pytest.raises(UsageError, match="holds credentials") as caught:
        Pushgateway("https://user:secret-word@gateway.example", environ={})
    assert "secret-word" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("url", ["gateway:9091", "ftp://x", "http://", "http://[x", "http://a:b"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(UsageError, match="not a URL"):
        Pushgateway(url, environ={})


@pytest.mark.parametrize(
    ("status", "hint"), [(400, "its log"), (401, AUTHORIZATION), (404, "/metrics"), (500, "")]
)
def test_a_refusal_says_what_to_do(status: int, hint: str) -> None:
    with serve(Gateway(faults=[status] * 4)) as gateway, pytest.raises(DeliveryError) as caught:
        push(gateway.url)
    assert str(status) in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.where == gateway.url


def test_a_gateway_that_is_busy_is_asked_again() -> None:
    with serve(Gateway(faults=[429])) as gateway:
        push(gateway.url)
        assert len(gateway.groups) == 1


def test_the_reports_are_out_before_a_push_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = save(tmp_path / "drift.json", "drift")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    out = tmp_path / "out.md"
    code = main(["report", file, "-o", f"markdown={out}", "--push", url])
    assert code == ExitCode.SOURCE
    assert "20 findings" in out.read_text()
    assert f"error: {url}: " in capsys.readouterr().err
    assert main(["report", file, "--push", "nowhere"]) == ExitCode.USAGE


def test_each_environment_of_a_run_is_a_group(tmp_path: Path) -> None:
    with serve(Gateway()) as gateway:
        file = save(tmp_path / "stopped.json", "stopped")
        assert main(["report", file, "--push", gateway.url]) == ExitCode.CLUSTER
        environments = [path.rpartition("/")[2] for path in gateway.groups]
        assert environments == [each.name for each in SCENARIOS["stopped"]().environments]
        for path, metrics in gateway.groups.items():
            for family in text_string_to_metric_families(metrics):
                for sample in family.samples:
                    assert sample.labels["environment"] == path.rpartition("/")[2]


@pytest.fixture
def real(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[str]:
    """A Pushgateway of the Prometheus project."""
    gateway = program(pytestconfig, "prometheus-pushgateway", "prometheus-pushgateway")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"127.0.0.1:{port}"
    with (tmp_path / "log").open("w+") as log:
        server = subprocess.Popen(
            [gateway, f"--web.listen-address={address}"], stderr=log, stdout=log
        )
        try:
            while "listening on" not in (text := (tmp_path / "log").read_text().lower()):
                assert server.poll() is None, text
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait()


def test_the_real_pushgateway_takes_and_replaces_them(real: str) -> None:
    run = SCENARIOS["drift"]()
    fewer = replace(run, environments=(replace(run.environments[0], changes=()),))
    assert 'name="gateway"' in held(real, run)
    assert 'name="gateway"' not in held(real, fewer)


def held(url: str, run: Any) -> str:
    push(url, metrics=FORMATS["prometheus"].render(run, Style()))
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        text: str = answer.read().decode()
    assert "push_failure_time_seconds" in text
    return "\n".join(line for line in text.splitlines() if line.startswith("provider_reconciler_"))
