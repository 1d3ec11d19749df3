"""A Secret that an ExternalSecret writes, on the real API server: its condition and its last refresh are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.controlplane import crds
from tests.controlplane.plane import ControlPlane
from tests.e2e.conftest import GATEWAY_KEY
from tests.e2e.roles import grant
from tests.world import World, secret

REFRESHED = "2026-11-29T06:00:00Z"
STORE = {"name": "vault", "kind": "ClusterSecretStore"}
ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "externalsecrets.external-secrets.io"},
    "spec": {
        "group": "external-secrets.io",
        "names": {"kind": "ExternalSecret", "plural": "externalsecrets"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": ANY, "status": ANY},
                    }
                },
                "subresources": {"status": {}},
            }
        ],
    },
}


@pytest.fixture
def synced(applied: World, control_plane: ControlPlane) -> World:
    """The key of the gateway is written by the ExternalSecret `gateway-vault`, which is Ready."""
    crds.install(control_plane.request, [CRD])
    place = f"/apis/external-secrets.io/v1/namespaces/{applied.namespace}/externalsecrets"
    body = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "gateway-vault"},
        "spec": {"secretStoreRef": STORE, "target": {"name": "gateway"}},
    }
    made = control_plane.request("POST", place, json=body).raise_for_status().json()
    owner = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "name": "gateway-vault",
        "uid": made["metadata"]["uid"],
        "controller": True,
    }
    owned = secret("gateway", **{"api-key": GATEWAY_KEY})
    owned["metadata"]["ownerReferences"] = [owner]
    control_plane.apply(json.dumps(owned), "-n", applied.namespace, "--force-conflicts")
    ready(control_plane, applied, "True", "SecretSynced", "secret synced")
    return applied


def ready(plane: ControlPlane, world: World, status: str, reason: str, message: str) -> None:
    """As its controller writes it."""
    condition = {
        "type": "Ready", "status": status, "reason": reason, "message": message,
        "lastTransitionTime": REFRESHED,
    }  # fmt: skip
    patch = {"status": {"conditions": [condition], "refreshTime": REFRESHED}}
    plane.kubectl(
        *("patch", "externalsecret", "gateway-vault", "-n", world.namespace),
        *("--subresource=status", "--type=merge", "-p", json.dumps(patch)),
    )


def row(report: Any) -> tuple[str, ...]:
    (external,) = report["externalSecrets"]
    return tuple(external[key] for key in ("name", "secret", "ready", "reason", "refreshed"))


def test_its_condition_and_its_last_refresh_are_told(
    synced: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, synced, "watch", "--external-secrets")
    mark = control_plane.audit.mark()
    ran = synced.run("drift", "prod", "-v", kubeconfig=user)
    assert row(ran.prod) == ("gateway-vault", "gateway", "True", "SecretSynced", REFRESHED)
    assert (ran.code, ran.prod["notInSync"]) == (0, []), ran.stdout
    assert "SYNCED" in ran.stdout
    assert "last refreshed" in ran.stdout
    requests = [
        r.verb
        for r in control_plane.audit.since(mark)
        if r.resource == "externalsecrets" and r.user_agent.startswith("provider-reconciler")
    ]
    assert requests == ["get"]


def test_one_that_fails_is_told_with_its_reason_and_without_a_key(
    synced: World, control_plane: ControlPlane
) -> None:
    said = "could not get secret data: Bearer hvs-canary-4f0c2b91d7 was refused"
    ready(control_plane, synced, "False", "SecretSyncedError", said)
    ran = synced.run("drift", "prod")
    assert row(ran.prod)[2:4] == ("False", "SecretSyncedError")
    assert "NOT SYNCED" in ran.stdout
    assert "SecretSyncedError" in ran.stdout
    assert "hvs-canary" not in ran.everything


def test_a_watch_without_the_permission_says_which(
    synced: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, synced, "watch")
    ran = synced.run("drift", "prod", kubeconfig=user)
    (unchecked,) = ran.prod["unchecked"]
    assert unchecked["name"] == f"{synced.namespace}/gateway-vault"
    assert "rbac --external-secrets" in unchecked["hint"]
    assert (ran.code, ran.prod["exitReasons"]) == (1, ["not checked"])
