"""The life of a rotation on the real API server, with the README's roles: whatever becomes of the Secret meanwhile."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import grant, limit_secrets
from tests.world import Ran, World, secret

KEYRING, RECORD = "provider-reconciler-key", "provider-reconciler-prod"
ACCOUNT = """\
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata:
  name: vertex
spec:
  google:
    project: my-project
    location: europe-west4
    serviceAccountKeySecretRef: {name: vertex, key: key.json}
"""


class Cluster:
    """The Secrets of a world, which its operators change behind git's back."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self.plane, self.namespace = plane, namespace

    def write(self, name: str, **values: str) -> None:
        text = json.dumps(secret(name, **values))
        self.plane.kubectl(
            "apply",
            "--server-side",
            "--force-conflicts",
            "-n",
            self.namespace,
            "-f",
            "-",
            input=text,
        )

    def delete(self, name: str) -> None:
        self.plane.kubectl("delete", "secret", name, "-n", self.namespace)

    def gateway(self, value: str) -> None:
        self.write("gateway", **{"api-key": value})


@pytest.fixture
def cluster(control_plane: ControlPlane, applied: World) -> Cluster:
    return Cluster(control_plane, applied.namespace)


@pytest.fixture
def watch(control_plane: ControlPlane, applied: World) -> Path:
    """Who may do what the README says that a watch needs."""
    return grant(control_plane, applied, "watch")


def test_a_secret_that_was_missing_and_came_back_with_another_value_is_open_until_acknowledged(
    applied: World, cluster: Cluster, watch: Path
) -> None:
    """It was recorded as missing in between, and "in sync" after that, for ever."""

    def drift(*args: str) -> Ran:
        return applied.run("drift", "prod", *args, kubeconfig=watch)

    cluster.delete("gateway")
    gone = drift("--record")
    assert (gone.code, gone.prod.secret("gateway")["reading"]["state"]) == (1, "missing-secret")
    assert gone.prod["exitReasons"] == ["missing key"]
    cluster.gateway("sk-canary-gateway-41c8")
    for args in ((), ("--record",), ("--record",), ()):
        back = drift(*args)
        row = back.prod.secret("gateway")
        assert (back.code, row["rotation"], row["gap"]) == (1, "rotated", "missing-secret")
        assert back.prod["exitReasons"] == ["open rotation"]
        assert back.prod.secret("claude")["rotation"] == "none"
    assert "in between, the Secret did not exist" in back.stdout
    assert applied.run("apply", "prod").code == 0
    assert drift().code == 1, "an apply for another reason closes nothing"

    name = f"{applied.namespace}/gateway"
    done = applied.run(
        "acknowledge", "prod", name, "--reason", "agents restarted", kubeconfig=watch
    )
    assert (done.code, done.stdout) == (0, f"acknowledged  {name} [api-key]\n")
    after = drift()
    assert after.code == 0
    assert "prod: in sync\n" in after.stdout
    status = applied.run("status", "prod", kubeconfig=watch)
    assert "acknowledged" in status.stdout
    assert "agents restarted" in status.stdout
    assert "canary" not in gone.everything + back.everything + after.everything + status.everything


def test_what_becomes_of_a_secret_is_told_apart(applied: World, cluster: Cluster) -> None:
    """Rotated, deleted, emptied and made again with the same value; malformed; never a false rotation."""
    applied.write({"templates/vertex.yaml.j2": ACCOUNT})
    cluster.write("vertex", **{"key.json": '{"private_key": "sk-canary-1"}'})
    assert applied.run("apply", "prod").code == 0

    def row(name: str) -> tuple[str, str]:
        result = applied.run("drift", "prod", "--record").prod.secret(name)
        return result["reading"]["state"], result["rotation"]

    cluster.gateway("sk-canary-gateway-1")
    assert row("gateway") == ("ok", "rotated")
    applied.run("acknowledge", "prod", "--all", "--reason", "known")
    cluster.delete("gateway")
    assert row("gateway") == ("missing-secret", "none")
    cluster.gateway("sk-canary-gateway-1")
    assert row("gateway") == ("ok", "back")
    assert row("gateway") == ("ok", "none")
    cluster.gateway("")
    assert row("gateway") == ("empty", "none")
    cluster.gateway("sk-canary-gateway-2")
    assert row("gateway") == ("ok", "rotated")

    cluster.write("vertex", **{"key.json": '{"private_key": '})
    assert row("vertex") == ("malformed", "none")
    cluster.write("vertex", **{"key.json": '{"private_key": "sk-canary-1"}'})
    assert row("vertex") == ("ok", "back")
    cluster.write("vertex", **{"key.json": '{"private_key": "sk-canary-2"}'})
    assert row("vertex") == ("ok", "rotated")
    status = json.loads(applied.run("status", "prod", "-o", "json").stdout)
    (environment,) = status["environments"]
    histories = {
        key["secret"]["name"]: [
            (r["opened"]["gap"], (r["closed"] or {}).get("how")) for r in key["rotations"]
        ]
        for key in environment["secrets"]
    }
    assert histories == {
        "claude": [],
        "gateway": [("", "acknowledged"), ("empty", None)],
        "vertex": [("", None)],
    }


def test_a_rotation_while_nobody_could_read_the_secret_is_told_afterwards(
    applied: World, cluster: Cluster, watch: Path, control_plane: ControlPlane
) -> None:
    limit_secrets(control_plane, applied, "claude")
    cluster.gateway("sk-canary-gateway-1")
    blind = applied.run("drift", "prod", "--record", kubeconfig=watch)
    row = blind.prod.secret("gateway")
    assert (row["rotation"], row["recorded"]) == ("none", True)
    assert "in sync" not in blind.stdout.replace("in sync, ", "")
    limit_secrets(control_plane, applied, "claude", "gateway")
    result = applied.run("drift", "prod", "--record", kubeconfig=watch)
    row = result.prod.secret("gateway")
    assert (result.code, row["rotation"], row["gap"]) == (1, "rotated", None)


def test_another_fingerprint_key_is_no_rotation_and_closes_none(
    applied: World, cluster: Cluster, control_plane: ControlPlane
) -> None:
    cluster.gateway("sk-canary-gateway-1")
    applied.run("drift", "prod", "--record")
    key = base64.b64encode(bytes(range(32))).decode()
    control_plane.kubectl(
        "patch", "secret", KEYRING, "-n", applied.namespace,
        "--type=merge", "-p", json.dumps({"data": {"current": key}}),
    )  # fmt: skip
    result = applied.run("drift", "prod", "--record")
    assert [row["rotation"] for row in result.prod["secrets"]] == ["baseline-reset"] * 2
    assert result.prod["exitReasons"] == ["fingerprint key replaced", "open rotation"]
    after = applied.run("drift", "prod")
    assert {r["reference"]["name"]: r["rotation"] for r in after.prod["secrets"]} == {
        "claude": "none",
        "gateway": "rotated",
    }
    assert after.prod["exitReasons"] == ["open rotation"], "that of the gateway is still open"


def test_a_broken_record_is_said_and_makes_no_rotation(
    applied: World, cluster: Cluster, control_plane: ControlPlane
) -> None:
    control_plane.kubectl(
        "patch", "configmap", RECORD, "-n", applied.namespace,
        "--type=merge", "-p", '{"binaryData":{"record.json.gz":"AAAA"}}',
    )  # fmt: skip
    result = applied.run("drift", "prod", "--record")
    assert [row["rotation"] for row in result.prod["secrets"]] == ["first-seen"] * 2
    assert "cannot be read" in result.stdout
    assert "is lost" not in result.stdout
    status = applied.run("status", "prod")
    assert (status.code, "prod: unknown" in status.stdout) == (5, True)
    assert applied.run("acknowledge", "prod", "--all", "--reason", "x").code == 5
    assert applied.run("apply", "prod").code == 0
    cluster.gateway("sk-canary-gateway-1")
    assert applied.run("drift", "prod").prod.secret("gateway")["rotation"] == "rotated"


def test_200_providers_on_20_secrets_are_20_gets_in_each_run(
    world: World, control_plane: ControlPlane
) -> None:
    cluster = Cluster(control_plane, world.namespace)
    for number in range(20):
        cluster.write(f"key-{number}", token=f"sk-canary-{number}")
    provider = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {{name: p-{number}}}
spec:
  type: claude
  model: claude-sonnet-4-5
  credential:
    secretRef: {{name: key-{secret}, key: token}}
"""
    text = "---\n".join(provider.format(number=n, secret=n % 20) for n in range(200))
    world.write({"templates/claude.yaml.j2": text, "templates/gateway.yaml.j2": ""})
    for verb in ("apply", "apply", "drift"):
        mark = control_plane.audit.mark()
        assert world.run(verb, "prod").code == 0
        requests = Counter(
            r.name
            for r in control_plane.audit.since(mark)
            if (r.namespace, r.resource, r.verb) == (world.namespace, "secrets", "get")
            and r.user_agent.startswith("provider-reconciler")
        )
        del requests[KEYRING]
        assert requests == {f"key-{number}": 1 for number in range(20)}, verb
    cluster.write("key-7", token="sk-canary-rotated")
    ran = world.run("drift", "prod", "--record")
    rotated = [row["owner"]["name"] for row in ran.prod["secrets"] if row["rotation"] == "rotated"]
    assert rotated == sorted(f"p-{number}" for number in range(7, 200, 20))
    assert ran.stdout.count("ROTATED ") == 1, "one Secret, with everybody who needs it"
    assert "prod: 1 finding needs attention" in ran.stdout


def test_status_and_acknowledge_ask_for_the_record_once(
    applied: World, cluster: Cluster, control_plane: ControlPlane, watch: Path
) -> None:
    cluster.gateway("sk-canary-gateway-1")
    applied.run("drift", "prod", "--record", kubeconfig=watch)

    def requests(*args: str) -> list[str]:
        mark = control_plane.audit.mark()
        assert applied.run(*args, kubeconfig=watch).code == 0
        requests = (
            r for r in control_plane.audit.since(mark) if r.user.endswith(":reconciler-watch")
        )
        return [f"{r.verb} {r.resource}/{r.name}" for r in requests]

    # The role may not read the lock, and the status says nothing of it.
    assert requests("status", "prod") == [f"get configmaps/{RECORD}", f"get leases/{RECORD}"]
    assert requests("acknowledge", "prod", "--all", "--reason", "known") == [
        f"get configmaps/{RECORD}",
        f"update configmaps/{RECORD}",
    ]
