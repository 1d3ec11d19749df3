"""Prune on a real API server: the requests, and what other tools make of our ApplySet."""

from __future__ import annotations

import json

import pytest

from tests.controlplane.plane import ControlPlane
from tests.test_prune import commit
from tests.world import World

MODEL = "models.agent.flokoa.ai"
PROVIDER = "modelproviders.agent.flokoa.ai"


def names(plane: ControlPlane, world: World, plural: str) -> list[str]:
    answer = plane.kubectl("get", plural, "-n", world.namespace, "-o", "json")
    return [each["metadata"]["name"] for each in json.loads(answer.stdout)["items"]]


@pytest.fixture
def applied(world: World) -> World:
    """Committed, so that a later revision is known to be one, and applied once."""
    commit(world.root, "first")
    assert world.run("apply", "prod").code == 0
    return world


def turn_on(world: World, settings: str = "{maxPercent: 100}") -> None:
    world.edit(
        "environments/prod/environment.yaml",
        "manifests:",
        f"policy: {{prune: {settings}}}\nmanifests:",
    )


def test_a_provider_and_its_model_are_deleted_consumer_first(
    applied: World, control_plane: ControlPlane
) -> None:
    turn_on(applied)
    (applied.root / "templates/gateway.yaml.j2").unlink()
    commit(applied.root, "removes the gateway")
    reviewed = applied.run("diff", "prod")
    assert reviewed.code == 1
    assert reviewed.prod.states == {"claude": "unchanged", "gateway": "removed", "fast": "removed"}
    mark = control_plane.audit.mark()
    ran = applied.run("apply", "prod")
    assert ran.code == 0, ran.stdout + ran.stderr
    assert ran.prod.results == {"claude": "unchanged", "gateway": "pruned", "fast": "pruned"}
    deletions = [
        event.name
        for event in control_plane.audit.since(mark)
        if event.verb == "delete" and event.namespace == applied.namespace
    ]
    assert deletions == ["fast", "gateway"]
    assert names(control_plane, applied, MODEL) == names(control_plane, applied, PROVIDER) == []
    assert applied.run("diff", "prod").code == 0


def test_a_model_that_somebody_else_made_keeps_its_provider(
    applied: World, control_plane: ControlPlane
) -> None:
    turn_on(applied)
    (applied.root / "templates/gateway.yaml.j2").unlink()
    model = {
        "apiVersion": "agent.flokoa.ai/v1alpha1",
        "kind": "Model",
        "metadata": {"name": "theirs", "namespace": applied.namespace},
        "spec": {"model": "gpt-5-mini", "providerRef": {"name": "gateway"}},
    }
    control_plane.kubectl("create", "-f", "-", input=json.dumps(model))
    commit(applied.root, "removes the gateway")
    ran = applied.run("apply", "prod")
    assert ran.code == 8, ran.stdout
    assert ran.prod.results == {"claude": "unchanged", "gateway": "refused", "fast": "pruned"}
    assert f"Model {applied.namespace}/theirs still uses it" in ran.prod.change("gateway")["reason"]
    assert names(control_plane, applied, PROVIDER) == ["gateway"]


def test_a_renamed_provider_moves_with_the_model_that_uses_it(
    applied: World, control_plane: ControlPlane
) -> None:
    turn_on(applied)
    applied.edit("templates/gateway.yaml.j2", "name: gateway\nspec", "name: portal\nspec")
    applied.edit(
        "templates/gateway.yaml.j2",
        "  providerRef:\n    name: gateway",
        "  providerRef:\n    name: portal",
    )
    commit(applied.root, "renames the gateway")
    ran = applied.run("apply", "prod")
    assert ran.code == 0, ran.stdout
    assert ran.prod.results["gateway"] == "pruned"
    assert names(control_plane, applied, PROVIDER) == ["portal"]


def test_kubectl_respects_our_applyset(applied: World, control_plane: ControlPlane) -> None:
    manifest = applied.root / "one.yaml"
    manifest.write_text(
        json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    )
    answer = control_plane.kubectl(
        *("apply", "-n", applied.namespace, "--prune", "-f", str(manifest)),
        *("--applyset", "configmap/provider-reconciler-prod"),
        check=False,
    )
    assert answer.returncode != 0
    assert "provider-reconciler" in answer.stderr
    assert set(names(control_plane, applied, PROVIDER)) == {"gateway"}
