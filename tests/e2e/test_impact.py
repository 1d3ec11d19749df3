"""Who is affected, on a real API server: agents are named, pods tell who has a new key, and a refusal is no "none"."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.consumers.bodies import agent, runtime
from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import grant
from tests.world import World

AGENT, RUNTIME = "agents.agent.flokoa.ai", "agentruntimes.omnia.altairalabs.ai"


@pytest.fixture
def used(applied: World, control_plane: ControlPlane) -> World:
    """The same, with an agent of the Flokoa model and one of the Omnia provider."""
    own = applied.namespace
    for body in (agent("helper", own), runtime("shop", own)):
        body["metadata"].pop("creationTimestamp")
        control_plane.apply(json.dumps(body))
    return applied


def start_pod(
    plane: ControlPlane, namespace: str, name: str, labels: dict[str, str], at: str
) -> None:
    """A pod as the operator and the kubelet would leave it."""
    spec = {"containers": [{"name": "agent", "image": "x"}], "automountServiceAccountToken": False}
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    plane.kubectl("create", "serviceaccount", "default", "-n", namespace, check=False)
    plane.create(f"namespaces/{namespace}/pods", pod)
    status = {"name": "agent", "image": "x", "imageID": "x", "ready": True, "restartCount": 0}
    running = {
        "phase": "Running",
        "containerStatuses": [status | {"state": {"running": {"startedAt": at}}}],
    }
    path = f"/api/v1/namespaces/{namespace}/pods/{name}/status"
    merge = {"Content-Type": "application/merge-patch+json"}
    answer = plane.request("PATCH", path, headers=merge, content=json.dumps({"status": running}))
    answer.raise_for_status()


def rotate(plane: ControlPlane, world: World, value: str) -> None:
    plane.kubectl(
        "patch", "secret", "gateway", "-n", world.namespace,
        "--type=merge", f'-p={{"stringData":{{"api-key":"{value}"}}}}',
    )  # fmt: skip


def from_now(**delta: int) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def consumers(environment: Any, root: str) -> dict[str, dict[str, Any]]:
    return {
        row["consumer"]["name"]: row
        for row in environment["affected"]
        if row["root"]["name"] == root
    }


def test_a_diff_names_the_agents_that_a_change_restarts(used: World) -> None:
    used.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    used.edit_values("gateway.example.com", "other.example.com")
    ran = used.run("diff", "prod")
    assert ran.code == 1, ran.stderr
    own = used.namespace
    assert f"affects 1 AgentRuntime, which restarts: {own}/shop" in ran.stdout
    assert f"affects 1 Agent, which restarts: {own}/helper; 1 Model: {own}/fast" in ran.stdout
    assert consumers(ran.prod, "claude")["shop"]["onChange"]["effect"] == "restarts"
    assert ran.prod["counts"]["affected"] == 3
    assert ran.prod["unchecked"] == []


def restarting(namespace: str) -> str:
    """The command for this cluster, as a pattern."""
    return rf"restart  kubectl --kubeconfig \S+ rollout restart deployment/helper -n {namespace}\n"


def test_impact_prints_the_tree_from_a_secret_to_the_pods(
    used: World, control_plane: ControlPlane
) -> None:
    own = used.namespace
    start_pod(control_plane, own, "old", {"flokoa.ai/agent": "helper"}, from_now(hours=-1))
    start_pod(control_plane, own, "new", {"flokoa.ai/agent": "helper"}, from_now(hours=1))
    start_pod(control_plane, own, "other", {"flokoa.ai/agent": "stranger"}, from_now(hours=-1))
    ran = used.run("impact", "prod", f"secret/{own}/gateway")
    assert ran.code == 0, ran.stdout + ran.stderr
    for line in (
        f"  ModelProvider {own}/gateway (spec.apiKeySecretRef)",
        f"    Model {own}/fast (spec.providerRef.name)",
        f"      Agent {own}/helper (spec.modelRef.name, not in git)",
        "        pods: 2, 1 from before the Secret was written: restart it",
    ):
        assert line in ran.stdout.splitlines()
    assert re.search(restarting(own), ran.stdout)
    assert "claude" not in ran.stdout


def test_an_address_of_nothing_is_a_usage_error(used: World) -> None:
    ran = used.run("impact", "prod", f"secret/{used.namespace}/gatewya")
    assert ran.code == 2
    assert f"did you mean secret/{used.namespace}/gateway?" in ran.stdout


def test_a_rotation_is_open_until_every_pod_has_it(
    used: World, control_plane: ControlPlane
) -> None:
    own, labels = used.namespace, {"flokoa.ai/agent": "helper"}
    start_pod(control_plane, own, "old", labels, from_now(hours=-1))
    rotate(control_plane, used, "rotated-canary-5519")
    first = used.run("drift", "prod", "--record")
    assert first.code == 1, first.stdout + first.stderr
    assert f"1 Agent has the old key: {own}/helper" in first.stdout
    assert re.search(restarting(own), first.stdout)
    control_plane.kubectl("delete", "pod", "old", "-n", own, "--grace-period=0", "--force")
    start_pod(control_plane, own, "new", labels, from_now(hours=1))
    second = used.run("drift", "prod", "--record")
    assert second.code == 0, second.stdout + second.stderr
    assert second.prod.secret("gateway")["rotation"] == "picked-up"
    third = used.run("drift", "prod")
    assert third.code == 0
    assert third.prod.secret("gateway")["rotation"] == "none"
    assert "rotated-canary" not in first.everything + second.everything


def test_a_pod_is_not_believed_to_have_a_key_of_which_nobody_says_when_it_was_written(
    used: World, control_plane: ControlPlane
) -> None:
    """After this patch the server tracks no further update of the Secret."""
    own, untracked = used.namespace, '-p={"metadata":{"managedFields":[{}]}}'
    control_plane.kubectl("patch", "secret", "gateway", "-n", own, "--type=merge", untracked)
    start_pod(control_plane, own, "old", {"flokoa.ai/agent": "helper"}, from_now(hours=-1))
    control_plane.kubectl("annotate", "secret", "gateway", "-n", own, "a=b")
    assert used.run("drift", "prod", "--record").code == 0
    rotate(control_plane, used, "rotated-canary-5521")
    _has_the_old_key(used)


def test_a_time_that_somebody_forged_is_not_believed(
    used: World, control_plane: ControlPlane
) -> None:
    own = used.namespace
    start_pod(control_plane, own, "old", {"flokoa.ai/agent": "helper"}, from_now(hours=-1))
    assert used.run("drift", "prod", "--record").code == 0
    rotate(control_plane, used, "rotated-canary-5522")
    path = f"/api/v1/namespaces/{own}/secrets/gateway"
    body = control_plane.request("GET", path).json()
    for entry in body["metadata"]["managedFields"]:
        entry["time"] = "2020-01-01T00:00:00Z"
    of_json = {"Content-Type": "application/json"}
    control_plane.request("PUT", path, headers=of_json, content=json.dumps(body)).raise_for_status()
    _has_the_old_key(used)


def _has_the_old_key(world: World) -> None:
    """Also in the run after the one that recorded it."""
    for _ in range(2):
        ran = world.run("drift", "prod", "--record")
        assert ran.code == 1, ran.stdout + ran.stderr
        assert ran.prod.secret("gateway")["rotation"] == "rotated"
        assert f"1 Agent has the old key: {world.namespace}/helper" in ran.stdout


def test_without_a_permission_for_pods_it_is_unknown_who_has_the_key(
    used: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, used, "watch")  # it lists consumers and no pods
    start_pod(
        control_plane, used.namespace, "new", {"flokoa.ai/agent": "helper"}, from_now(hours=1)
    )
    rotate(control_plane, used, "rotated-canary-5520")
    ran = used.run("drift", "prod", kubeconfig=user)
    assert ran.code == 1, ran.stdout + ran.stderr
    assert ran.prod.secret("gateway")["rotation"] == "rotated"
    assert f"(no permission to list pods in {used.namespace})" in ran.stdout
    assert consumers(ran.prod, "gateway")["helper"]["started"] is None
    assert [each["name"] for each in ran.prod["unchecked"]] == [f"Agent {used.namespace}/helper"]


def test_consumers_that_may_not_be_listed_are_not_checked(
    used: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, used, "watch", consumers=False)
    ran = used.run("drift", "prod", kubeconfig=user)
    assert ran.code == 1, ran.stdout + ran.stderr
    names = {each["name"] for each in ran.prod["unchecked"] if each["subject"] == "consumer kind"}
    assert {"Agent in other namespaces", f"Agent in {used.namespace}"} <= names
    assert f"Model in {used.namespace}" not in names, (
        "the role may list the models of its namespace"
    )
    assert "not checked" in ran.stdout
    assert "in sync, " in ran.stdout
