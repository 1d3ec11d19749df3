"""`apply --wait` on a real API server, on which the test is the operator."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest

from tests.controlplane.plane import ControlPlane
from tests.world import World

KINDS = {
    "claude": "providers.omnia.altairalabs.ai",
    "gateway": "modelproviders.agent.flokoa.ai",
    "fast": "models.agent.flokoa.ai",
}


def judging(plane: ControlPlane, world: World, ready: Callable[[str], bool]) -> threading.Thread:
    """Judges each object once it exists, as the operators of both systems do."""

    def judge(name: str) -> None:
        plane.kubectl(
            "wait", "--for=create", f"{KINDS[name]}/{name}", "-n", world.namespace, "--timeout=60s"
        )
        word, reason = ("True", "AllGood") if ready(name) else ("False", "KeyRejected")
        condition = {
            "type": "Ready", "status": word, "reason": reason, "message": "says the operator",
            "lastTransitionTime": "2026-08-01T12:00:00Z", "observedGeneration": 1,
        }  # fmt: skip
        status = {"observedGeneration": 1, "conditions": [condition]}
        if name == "claude":
            status["phase"] = "Ready"
        plane.kubectl(
            "patch", KINDS[name], name, "-n", world.namespace, "--subresource=status",
            "--type=merge", "-p", json.dumps({"status": status}),
        )  # fmt: skip

    thread = threading.Thread(target=lambda: [judge(name) for name in KINDS])
    thread.start()
    return thread


def test_an_apply_ends_once_all_operators_are_content(
    world: World, control_plane: ControlPlane
) -> None:
    operator = judging(control_plane, world, lambda _: True)
    ran = world.run("apply", "prod", "--wait", "120")
    operator.join()
    assert ran.code == 0, ran.stdout
    states = {change["ref"]["name"]: change["readiness"]["state"] for change in ran.prod["changes"]}
    assert states == dict.fromkeys(KINDS, "ready")
    assert ran.stderr == "", "progress is for a terminal"


@pytest.mark.slow
def test_what_does_not_get_ready_is_told_in_the_words_of_its_operator(
    world: World, control_plane: ControlPlane
) -> None:
    operator = judging(control_plane, world, lambda name: name != "gateway")
    ran = world.run("apply", "prod", "--wait", "15")
    operator.join()
    assert ran.code == 6
    assert ran.prod["exitReasons"] == ["not ready"]
    assert "NOT READY   ModelProvider" in ran.stdout
    assert "KeyRejected: says the operator" in ran.stdout
    assert set(ran.prod.results.values()) == {"created"}
