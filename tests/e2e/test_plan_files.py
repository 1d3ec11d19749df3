"""A plan that the review role writes and the change role applies, on the real API server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.test_roles import grant
from tests.world import Ran, World

PROVIDERS = "/apis/omnia.altairalabs.ai/v1alpha1/namespaces/{}/providers/claude"


@pytest.fixture
def world(applied: World) -> World:
    """Applied, and then git moves."""
    applied.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    for words in (
        ("init", "-q"), ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"),
    ):  # fmt: skip
        subprocess.run(["git", *words], cwd=applied.root, check=True, capture_output=True)
    return applied


def reviewed(world: World, kubeconfig: Path | None = None) -> dict[str, Any]:
    file = world.root.parent / "plan.json"
    ran = world.run("diff", "prod", "--out", str(file), kubeconfig=kubeconfig)
    assert ran.code == 1, ran.stdout + ran.stderr
    plan: dict[str, Any] = json.loads(file.read_text())
    return plan


def follow(world: World, kubeconfig: Path | None = None) -> Ran:
    file = world.root.parent / "plan.json"
    return world.run("apply", "prod", "--plan", str(file), kubeconfig=kubeconfig)


def patch(plane: ControlPlane, path: str, body: Any) -> None:
    kind = {"Content-Type": "application/merge-patch+json"}
    parameters = {"fieldManager": "kubectl-edit"}
    answer = plane.request("PATCH", path, headers=kind, params=parameters, content=json.dumps(body))
    answer.raise_for_status()


@pytest.mark.control_plane
def test_the_review_role_writes_what_the_change_role_applies(
    world: World, control_plane: ControlPlane
) -> None:
    """The one has neither the key nor the CRDs, and no permission for a dry run; the other has all of them."""
    plan = reviewed(world, grant(control_plane, world, "review"))
    assert (plan["keyId"], plan["clusterUid"]) == ("", "")
    path = PROVIDERS.format(world.namespace)
    status = {"status": {"phase": "Ready", "observedGeneration": 1}}
    patch(control_plane, f"{path}/status", status)
    patch(control_plane, path, {"metadata": {"finalizers": ["omnia.altairalabs.ai/clean"]}})
    ran = follow(world)
    patch(control_plane, path, {"metadata": {"finalizers": []}})
    assert ran.prod["moved"] == []
    assert ran.prod.results["claude"] == "configured"
    assert f"as reviewed in plan {plan['id']}" in ran.stdout
    assert "kube-system" in json.dumps(ran.prod["notes"])


def edit(plane: ControlPlane, world: World) -> None:
    patch(plane, PROVIDERS.format(world.namespace), {"spec": {"model": "claude-haiku-4-5"}})


def label(plane: ControlPlane, world: World) -> None:
    patch(plane, PROVIDERS.format(world.namespace), {"metadata": {"labels": {"team": "a"}}})


def delete(plane: ControlPlane, world: World) -> None:
    plane.request("DELETE", PROVIDERS.format(world.namespace)).raise_for_status()


@pytest.mark.control_plane
@pytest.mark.parametrize(
    ("between", "how"),
    [
        (edit, "its spec was changed; it is drifted, and in the plan changed"),
        (label, "its fields, its labels or its annotations were written"),
        (delete, "it was deleted; apply would now create it, and the plan says to update it"),
    ],
)
@pytest.mark.parametrize("keyed", [True, False])
def test_what_somebody_does_meanwhile_stops_it_before_its_first_write(
    world: World,
    control_plane: ControlPlane,
    between: Callable[[ControlPlane, World], None],
    how: str,
    *,
    keyed: bool,
) -> None:
    reviewed(world, None if keyed else grant(control_plane, world, "review"))
    between(control_plane, world)
    before = stored(control_plane, world)
    ran = follow(world)
    assert ran.code == 8
    (moved,) = ran.prod["moved"]
    assert (moved["ref"]["name"], moved["how"]) == ("claude", how)
    assert bool(moved["by"]) == (between is not delete)
    assert stored(control_plane, world) == before


def stored(plane: ControlPlane, world: World) -> str:
    """Everything that the program writes, but for the lock."""
    kinds = "providers.omnia.altairalabs.ai,modelproviders,models,configmaps,secrets"
    return plane.kubectl("get", kinds, "-n", world.namespace, "-o", "json").stdout


@pytest.mark.control_plane
def test_what_the_plan_says_is_what_is_stored(world: World) -> None:
    plan = reviewed(world)
    assert plan["keyId"]
    assert follow(world).prod["moved"] == []
    repeated = follow(world)
    assert repeated.code == 0
    assert "nothing to do: the plan is already applied" in repeated.stdout
    again = world.run("diff", "prod", "--out", str(world.root.parent / "again.json"))
    assert again.code == 0
    after = json.loads((world.root.parent / "again.json").read_text())
    assert after["id"] != plan["id"]
    assert all(each["action"] == "none" for each in after["objects"])
