"""Stamps on the real API server: whose field it is, what the next diff says, and how many requests it costs."""

from __future__ import annotations

import json
from typing import Any

from reconciler.model.stamp import ANNOTATION, MANAGER
from tests.contract.world import owners
from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import grant
from tests.world import Ran, World, secret

CLAUDE = "providers.omnia.altairalabs.ai/claude"


def rotate(plane: ControlPlane, world: World, value: str) -> None:
    manifest = json.dumps(secret("claude", ANTHROPIC_API_KEY=value))
    plane.kubectl("apply", "-n", world.namespace, "-f", "-", input=manifest)


def live(plane: ControlPlane, world: World) -> dict[str, Any]:
    answer = plane.kubectl(
        "get", CLAUDE, "-n", world.namespace, "-o", "json", "--show-managed-fields"
    )
    return dict(json.loads(answer.stdout))


def requests(plane: ControlPlane, world: World, mark: int) -> list[str]:
    """The requests for providers by our command, with `dry` for a dry run."""
    return [
        f"{'dry ' if r.dry_run else ''}{r.verb} {r.name}".strip()
        for r in plane.audit.since(mark)
        if r.namespace == world.namespace
        and r.resource in ("providers", "modelproviders", "models")
        and r.user_agent.startswith("provider-reconciler")
    ]


def results(ran: Ran) -> dict[str, str]:
    return {stamp["ref"]["name"]: stamp["result"] for stamp in ran.prod["stamps"]}


def test_a_rotated_key_is_stamped_once_under_the_stamp_role(
    applied: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, applied, "stamp")
    before = live(control_plane, applied)
    rotate(control_plane, applied, "sk-ant-canary-rotated-5b8e2d")

    mark = control_plane.audit.mark()
    first = applied.run("stamp", "prod", kubeconfig=user)
    assert (first.code, results(first)) == (0, {"claude": "stamped"}), first.everything
    assert requests(control_plane, applied, mark) == ["get claude", "patch claude"]
    after = live(control_plane, applied)
    assert after["spec"] == before["spec"]
    assert owners(after) == owners(before) | {
        f"{MANAGER}/Apply": {"f:metadata": {"f:annotations": {f"f:{ANNOTATION}": {}}}}
    }

    mark = control_plane.audit.mark()
    second = applied.run("stamp", "prod", kubeconfig=user)
    assert (second.code, results(second)) == (0, {"claude": "unchanged"})
    assert requests(control_plane, applied, mark) == ["get claude"]
    assert live(control_plane, applied) == after
    assert "canary" not in first.everything + second.everything + json.dumps(after)


def test_the_next_diff_is_unchanged_without_a_dry_run_and_the_next_apply_keeps_it(
    applied: World, control_plane: ControlPlane
) -> None:
    rotate(control_plane, applied, "sk-ant-canary-rotated-5b8e2d")
    applied.run("stamp", "prod")
    stamped = live(control_plane, applied)["metadata"]["annotations"]

    mark = control_plane.audit.mark()
    ran = applied.run("diff", "prod")
    assert ran.prod.states["claude"] == "unchanged"
    assert ran.prod.change("claude")["foreign"] == []
    assert not [each for each in requests(control_plane, applied, mark) if "patch" in each]
    assert applied.run("diff", "prod", "--full").prod.states["claude"] == "unchanged"

    applied.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    assert applied.run("apply", "prod").prod.results["claude"] == "configured"
    assert live(control_plane, applied)["metadata"]["annotations"] == stamped


def test_a_dry_run_asks_the_server_and_the_policy_lets_apply_stamp(
    applied: World, control_plane: ControlPlane
) -> None:
    rotate(control_plane, applied, "sk-ant-canary-rotated-5b8e2d")
    before = live(control_plane, applied)
    mark = control_plane.audit.mark()
    ran = applied.run("stamp", "prod", "--dry-run")
    assert (ran.code, results(ran)) == (0, {"claude": "stamped"})
    assert "WOULD STAMP" in ran.stdout
    assert requests(control_plane, applied, mark) == ["get claude", "dry patch claude"]
    assert live(control_plane, applied) == before

    config = applied.root / "environments/prod/environment.yaml"
    with config.open("a") as file:
        file.write("policy: {onRotation: stamp}\n")
    user = grant(control_plane, applied, "change")
    mark = control_plane.audit.mark()
    ran = applied.run("apply", "prod", kubeconfig=user)
    assert (ran.code, results(ran)) == (0, {"claude": "stamped"}), ran.everything
    assert [each for each in requests(control_plane, applied, mark) if "patch" in each] == [
        "patch claude"
    ]
    assert ANNOTATION in live(control_plane, applied)["metadata"]["annotations"]
