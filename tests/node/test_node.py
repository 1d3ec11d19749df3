"""The fixture itself: pods run, and nothing of it stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.locks import until
from tests.controlplane.test_run import Inner
from tests.node import image
from tests.node.node import Node, terminated

INNER = """
import json, os, pathlib, time

def test_inner(node):
    out = pathlib.Path(os.environ["INNER_OUT"])
    (out / "unfinished").write_text(json.dumps({"pids": node.pids, "home": str(node.ca_file)}))
    (out / "unfinished").rename(out / "alone.json")
    time.sleep(600)
"""


def job(node: Node, name: str, namespace: str, *args: str) -> None:
    container = {"name": "run", "image": image.NAME, "args": args}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"backoffLimit": 0, "template": template}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}
    node.apply(json.dumps(body), "-n", namespace)


def test_a_job_runs_the_program_of_this_checkout(node: Node) -> None:
    job(node, "version", "default", "--version")
    assert node.ending("version", "default") == "Complete"
    (pod,) = node.pods("version", "default")
    assert terminated(pod)["exitCode"] == 0
    version = Path("reconciler/__init__.py").read_text().split('"')[-2]
    assert node.log(pod) == f"reconciler {version}\n"


def test_the_node_is_marked(node: Node, request: pytest.FixtureRequest) -> None:
    assert node.pids
    assert request.node.get_closest_marker("node")


@pytest.fixture
def inner(tmp_path: Path) -> Inner:
    return Inner(tmp_path, INNER, plugins=("tests.controlplane.fixtures", "tests.node.fixtures"))


@pytest.mark.usefixtures("node")
def test_a_killed_run_leaves_nothing(inner: Inner) -> None:
    process = inner.start("-p", "no:xdist")
    with process:
        until(lambda: bool(inner.servers()) or process.poll() is not None, "the test runs")
        facts: dict[str, Any] = inner.servers()["alone"]
        (pid,) = facts["pids"]
        cgroups = cgroups_of(pid)
        assert cgroups
        process.kill()
    home = Path(facts["home"])
    until(lambda: not home.exists(), "the files of a killed run are gone")
    assert not Path(f"/proc/{pid}").exists()
    assert not any(path.exists() for path in cgroups)
    assert str(home.parents[1]) not in Path("/proc/mounts").read_text()


def cgroups_of(pid: int) -> list[Path]:
    """Those of the node's pods; its first process is in none of them."""
    environment = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    specification = json.loads(Path(environment[-2]).read_text())
    return list(Path("/sys/fs/cgroup").glob(f"*/{specification['cgroup']}"))


def test_absence_is_one_loud_line(inner: Inner, tmp_path: Path) -> None:
    code, output = inner.run("-p", "no:xdist", PATH=str(tmp_path))
    assert code == 0, output
    assert output.count("NO NODE: 1 tests skipped: a node needs unshare") == 1


def test_absence_fails_in_ci(inner: Inner, tmp_path: Path) -> None:
    code, output = inner.run("-p", "no:xdist", PATH=str(tmp_path), CI="true")
    assert code == 1, output
    assert "no node: a node needs unshare" in output
