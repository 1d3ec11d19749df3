"""`reconciler notify` as Events on a real API server: on the objects concerned, once, and without permission said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import grant
from tests.interpreters.warm import Ended, command
from tests.world import World

PROVIDERS = "providers.omnia.altairalabs.ai"


def edit(plane: ControlPlane, world: World, model: str) -> None:
    patch = json.dumps({"spec": {"model": model}})
    words = ("patch", PROVIDERS, "claude", "-n", world.namespace, "--type=merge", "-p", patch)
    plane.kubectl(*words)


def events(plane: ControlPlane, world: World) -> list[dict[str, Any]]:
    path = f"/apis/events.k8s.io/v1/namespaces/{world.namespace}/events"
    items = plane.request("GET", path).raise_for_status().json()["items"]
    return [each for each in items if each["reportingController"] == "provider-reconciler"]


def notified(world: World, state: Path, kubeconfig: Path | None = None, *more: str) -> Ended:
    """A drift, and the news of it."""
    report = world.root.parent / "told.json"
    used = str(kubeconfig or world.kubeconfig)
    world.run("drift", "prod", "-o", f"json={report}", kubeconfig=kubeconfig)
    words = ("-C", str(world.root), "--state", str(state), "--kubeconfig", used)
    return command("notify", str(report), *words, *more)


def test_news_are_events_on_the_objects_once(
    world: World, control_plane: ControlPlane, tmp_path: Path
) -> None:
    world.edit(
        "environments/prod/environment.yaml", "manifests:", "notify: {events: true}\nmanifests:"
    )
    assert world.run("apply", "prod").code == 0
    state = tmp_path / "state.json"
    assert notified(world, state).stdout == "prod: events: no news\n"
    edit(control_plane, world, "claude-opus-4-1")
    ran = notified(world, state)
    assert (ran.code, ran.stdout) == (0, "prod: events: delivered: 1 new, 1 written\n"), ran.output
    (event,) = events(control_plane, world)
    live = json.loads(
        control_plane.kubectl(
            "get", PROVIDERS, "claude", "-n", world.namespace, "-o", "json"
        ).stdout
    )
    assert event["regarding"] == {
        "apiVersion": "omnia.altairalabs.ai/v1alpha1",
        "kind": "Provider",
        "namespace": world.namespace,
        "name": "claude",
        "uid": live["metadata"]["uid"],
    }
    assert (event["reason"], event["type"]) == ("Drift", "Warning")
    assert "spec.model" in event["note"]
    shown = control_plane.kubectl("describe", PROVIDERS, "claude", "-n", world.namespace).stdout
    assert "provider-reconciler" in shown, "kubectl describe shows it"

    assert notified(world, state).stdout == "prod: events: no news\n"
    lost = notified(world, tmp_path / "another.json")
    assert lost.stdout == "prod: events: delivered: 1 new, 0 written\n", "its name is taken"
    assert len(events(control_plane, world)) == 1
    assert world.run("apply", "prod").code == 0
    assert notified(world, state).stdout == "prod: events: delivered: 1 resolved, 1 written\n"
    by_type = {each["type"]: each for each in events(control_plane, world)}
    assert by_type["Normal"]["reason"] == "DriftResolved"
    assert by_type["Normal"]["note"].startswith("resolved: Provider ")


def test_without_permission_it_is_said_and_nothing_fails(
    world: World, control_plane: ControlPlane, tmp_path: Path
) -> None:
    assert world.run("apply", "prod").code == 0
    edit(control_plane, world, "claude-opus-4-1")
    state = tmp_path / "state.json"
    kubeconfig = grant(control_plane, world, "watch")
    ran = notified(world, state, kubeconfig, "--events")
    assert ran.code == 0, ran.output
    assert f"not written, no permission to create events in {world.namespace}" in ran.stdout
    assert events(control_plane, world) == []
    assert not state.exists(), "nothing was delivered"

    world.edit(
        "environments/prod/environment.yaml", "manifests:", "notify: {events: true}\nmanifests:"
    )
    kubeconfig = grant(control_plane, world, "watch")
    ran = notified(world, state, kubeconfig)
    assert (ran.code, ran.stdout) == (0, "prod: events: delivered: 1 new, 1 written\n"), ran.output
    assert len(events(control_plane, world)) == 1
