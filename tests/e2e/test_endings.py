"""Runs that end badly, records that are gone, objects that change hands: what the next run makes of it."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.faults.actions import Hold, Request
from tests.faults.proxy import Proxy
from tests.interpreters.warm import INSTALLED, command
from tests.world import ENVIRONMENT, World

RECORD = "provider-reconciler-prod"
PASSED = 20  # writes of an apply that is ended
MANY = """\
{% for i in range(150) %}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: "many-{{ i }}"}
spec: {bedrock: {region: eu-central-1}}
{% endfor %}
"""


def many(plane: ControlPlane, world: World) -> int:
    answer = plane.kubectl(
        "get", "modelproviders.agent.flokoa.ai", "-n", world.namespace, "-o", "name"
    )
    return answer.stdout.count("many-")


def lock_holder(plane: ControlPlane, world: World) -> str:
    answer = plane.kubectl("get", "lease", RECORD, "-n", world.namespace, "-o", "json")
    return str(json.loads(answer.stdout)["spec"]["holderIdentity"])


def start(world: World, *args: str) -> subprocess.Popen[str]:
    """Not forked from a warm Python: what a signal does is up to a new one."""
    options = ["-C", world.root, "--kubeconfig", str(world.kubeconfig)]
    clean = {k: v for k, v in os.environ.items() if k != "KUBECONFIG"}
    return subprocess.Popen(
        [INSTALLED, "apply", "prod", *options, *args],
        env=clean,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def released() -> Event:
    """Lets the writes pass that `held` holds."""
    return Event()


@pytest.fixture
def held(world: World, control_plane: ControlPlane, proxy: Proxy, released: Event) -> World:
    """An apply of 150 objects, which is never over before it is ended: only its first writes pass."""
    world.write({"templates/many.yaml.j2": MANY})
    numbers = itertools.count(1)

    def decide(request: Request) -> Hold | None:
        # Released, a write takes a while: the signal comes before the rest of them.
        return Hold(released, 0.2) if request.writes and next(numbers) > PASSED else None

    proxy.on("PATCH", "", decide)
    return replace(world, kubeconfig=proxy.kubeconfig({"token": control_plane.admin_token}))


def wait_for_held(proxy: Proxy, process: subprocess.Popen[str]) -> None:
    def is_held() -> bool:
        assert process.poll() is None, process.communicate()
        return len([w for w in proxy.writes() if w.request.method == "PATCH"]) > PASSED

    until(is_held, "a write is held")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_an_apply_with_a_report_of_what_was_done(
    world: World,
    held: World,
    released: Event,
    proxy: Proxy,
    control_plane: ControlPlane,
    tmp_path: Path,
    number: int,
    code: int,
) -> None:
    report = tmp_path / "stopped.json"
    with start(held, "-o", f"json={report}") as process:
        wait_for_held(proxy, process)
        process.send_signal(number)
        released.set()
        process.communicate(timeout=600)
    assert process.returncode == code
    outcomes = json.loads(report.read_text())["environments"][0]["outcomes"]
    done = sum(o["result"] == "created" and "many-" in o["ref"]["name"] for o in outcomes)
    assert done == many(control_plane, world) < 150
    assert any(o["message"] == "interrupted before it was applied" for o in outcomes)
    assert lock_holder(control_plane, world) == ""
    assert world.run("apply", "prod").code == 0
    assert many(control_plane, world) == 150


def test_objects_of_an_apply_that_was_killed_are_found_again(
    world: World, held: World, proxy: Proxy, control_plane: ControlPlane
) -> None:
    """They are in no record, and git has dropped them meanwhile."""
    with start(held) as process:
        wait_for_held(proxy, process)
        process.kill()
    left = many(control_plane, world)
    (world.root / "templates/many.yaml.j2").unlink()
    (world.root / "templates/gateway.yaml.j2").unlink()
    for _ in range(2):
        ran = world.run("apply", "prod")
        assert sum(state == "kept" for state in ran.prod.states.values()) >= left > 0


def test_git_moves_a_field_that_kubectl_owns_too(world: World, control_plane: ControlPlane) -> None:
    """An object made by client-side kubectl, adopted with equal values, then changed in git."""
    rendered = command("render", "prod", "-C", world.root).stdout
    control_plane.kubectl("apply", "-n", world.namespace, "-f", "-", input=rendered)
    assert world.run("apply", "prod").code == 0
    world.edit("environments/prod/values.yaml", "claude-sonnet-4-5", "claude-opus-4-1")
    assert world.run("diff", "prod").prod.states["claude"] == "changed"
    assert world.run("apply", "prod").prod.results["claude"] == "configured"
    assert world.run("diff", "prod").code == 0


def test_a_lost_record_is_told_and_drift_does_not_bury_it(
    applied: World, control_plane: ControlPlane
) -> None:
    control_plane.kubectl("delete", "configmap", RECORD, "-n", applied.namespace)
    for args in (("drift", "prod", "--record"), ("drift", "prod")):
        ran = applied.run(*args)
        assert (ran.code, ran.prod["record"]["lost"]) == (1, True)
    assert applied.run("apply", "prod").code == 0
    assert applied.run("drift", "prod").code == 0


def test_a_record_of_a_later_version_is_not_overwritten(
    applied: World, control_plane: ControlPlane
) -> None:
    later = base64.b64encode(gzip.compress(b'{"schemaVersion": 3}')).decode()
    patch = json.dumps({"binaryData": {"record.json.gz": later}})
    control_plane.kubectl("patch", "configmap", RECORD, "-n", applied.namespace, "-p", patch)
    for args in (("apply", "prod"), ("drift", "prod", "--record")):
        ran = applied.run(*args)
        assert ran.code == 8
        assert "later version" in ran.stdout
    config_map = control_plane.kubectl(
        "get", "configmap", RECORD, "-n", applied.namespace, "-o", "json"
    )
    assert json.loads(config_map.stdout)["binaryData"]["record.json.gz"] == later


def test_a_lost_fingerprint_key_is_not_in_sync(applied: World, control_plane: ControlPlane) -> None:
    control_plane.kubectl("delete", "secret", "provider-reconciler-key", "-n", applied.namespace)
    ran = applied.run("drift", "prod", "--record")
    assert ran.code == 1
    assert "with the key of the recorded fingerprints, is missing; restore it" in ran.stdout
    left = control_plane.kubectl(
        "get", "secret", "provider-reconciler-key", "-n", applied.namespace, check=False
    )
    assert left.returncode != 0, "only apply makes the key"


def test_an_object_handed_to_another_environment_is_no_longer_ours(
    applied: World, control_plane: ControlPlane
) -> None:
    """Otherwise the old environment would tell people to delete the new one's provider."""
    manifest = (applied.root / "templates/claude.yaml.j2").read_text()
    (applied.root / "templates/claude.yaml.j2").unlink()
    environment = ENVIRONMENT.format(namespace=applied.namespace)
    applied.write(
        {
            "environments/other/environment.yaml": environment.replace(
                "manifests: [templates/*.yaml.j2]\n", ""
            ),
            "environments/other/values.yaml": (
                applied.root / "environments/prod/values.yaml"
            ).read_text(),
            "environments/other/claude.yaml.j2": manifest,
        }
    )
    assert applied.run("apply", "other").code == 8
    control_plane.kubectl(
        "label", "providers.omnia.altairalabs.ai", "claude", "-n", applied.namespace,
        "applyset.kubernetes.io/part-of-",
    )  # fmt: skip
    assert applied.run("apply", "other").code == 0
    assert "claude" not in applied.run("diff", "prod").prod.states
    assert applied.run("diff", "other").code == 0


def test_a_denial_of_admission_is_no_missing_permission(
    world: World, control_plane: ControlPlane
) -> None:
    name = f"deny-{world.namespace}"
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": ["omnia.altairalabs.ai"],
                        "apiVersions": ["*"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": ["providers"],
                    }
                ]
            },
            "validations": [
                {
                    "expression": f"object.metadata.namespace != '{world.namespace}'",
                    "message": "not on a Sunday",
                    "reason": "Forbidden",
                }
            ],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
    control_plane.apply(json.dumps(policy))
    control_plane.apply(json.dumps(binding))
    path = f"/apis/omnia.altairalabs.ai/v1alpha1/namespaces/{world.namespace}/providers"
    probe = {
        "apiVersion": "omnia.altairalabs.ai/v1alpha1",
        "kind": "Provider",
        "metadata": {"name": "probe"},
        "spec": {"type": "mock"},
    }

    def denied() -> bool:
        answer = control_plane.request("POST", path, params={"dryRun": "All"}, json=probe)
        return "not on a Sunday" in answer.text

    until(denied, "the server has loaded the policy")
    ran = world.run("diff", "prod")
    assert ran.prod.states["claude"] == "invalid"
    assert "not on a Sunday" in ran.stdout
    assert ran.prod["notes"] == []
    assert world.run("apply", "prod").code == 6
