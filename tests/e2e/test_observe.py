"""`mode: observe`: another tool applies, on a real API server; what it owns is compared, and nothing is written."""

from __future__ import annotations

import json

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.test_in_sync import PROVIDERS, patch, verdict
from tests.interpreters.warm import command
from tests.world import World

ARGO = "argocd-controller"
RECORD = "provider-reconciler-prod"


@pytest.fixture(params=["server-side", "client-side"])
def observed(request: pytest.FixtureRequest, world: World, control_plane: ControlPlane) -> World:
    """prod as Argo CD has applied it, with its mark; the marks are not in git."""
    rendered = command("render", "prod", "-C", world.root).stdout
    marked = rendered.replace(
        "metadata:\n", "metadata:\n  annotations: {argocd.argoproj.io/tracking-id: app}\n"
    )
    assert marked != rendered
    side = ("--server-side",) if request.param == "server-side" else ()
    control_plane.kubectl(
        "apply", *side, f"--field-manager={ARGO}", "-n", world.namespace, "-f", "-", input=marked
    )
    world.edit(
        "environments/prod/environment.yaml",
        "manifests:",
        f"mode: observe\nmanager: {ARGO}\nmanifests:",
    )
    return world


def test_its_fields_are_compared_and_nothing_is_written(
    observed: World, control_plane: ControlPlane
) -> None:
    ran = observed.run("diff", "prod")
    assert (ran.code, set(ran.prod.states.values())) == (0, {"unchanged"}), ran.stdout
    assert f"applied by {ARGO}, only observed" in ran.stdout
    assert observed.run("drift", "prod").code == 0

    observed.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    ran = observed.run("diff", "prod")
    assert (ran.code, ran.prod.states["claude"]) == (1, "changed")
    assert set(ran.prod.differences("claude")) == {"spec.model"}
    assert "reconciler apply" not in ran.stdout
    observed.edit_values("claude-opus-4-1", "claude-sonnet-4-5")

    for words in (("apply", "prod"), ("apply", "prod", "--dry-run"), ("stamp", "prod")):
        ran = observed.run(*words)
        assert ran.code == 2, ran.stdout
        assert f"prod is only observed: {ARGO} applies it" in ran.stdout
    address = f"provider/{observed.namespace}/claude"
    assert observed.run("hold", "prod", address, "--for", "1h", "--reason", "x").code == 2
    maps = control_plane.kubectl("get", "configmaps", "-n", observed.namespace, "-o", "name").stdout
    assert RECORD not in maps
    live = control_plane.kubectl(
        "get", PROVIDERS, "claude", "-n", observed.namespace, "-o", "json", "--show-managed-fields"
    )
    entries = json.loads(live.stdout)["metadata"]["managedFields"]
    assert {entry["manager"] for entry in entries} == {ARGO}


def test_drift_and_added_fields_are_told_with_their_writer(
    observed: World, control_plane: ControlPlane
) -> None:
    assert observed.run("drift", "prod", "--record").code == 0
    spec = {"model": "other", "baseURL": "https://evil.example.com/v1"}
    patch(control_plane, observed, PROVIDERS, "claude", spec, "kubectl-edit")
    ran = observed.run("drift", "prod")
    assert ran.code == 1
    assert ran.stdout.splitlines()[-1] == "exit 1: drift, extra fields"
    (difference,) = ran.prod.change("claude")["differences"]
    assert (difference["why"], difference["by"]["manager"]) == ("drift", "kubectl-edit")
    assert "reconciler apply" not in ran.stdout
    patch(
        control_plane, observed, PROVIDERS, "claude",
        {"model": "claude-sonnet-4-5", "baseURL": None}, ARGO,
    )  # fmt: skip
    ran = observed.run("drift", "prod")
    assert (ran.code, verdict(ran)) == (0, "prod: in sync"), ran.stdout


def test_a_rotation_is_detected_beside_the_other_tool(
    observed: World, control_plane: ControlPlane
) -> None:
    assert observed.run("key", "prod").code == 0
    assert observed.run("drift", "prod", "--record").code == 0
    control_plane.kubectl(
        "patch", "secret", "claude", "-n", observed.namespace, "--type=merge",
        "-p", json.dumps({"stringData": {"ANTHROPIC_API_KEY": "sk-ant-other-7d2f8a51c9e04b36"}}),
    )  # fmt: skip
    ran = observed.run("drift", "prod", "--record")
    assert (ran.code, ran.stdout.splitlines()[-1]) == (1, "exit 1: open rotation")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("mode: observe", "needs the field manager of the tool that applies"),
        ("manager: argocd-controller", "`manager` names another tool, for `mode: observe`"),
        ("mode: observe\nmanager: provider-reconciler", "`manager` names another tool"),
    ],
)
def test_settings_that_do_not_fit(world: World, settings: str, message: str) -> None:
    world.edit("environments/prod/environment.yaml", "manifests:", f"{settings}\nmanifests:")
    ran = world.run("validate", "prod")
    assert (ran.code, message in ran.stdout) == (2, True), ran.stdout
