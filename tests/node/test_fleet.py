"""`deploy/fleet` in real pods: environments are divided among the indexes of a Job, and their reports gathered."""

from __future__ import annotations

import base64
import json
import re
import secrets
import subprocess
from pathlib import Path

import pytest

from tests.lock import ROOT
from tests.node import config
from tests.node.installation import POD, SECRETS, Installation
from tests.node.node import Node, terminated
from tests.node.shell import run_script
from tests.world import World, secret

_INDEXES = 3
_CLUSTERS = 7
_FLEET = "reconciler-fleet"
_BLOCK = re.compile(r"<!-- gather -->\n```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def fleet(node: Node, tmp_path: Path) -> Installation:
    """Environments of as many contexts, applied once; the namespace of each stands for a cluster."""
    own = f"t-{secrets.token_hex(5)}"
    namespaces = {f"cluster-{number}": f"{own}-{number}" for number in range(_CLUSTERS)}
    world = World.make(tmp_path / "config", {"prod": own} | namespaces, node.kubeconfig)
    outside, inside = tmp_path / "outside.json", tmp_path / "config.json"
    for file, url in ((outside, node.url), (inside, config.URL)):
        file.write_text(json.dumps(kubeconfig(node, url, tuple(world.names))))
    for name, namespace in world.namespaces.items():
        environment = f"environments/{name}/environment.yaml"
        world.edit(environment, "{type: kubernetes}", f"{{type: kubernetes, context: {name}}}")
        node.apply(
            json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        )
        for key, values in SECRETS.items():
            node.create(f"namespaces/{namespace}/secrets", secret(key, **values))
    ran = world.run("apply", kubeconfig=outside)
    assert ran.code == 0, ran.stdout
    installation = Installation.make(node, world)
    installation.install("fleet", *divided(_INDEXES))
    made = ("create", "secret", "generic", "reconciler-kubeconfig", "-n", own)
    node.kubectl(*made, f"--from-file=config={inside}")
    return installation


def kubeconfig(node: Node, url: str, names: tuple[str, ...]) -> dict[str, object]:
    authority = base64.b64encode(node.ca_file.read_bytes()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "c", "cluster": {"server": url, "certificate-authority-data": authority}}
        ],
        "users": [{"name": "u", "user": {"token": node.admin_token}}],
        "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in names],
    }


def divided(indexes: int) -> list[dict[str, object]]:
    job = "/spec/jobTemplate/spec"
    changed = {
        f"{job}/completions": indexes,
        f"{job}/parallelism": indexes,
        f"{POD}/containers/0/env/0/value": str(indexes),
    }
    return [{"op": "replace", "path": path, "value": value} for path, value in changed.items()]


def test_each_index_watches_its_share_and_one_report_tells_of_all(
    fleet: Installation, node: Node, tmp_path: Path
) -> None:
    patch = '{"spec":{"model":"claude-opus-4-1"}}'
    drifted = ("provider", "claude", "-n", fleet.world.namespaces["cluster-4"])
    node.kubectl("patch", *drifted, "--type=merge", "-p", patch)
    job = fleet.start(_FLEET)
    assert node.ending(job, fleet.home) == "Failed", "an index that reports drift fails"
    pods = node.pods(job, fleet.home)
    assert len(pods) == _INDEXES, "drift is the same the next time"
    assert sorted(terminated(pod)["exitCode"] for pod in pods) == [0, 0, 1]
    shares = [set(named(terminated(pod)["message"])) for pod in pods]
    assert sum(map(len, shares)) == _CLUSTERS + 1
    assert set.union(*shares) == set(fleet.world.names)

    gathered = gather(fleet, node, tmp_path / "gathered")
    assert gathered.returncode == 1, gathered.stderr
    assert set(named(gathered.stdout)) == set(fleet.world.names)
    assert "cluster-4: 1 finding needs attention" in gathered.stdout
    (tmp_path / "gathered/reports/1.json").unlink()
    report = re.search(r"^reconciler report .*$", block(fleet), re.MULTILINE)
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
