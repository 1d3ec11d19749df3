"""An object that somebody holds, by the command or by kubectl, on a real API server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.controlplane.plane import ControlPlane
from tests.e2e.test_in_sync import PROVIDERS, patch, verdict
from tests.world import World

HOLD = "provider-reconciler/hold"


def model(plane: ControlPlane, world: World) -> Any:
    answer = plane.kubectl("get", PROVIDERS, "claude", "-n", world.namespace, "-o", "json")
    return json.loads(answer.stdout)["spec"]["model"]


def test_an_emergency_edit_is_held_until_it_is_released(
    applied: World, control_plane: ControlPlane
) -> None:
    address = f"provider/{applied.namespace}/claude"
    patch(control_plane, applied, PROVIDERS, "claude", {"model": "backup"}, "kubectl-edit")
    held = applied.run("hold", "prod", address, "--for", "4h", "--reason", "vendor outage")
    assert held.code == 0, held.stderr
    assert held.stdout.startswith(f"held      {address}, until 20")

    for verb, code in (("diff", 1), ("drift", 1), ("apply", 6)):
        ran = applied.run(verb, "prod")
        assert (ran.code, ran.prod.states["claude"]) == (code, "held"), ran.stdout
        assert "by provider-reconciler-hold (Apply)" in ran.stdout
        assert ": vendor outage" in ran.stdout
    assert model(control_plane, applied) == "backup"

    released = applied.run("release", "prod", address)
    assert (released.code, released.stdout) == (0, f"released  {address}\n")
    assert applied.run("release", "prod", address).stdout == f"not held  {address}\n"
    assert applied.run("apply", "prod").code == 0
    assert model(control_plane, applied) == "claude-sonnet-4-5"
    assert verdict(applied.run("drift", "prod")) == "prod: in sync"


def test_kubectl_can_hold_too_and_an_unreadable_value_overwrites_nothing(
    applied: World, control_plane: ControlPlane
) -> None:
    def annotate(value: str) -> None:
        control_plane.kubectl(
            "annotate", PROVIDERS, "claude", "-n", applied.namespace, "--overwrite", f"{HOLD}={value}"
        )  # fmt: skip

    patch(control_plane, applied, PROVIDERS, "claude", {"model": "backup"}, "kubectl-edit")
    annotate("4h please")
    ran = applied.run("apply", "prod")
    assert (ran.code, ran.prod.results["claude"]) == (8, "refused")
    assert "it does not begin with a time" in ran.stdout
    assert model(control_plane, applied) == "backup"

    end = datetime.now(UTC) + timedelta(hours=1)
    annotate(f"{end:%Y-%m-%dT%H:%M:%SZ} vendor outage")
    ran = applied.run("apply", "prod")
    assert (ran.code, ran.prod.states["claude"]) == (6, "held")
    assert "by kubectl-annotate (Update)" in ran.stdout

    annotate(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} over")
    assert applied.run("apply", "prod").code == 0
    assert model(control_plane, applied) == "claude-sonnet-4-5"
    assert applied.run("diff", "prod").code == 0, "the annotation is in no diff"


def test_what_the_commands_refuse(world: World) -> None:
    address = f"provider/{world.namespace}/claude"
    for words in (
        ("prod", address, "--for", "4h", "--reason", "it does not exist yet"),
        ("prod", address, "--for", "40d", "--reason", "too long"),
        ("prod", address, "--for", "soon", "--reason", "no duration"),
        ("prod", "provider/x/y", "--for", "4h", "--reason", "not in git"),
        ("prod", "--for", "4h", "--reason", "no object"),
        ("prod", address, "--for", "4h", "--reason", ""),
    ):
        assert world.run("hold", *words).code == 2
