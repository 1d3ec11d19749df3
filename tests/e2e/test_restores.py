"""Objects, Secrets and the record of another cluster, restored with new uids: one apply converges."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.test_in_sync import in_sync, last_line
from tests.world import CLAUDE, World

_PLURALS = {
    "omnia.altairalabs.ai/v1alpha1": ("providers",),
    "agent.flokoa.ai/v1alpha1": ("modelproviders", "models"),
    "v1": ("secrets", "configmaps"),
}
_BY_SERVER = ("uid", "resourceVersion", "creationTimestamp", "generation")


def places(world: World) -> list[str]:
    return [
        f"/{'apis' if '/' in version else 'api'}/{version}/namespaces/{world.namespace}/{plural}"
        for version, plurals in _PLURALS.items()
        for plural in plurals
    ]


def restore(plane: ControlPlane, world: World, *, owners: bool) -> None:
    """Delete everything and create it again from a backup; Velero writes managedFields as well, other tools do not."""
    backup: list[tuple[str, dict[str, Any]]] = []
    for place in places(world):
        answer = plane.request("GET", place).raise_for_status().json()
        kind, version = answer["kind"].removesuffix("List"), answer["apiVersion"]
        backup += [
            (place, each | {"kind": kind, "apiVersion": version}) for each in answer["items"]
        ]
    for place, body in backup:
        metadata = body["metadata"]
        plane.request("DELETE", f"{place}/{metadata['name']}").raise_for_status()
        sent = {key: value for key, value in metadata.items() if key not in _BY_SERVER}
        managed = sent.pop("managedFields", [])
        new = body | {"metadata": sent}
        plane.request("POST", f"{place}?fieldManager=velero", json=new).raise_for_status()
        if owners:
            patch = {"metadata": {"managedFields": managed}}
            plane.request(
                "PATCH",
                f"{place}/{metadata['name']}?fieldManager=velero",
                content=json.dumps(patch),
                headers={"Content-Type": "application/merge-patch+json"},
            ).raise_for_status()


@pytest.fixture
def backed_up(applied: World) -> World:
    """Git no longer has one of the objects."""
    applied.write({"templates/old.yaml.j2": CLAUDE.replace("name: claude\n", "name: old\n", 1)})
    assert applied.run("apply", "prod").code == 0
    (applied.root / "templates/old.yaml.j2").unlink()
    return applied


def test_without_owners_an_apply_makes_them_ours_again(
    backed_up: World, control_plane: ControlPlane
) -> None:
    restore(control_plane, backed_up, owners=False)
    ran = backed_up.run("drift", "prod", "--record")
    assert (ran.code, last_line(ran)) == (1, "exit 1: drift")
    assert ran.stdout.count("someone else deleted it and created it again, or restored it") == 3
    assert {row["rotation"] for row in ran.prod["secrets"]} == {"none"}
    applied = backed_up.run("apply", "prod", "--prune")
    assert (applied.code, applied.prod.results) == (
        0,
        dict.fromkeys(("claude", "gateway", "fast"), "configured"),
    )
    assert in_sync(backed_up)
    assert [each["ref"]["name"] for each in backed_up.run("drift", "prod").prod["unmanaged"]] == [
        "old"
    ]


def test_with_owners_nothing_is_different_and_nothing_is_pruned(
    backed_up: World, control_plane: ControlPlane
) -> None:
    restore(control_plane, backed_up, owners=True)
    ran = backed_up.run("drift", "prod", "--record")
    assert (ran.code, ran.prod["notInSync"], ran.prod.states["old"]) == (0, [], "kept")
    for why in ("the record does not say that this", "the record of its apply was lost"):
        pruned = backed_up.run("apply", "prod", "--prune")
        assert (pruned.code, pruned.prod.results["old"]) == (8, "refused")
        assert why in pruned.stdout
