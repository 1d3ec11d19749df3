"""What is being deleted is still there, and a watch says so instead of "in sync", on a real API server."""

from __future__ import annotations

import json

from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import grant
from tests.e2e.test_in_sync import in_sync, last_line, verdict
from tests.world import World

FINALIZER = "example.com/keep"


def hold(plane: ControlPlane, world: World, name: str, finalizers: list[str]) -> None:
    patch = json.dumps({"metadata": {"finalizers": finalizers}})
    plane.kubectl("patch", "secret", name, "-n", world.namespace, "--type=merge", "-p", patch)


def test_a_secret_that_only_a_finalizer_keeps_is_as_good_as_missing(
    applied: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, applied, "watch")
    hold(control_plane, applied, "gateway", [FINALIZER])
    assert in_sync(applied)
    place = ("secret", "gateway", "-n", applied.namespace)
    control_plane.kubectl("delete", *place, "--wait=false")
    ran = applied.run("drift", "prod", "--record", kubeconfig=user)
    assert (ran.code, last_line(ran)) == (1, "exit 1: missing key")
    assert (ran.prod.secret("gateway")["reading"]["state"], ran.prod["notInSync"]) == (
        "leaving",
        ["missing key"],
    )
    assert "LEAVING     Secret" in ran.stdout
    assert "once it is gone, create it again with the key api-key" in ran.stdout
    hold(control_plane, applied, "gateway", [])
    gone = applied.run("drift", "prod", kubeconfig=user)
    assert gone.prod.secret("gateway")["reading"]["state"] == "missing-secret"


def test_a_namespace_that_is_being_deleted_takes_everything_with_it(
    applied: World, control_plane: ControlPlane
) -> None:
    """Nothing empties it here: on other clusters a webhook or an API service that is away has the same effect."""
    users = {flow: grant(control_plane, applied, flow) for flow in ("watch", "change")}
    assert applied.run("drift", "prod", kubeconfig=users["watch"]).code == 0
    control_plane.kubectl("delete", "namespace", applied.namespace, "--wait=false")
    ran = applied.run("drift", "prod", kubeconfig=users["watch"])
    assert (ran.code, last_line(ran)) == (6, "exit 6: waiting for the cluster")
    assert ran.prod["notInSync"] == ["waiting for the cluster"]
    assert set(ran.prod.states.values()) == {"waiting"}
    assert f"WAITING     namespace {applied.namespace}" in ran.stdout
    assert f"wait --for=delete namespace/{applied.namespace}" in ran.stdout
    ran = applied.run("apply", "prod", kubeconfig=users["change"])
    assert ran.code == 6
    assert set(ran.prod.results.values()) == {"skipped"}


def test_a_namespace_that_may_not_be_read_is_not_checked(
    applied: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, applied, "watch", unread="namespaces")
    ran = applied.run("drift", "prod", kubeconfig=user)
    assert verdict(ran) == "prod: in sync, 1 namespace not checked: no permission"
    assert (ran.code, last_line(ran)) == (1, "exit 1: not checked")
    (unchecked,) = ran.prod["unchecked"]
    assert unchecked["hint"] == f"allow get on namespaces {applied.namespace}"
