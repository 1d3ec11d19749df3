"""One control plane per run, whatever way the run goes: pytest is started inside pytest."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane

REPOSITORY = Path(__file__).parents[2]
INNER = """
import json, os, pathlib, time

def test_inner(control_plane):
    out = pathlib.Path(os.environ["INNER_OUT"])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    facts = json.dumps({"pids": control_plane.pids, "url": control_plane.url})
    (out / "unfinished").write_text(facts)
    (out / "unfinished").rename(out / f"{worker}.json")
    if "INNER_HANGS" in os.environ:
        time.sleep(600)

def test_another(namespace):
    assert namespace
"""
_PLUGINS = ("tests.controlplane.fixtures",)


class Inner:
    """A run of pytest of its own, on one test that says which server it got."""

    def __init__(
        self, directory: Path, test: str = INNER, plugins: tuple[str, ...] = _PLUGINS
    ) -> None:
        self.out = directory / "out"
        self.out.mkdir()
        self._test = directory / "test_inner.py"
        self._test.write_text(test)
        self._plugins = [word for plugin in plugins for word in ("-p", plugin)]

    def start(self, *args: str, **environment: str) -> subprocess.Popen[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        inherited.pop("CI", None)
        plugins = (*self._plugins, "-p", "no:cacheprovider")
        config = f"--config-file={REPOSITORY / 'pyproject.toml'}"
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", config, *plugins, *args, str(self._test)],
            cwd=REPOSITORY,
            env=inherited | {"INNER_OUT": str(self.out)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *args: str, **environment: str) -> tuple[int, str]:
        with self.start(*args, **environment) as process:
            output, _ = process.communicate()
        return process.returncode, output

    def servers(self) -> dict[str, dict[str, object]]:
        return {path.stem: json.loads(path.read_text()) for path in self.out.glob("*.json")}


@pytest.fixture
def inner(tmp_path: Path) -> Inner:
    return Inner(tmp_path)


def listens(url: object) -> bool:
    address = urlsplit(str(url))
    with socket.socket() as client:
        return client.connect_ex((str(address.hostname), address.port or 0)) == 0


def test_workers_share_one_server_and_leave_none(inner: Inner, control_plane: ControlPlane) -> None:
    pytest.importorskip("xdist")
    code, output = inner.run("--dist=each", "--tx=2*popen")
    assert code == 0, output
    servers = inner.servers()
    assert sorted(servers) == ["gw0", "gw1"]
    assert servers["gw0"] == servers["gw1"]
    assert servers["gw0"]["url"] != control_plane.url  # another run, another server
    assert not listens(servers["gw0"]["url"])
    assert listens(control_plane.url)


@pytest.mark.usefixtures("control_plane")
def test_a_killed_run_leaves_none(inner: Inner) -> None:
    process = inner.start("-p", "no:xdist", INNER_HANGS="1")
    with process:
        until(lambda: bool(inner.servers()) or process.poll() is not None, "the test runs")
        process.kill()
    url = inner.servers()["alone"]["url"]
    until(lambda: not listens(url), "the servers of a killed run are gone")


def test_absence_is_one_loud_line(inner: Inner, tmp_path: Path) -> None:
    code, output = inner.run("-p", "no:xdist", KUBEBUILDER_ASSETS=str(tmp_path))
    assert code == 0, output
    reason = f"KUBEBUILDER_ASSETS={tmp_path} lacks kube-apiserver, etcd"
    assert output.count(f"NO CONTROL PLANE: 2 tests skipped: {reason}") == 1
    assert output.count("SKIPPED [2]") == 1


def test_absence_fails_in_ci(inner: Inner, tmp_path: Path) -> None:
    code, output = inner.run("-p", "no:xdist", KUBEBUILDER_ASSETS=str(tmp_path), CI="true")
    assert code == 1, output
    assert "no control plane: KUBEBUILDER_ASSETS" in output


def test_nothing_starts_for_tests_that_do_not_ask(inner: Inner) -> None:
    code, output = inner.run("-p", "no:xdist", "-m", "not control_plane")
    assert code == 5, output
    assert "2 deselected" in output
    assert inner.servers() == {}
