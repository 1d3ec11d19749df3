"""`deploy/watch` in real pods: what the cluster's owner sees of a run."""

from __future__ import annotations

import json

import pytest

from tests.consumers.bodies import agent
from tests.node import image
from tests.node.installation import SECRETS, Installation
from tests.node.node import Node

_WATCH = "reconciler-watch"


@pytest.fixture
def watched(installation: Installation) -> Installation:
    """Installed, and applied once by a person."""
    installation.install("watch")
    installation.secrets()
    ran = installation.world.run("apply", "prod")
    assert ran.code == 0, ran.stdout
    return installation


def test_drift_by_kubectl_fails_the_job_and_is_told_in_a_line(
    watched: Installation, node: Node
) -> None:
    calm = watched.run(_WATCH)
    assert (calm.code, calm.verdict) == (0, "prod: in sync; exit 0"), calm.log
    patch = '{"spec":{"model":"claude-opus-4-1"}}'
    provider = ("provider", "claude", "-n", watched.home)
    node.kubectl("patch", *provider, "--type=merge", "-p", patch)
    ran = watched.run(_WATCH)
    assert node.ending(ran.job, watched.home) == "Failed"
    assert (ran.code, ran.verdict) == (1, "prod: 1 finding needs attention; exit 1: drift")
    assert "by kubectl-patch (Update)" in ran.log
    assert "claude-opus-4-1" in ran.log
    described = node.kubectl("describe", "pods", "-l", f"job-name={ran.job}", "-n", watched.home)
    assert ran.verdict in described.stdout
    status = watched.world.run("status", "prod").stdout
    assert "watched" in status.splitlines()[0], "the record has outlived the pod"
    assert not [value for keys in SECRETS.values() for value in keys.values() if value in ran.log]


def test_a_rotated_key_names_the_pods_that_still_have_the_old_one(
    watched: Installation, node: Node
) -> None:
    body = agent("helper", watched.home)
    body["metadata"].pop("creationTimestamp")
    node.apply(json.dumps(body))
    start_agent(node, watched.home, "helper-1")
    assert watched.run(_WATCH).code == 0
    patch = '{"stringData":{"api-key":"gw-canary-another-key"}}'
    node.kubectl("patch", "secret", "gateway", "-n", watched.home, "--type=merge", "-p", patch)
    old = watched.run(_WATCH)
    assert old.verdict == "prod: 1 finding needs attention; exit 1: open rotation"
    assert f"1 Agent has the old key: {watched.home}/helper\n" in old.log
    restart = f"kubectl rollout restart deployment/helper -n {watched.home}"
    assert restart in old.log
    node.kubectl("delete", "pod", "helper-1", "-n", watched.home, "--grace-period=0", "--force")
    start_agent(node, watched.home, "helper-2")
    new = watched.run(_WATCH)
    assert (new.code, new.verdict) == (0, "prod: in sync; exit 0")
    assert f"PICKED UP   Secret {watched.home}/gateway [api-key]" in new.log


def start_agent(node: Node, namespace: str, name: str) -> None:
    """A pod as the operator of an Agent makes it; it runs until it is deleted."""
    limits = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    user = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {
        "name": "agent",
        "image": image.NAME,
        "command": ["sleep", "infinity"],
        "securityContext": limits,
    }
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"flokoa.ai/agent": "helper"}},
        "spec": {
            "securityContext": user,
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [container],
        },
    }
    node.apply(json.dumps(body), "-n", namespace)

    def runs() -> bool:
        pods = node.objects("pods", namespace, **{"flokoa.ai/agent": "helper"})
        return [pod["status"]["phase"] for pod in pods] == ["Running"]

    node.wait(runs, f"pod {name} runs")


def test_a_secret_that_may_not_be_read_is_not_checked(watched: Installation) -> None:
    roles = watched.deploy / "flows/watch/roles.yaml"
    roles.write_text(roles.read_text().replace("[claude, gateway]", "[claude]"))
    watched.reinstall()
    ran = watched.run(_WATCH)
    assert ran.verdict == "prod: in sync, 1 Secret not checked: no permission; exit 1: not checked"
    assert f"allow get on secrets gateway in {watched.home}" in ran.log
