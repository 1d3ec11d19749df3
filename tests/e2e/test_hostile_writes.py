"""Writes whose answer is lost, late, or a lie (D-04, D-19, D-20, D-23): one effective write, and a rerun converges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import PROVIDER, admin, live, real, tells_nothing
from tests.faults.actions import (
    AFTER,
    BEFORE,
    MIDWAY,
    Action,
    Say,
    failure,
    response,
    rewrite,
)
from tests.faults.fleet import Fleet
from tests.faults.proxy import Proxy
from tests.interpreters.clients import Client
from tests.world import CLAUDE

CUTS = {"before": BEFORE, "after": AFTER, "midway": MIDWAY}
SERVER_TIMEOUT = failure(500, "ServerTimeout", "the server cannot complete it", retryAfterSeconds=1)
TIMEOUTS: dict[str, Action] = {
    "timeout": Say(response(504, failure(504, "Timeout", "took too long")), forward=True),
    "server-timeout": Say(response(500, SERVER_TIMEOUT), forward=True),
    "bad-gateway": Say(response(502, b"<html>", "text/html"), forward=True),
}
# The writes of a first apply, in order: what they are, and whether a lost answer is asked for again.
WRITES = {
    "key": ("POST", "secrets", False),
    "parent": ("POST", "configmaps", False),
    "object": ("PATCH", r"providers/claude\?(?!.*dryRun)", True),
    "record": ("PUT", "configmaps/", False),
}


def effective(plane: ControlPlane, fleet: Fleet, name: str) -> tuple[int, list[str]]:
    """How often an object was written, and who says so: every write of a spec moves the generation."""
    metadata = live(plane, fleet, name)["metadata"]
    return metadata["generation"], [entry["manager"] for entry in metadata["managedFields"]]


def test_every_write_of_a_first_apply_cut_before_after_and_midway(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-23."""
    names = tuple(f"{write}-{cut}" for write in WRITES for cut in CUTS)
    fleet = Fleet.of(tmp_path / "config", names, CLAUDE).founded(control_plane)
    for write, (method, path, _) in WRITES.items():
        for cut, action in CUTS.items():
            proxy.on(method, fleet.path(f"{write}-{cut}", path), action, times=1)
    mark = control_plane.audit.mark()
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    tells_nothing(ran, control_plane)
    for write, (method, path, repeats) in WRITES.items():
        for cut in CUTS:
            name = f"{write}-{cut}"
            assert ran.codes[name] == (0 if repeats else 5), name
            sent = proxy.requests(method, fleet.path(name, path))
            # No write but a server-side apply is sent twice.
            assert [each.forwarded for each in sent] == (
                [cut != "before", True] if repeats else [cut != "before"]
            ), name
    assert ran.code == 5

    proxy.calm()
    again = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert (again.code, again.codes) == (0, dict.fromkeys(names, 0)), again.stdout
    proxy.calm()
    third = fleet.run("diff", kubeconfig=admin(proxy, control_plane), client=client)
    assert (third.code, proxy.writes()) == (0, [])
    done = fleet.written(control_plane, mark)
    for name in names:
        assert effective(control_plane, fleet, name) == (1, ["provider-reconciler"]), name
        place = fleet.namespaces[name]
        for created in ("secrets", "configmaps"):
            assert (
                len([each for each in done if f" {place}/{created}" in each and ": 201" in each])
                == 1
            )


@pytest.fixture
def drifted(tmp_path: Path, control_plane: ControlPlane) -> Fleet:
    """Applied; then someone took a field in half of the environments, and git moved in the others."""
    names = tuple(f"{how}-{cut}" for how in ("taken", "moved") for cut in (*CUTS, *TIMEOUTS))
    fleet = Fleet.of(tmp_path / "config", names, CLAUDE).founded(control_plane)
    ran = fleet.run("apply", kubeconfig=control_plane.kubeconfig)
    assert ran.code == 0, ran.stdout
    for name in names:
        if name.startswith("moved"):
            fleet.edit_values("claude-sonnet-4-5", "claude-opus-4-1", name)
            continue
        body = {"spec": {"model": "claude-haiku-4-5"}}
        control_plane.request(
            "PATCH",
            PROVIDER.format(fleet.namespaces[name]),
            headers={"Content-Type": "application/merge-patch+json"},
            params={"fieldManager": "someone"},
            content=json.dumps(body),
        ).raise_for_status()
    return fleet


def test_a_change_and_a_forced_one_whose_answers_are_lost(
    drifted: Fleet, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-04 and D-23: a forced apply carries a resourceVersion, so that its repetition is refused as stale."""
    before = {name: live(control_plane, drifted, name)["metadata"] for name in drifted.names}
    for name in drifted.names:
        action = (CUTS | TIMEOUTS)[name.partition("-")[2]]
        proxy.on("PATCH", drifted.path(name, "providers/claude"), real(action))
    ran = drifted.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert ran.codes == dict.fromkeys(drifted.names, 0), ran.stdout
    for name in drifted.names:
        assert ran.environment(name).results == {"claude": "configured"}
        sent = [each for each in proxy.writes(drifted.path(name)) if each.request.method == "PATCH"]
        assert [each.forwarded for each in sent] == [not name.endswith("before"), True], name
        again = 200 if name.startswith("moved") or name.endswith("before") else 409
        assert sent[1].code == again, name
        generation, _ = effective(control_plane, drifted, name)
        assert generation == before[name]["generation"] + 1, name
    proxy.calm()
    third = drifted.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert (third.code, proxy.writes()) == (0, [])


LIES: dict[str, Action] = {
    "name": rewrite(lambda body: body | {"metadata": body["metadata"] | {"name": "other"}}),
    "namespace": rewrite(lambda body: body | {"metadata": body["metadata"] | {"namespace": "x"}}),
    "kind": rewrite(lambda body: body | {"kind": "Model"}),
    "version": rewrite(lambda body: body | {"apiVersion": "agent.flokoa.ai/v1alpha1"}),
    "spec": rewrite(lambda body: body | {"spec": body["spec"] | {"model": "other"}}),
    "nobody": rewrite(lambda body: body | {"metadata": {**body["metadata"], "managedFields": []}}),
    "failure": Say(response(200, failure(500, "InternalError", "no")), forward=True),
    "html": Say(response(200, b"<html>canary</html>", "text/html"), forward=True),
    "redirect": Say(response(307, b"", location="https://127.0.0.1:9/elsewhere")),
}


def test_an_answer_to_a_write_that_is_about_something_else(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-19 (and D-17 for a write): that object failed, 6; the rerun finds what was really done."""
    fleet = Fleet.of(tmp_path / "config", tuple(LIES), CLAUDE).founded(control_plane)
    for name, lie in LIES.items():
        proxy.on("PATCH", fleet.path(name, "providers/claude"), real(lie))
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert (ran.code, ran.codes) == (6, dict.fromkeys(LIES, 6)), ran.stdout
    tells_nothing(ran, control_plane)
    assert "<html" not in ran.everything
    for name in LIES:
        assert ran.environment(name).results == {"claude": "failed"}
        assert len([o for o in proxy.writes(fleet.path(name)) if o.request.method == "PATCH"]) == 1
    proxy.calm()
    again = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert again.codes == dict.fromkeys(LIES, 0), again.stdout
    for name in LIES:
        assert effective(control_plane, fleet, name) == (1, ["provider-reconciler"]), name
