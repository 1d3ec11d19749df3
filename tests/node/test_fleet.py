"""`deploy/fleet` in real pods: environments are divided among the indexes of a Job, and their reports gathered."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.lock import ROOT
from tests.node import fleet
from tests.node.installation import Installation
from tests.node.node import Node, terminated
from tests.node.shell import run_script

_INDEXES = 3
_CLUSTERS = 7
_BLOCK = re.compile(r"<!-- gather -->\n```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def installed(node: Node, tmp_path: Path) -> Installation:
    return fleet.make(node, tmp_path, _CLUSTERS, _INDEXES)


def test_each_index_watches_its_share_and_one_report_tells_of_all(
    installed: Installation, node: Node, tmp_path: Path
) -> None:
    patch = '{"spec":{"model":"claude-opus-4-1"}}'
    drifted = ("provider", "claude", "-n", installed.world.namespaces["cluster-4"])
    node.kubectl("patch", *drifted, "--type=merge", "-p", patch)
    job = installed.start(fleet.CRONJOB)
    assert node.ending(job, installed.home) == "Failed", "an index that reports drift fails"
    pods = node.pods(job, installed.home)
    assert len(pods) == _INDEXES, "drift is the same the next time"
    assert sorted(terminated(pod)["exitCode"] for pod in pods) == [0, 0, 1]
    shares = [set(named(terminated(pod)["message"])) for pod in pods]
    assert sum(map(len, shares)) == _CLUSTERS + 1
    assert set.union(*shares) == set(installed.world.names)

    gathered = gather(installed, node, tmp_path / "gathered")
    assert gathered.returncode == 1, gathered.stderr
    assert set(named(gathered.stdout)) == set(installed.world.names)
    assert "cluster-4: 1 finding needs attention" in gathered.stdout
    (tmp_path / "gathered/reports/1.json").unlink()
    report = re.search(r"^reconciler report .*$", block(installed), re.MULTILINE)
    assert report is not None
    missing = run_script(report[0], node, tmp_path / "gathered")
    assert missing.returncode == 9, missing.stderr
    assert f"{_CLUSTERS + 1 - len(shares[1])} of {_CLUSTERS + 1}" in missing.stdout


def named(text: str) -> list[str]:
    """The environments of which a verdict tells."""
    return re.findall(r"(?:^|; )(prod|cluster-\d+): ", text, re.MULTILINE)


def gather(of: Installation, node: Node, folder: Path) -> subprocess.CompletedProcess[str]:
    """The commands of the README, as they stand."""
    folder.mkdir()
    return run_script(block(of), node, folder)


def block(of: Installation) -> str:
    text = _BLOCK.search((ROOT / "deploy/README.md").read_text())
    assert text is not None
    return text[1].replace("llm-system", of.home).replace("../my-config", str(of.world.root))
