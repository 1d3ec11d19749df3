"""Objects that kubectl made are adopted, on a real API server: their diff, their end, and what follows."""

from __future__ import annotations

import json
from typing import Any

from tests.controlplane.plane import ControlPlane
from tests.interpreters.warm import command
from tests.world import CLAUDE, World

PROVIDERS = "providers.omnia.altairalabs.ai"
KUBECTL = "kubectl-client-side-apply"


def live(plane: ControlPlane, world: World) -> dict[str, Any]:
    answer = plane.kubectl(
        "get", PROVIDERS, "claude", "-n", world.namespace, "-o", "json", "--show-managed-fields"
    )
    body: dict[str, Any] = json.loads(answer.stdout)
    return body


def test_what_kubectl_applied_is_adopted_and_leaves_with_git(
    world: World, control_plane: ControlPlane
) -> None:
    world.edit(
        "environments/prod/environment.yaml",
        "manifests:",
        "policy: {adoptFrom: [kubectl]}\nmanifests:",
    )
    rendered = command("render", "prod", "-C", world.root).stdout
    extra = rendered.replace(
        "  type: claude\n", "  type: claude\n  baseURL: https://old.example.com\n"
    )
    assert extra != rendered
    control_plane.kubectl("apply", "-n", world.namespace, "-f", "-", input=extra)
    assert f"did you mean {KUBECTL}?" in world.run("diff", "prod").stdout
    world.edit("environments/prod/environment.yaml", "[kubectl]", f"[{KUBECTL}]")

    ran = world.run("diff", "prod")
    assert (ran.code, set(ran.prod.states.values())) == (1, {"adopted"})
    given_up = ran.prod.differences("claude")["spec.baseURL"]
    assert (given_up["why"], given_up["by"]["manager"], given_up["predicted"]) == (
        "adopt",
        KUBECTL,
        None,
    )
    watch = world.run("drift", "prod")
    assert (watch.code, watch.stdout.splitlines()[-1]) == (1, "exit 1: conflict")

    assert world.run("apply", "prod").code == 0
    body = live(control_plane, world)
    assert {each["manager"] for each in body["metadata"]["managedFields"]} == {
        "provider-reconciler"
    }
    assert not body["metadata"].get("annotations")
    assert "baseURL" not in body["spec"]
    assert world.run("diff", "prod").code == 0
    assert "so nothing is left to adopt" in world.run("drift", "prod").stdout

    world.write(
        {
            "templates/claude.yaml.j2": CLAUDE.replace(
                "  defaults:\n    maxTokens: {{ values.claude.maxTokens }}\n", ""
            )
        }
    )
    assert world.run("apply", "prod").code == 0
    assert "maxTokens" not in live(control_plane, world)["spec"].get("defaults", {})
