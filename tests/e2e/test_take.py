"""One field is taken from another field manager, on a real API server; what else others hold is not."""

from __future__ import annotations

import json
from typing import Any

from tests.controlplane.plane import ControlPlane
from tests.world import World

PROVIDERS = "providers.omnia.altairalabs.ai"


def create(plane: ControlPlane, world: World, spec: dict[str, Any]) -> None:
    body = {
        "apiVersion": "omnia.altairalabs.ai/v1alpha1",
        "kind": "Provider",
        "metadata": {"name": "claude", "namespace": world.namespace},
        "spec": {"type": "claude", **spec},
    }
    plane.apply(json.dumps(body), "--field-manager=terraform")


def live(plane: ControlPlane, world: World) -> dict[str, Any]:
    answer = plane.kubectl("get", PROVIDERS, "claude", "-n", world.namespace, "-o", "json")
    spec: dict[str, Any] = json.loads(answer.stdout)["spec"]
    return spec


def test_only_the_named_field_is_taken(world: World, control_plane: ControlPlane) -> None:
    create(control_plane, world, {"model": "theirs", "defaults": {"maxTokens": 1}})
    only = ("--only", f"provider/{world.namespace}/claude")
    refused = world.run("apply", "prod", *only)
    assert refused.code == 8
    assert f"{' '.join(only)} --take spec.defaults.maxTokens --take spec.model" in refused.stdout

    for verb in ("diff", "apply"):
        ran = world.run(verb, "prod", *only, "--take", "spec.model")
        assert (ran.prod.change("claude")["action"], ran.code) == (
            "refuse",
            1 if verb == "diff" else 8,
        )
    assert live(control_plane, world)["model"] == "theirs"

    misspelt = world.run("apply", "prod", *only, "--take", "spec.modle")
    assert (misspelt.code, misspelt.prod["problem"]["hint"]) == (2, "did you mean spec.model?")
    assert world.run("apply", "prod", "--take", "spec.model").code == 2

    both = ("--take", "spec.model", "--take", "spec.defaults.maxTokens")
    assert world.run("apply", "prod", *only, *both).code == 0
    taken = live(control_plane, world)
    assert (taken["model"], taken["defaults"]["maxTokens"]) == ("claude-sonnet-4-5", 4096)
    assert world.run("diff", "prod", *only).code == 0
