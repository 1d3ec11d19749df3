"""Admission on the real server (D-27, D-28, D-29): webhooks that are down, slow, deny or change; quotas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import PROVIDER, admin, live
from tests.faults.actions import failure, say
from tests.faults.fleet import Fleet
from tests.faults.proxy import Proxy
from tests.faults.webhooks import Webhooks, patched

CLOSED = "https://127.0.0.1:9/closed"
WEBHOOKS = ("dead", "dead-ignored", "slow", "denies", "changes")
NAMES = (
    *WEBHOOKS,
    "side-effects",
)  # a webhook with side effects is of an older API, so the proxy speaks for it
SIDE_EFFECTS = failure(400, "BadRequest", 'admission webhook "x" does not support dry run')


def denial(body: dict[str, Any]) -> dict[str, Any]:
    if body["metadata"]["name"] != "claude":
        return {}
    return {"allowed": False, "status": {"message": "not on a Sunday", "code": 403}}


def change(body: dict[str, Any]) -> dict[str, Any]:
    return patched("/spec/model", "theirs") if body["metadata"]["name"] == "claude" else {}


@pytest.fixture
def fleet(tmp_path: Path, control_plane: ControlPlane) -> Iterator[Fleet]:
    """Applied, then changed in git and put under the webhooks that the names tell."""
    fleet = Fleet.of(tmp_path / "config", NAMES).founded(control_plane)
    assert fleet.run("apply", kubeconfig=control_plane.kubeconfig).code == 0
    fleet.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    fleet.edit_values("gateway.example.com", "other.example.com")
    answers = {"denies": denial, "changes": change}
    with Webhooks(answers).running() as webhooks:
        for name in WEBHOOKS:
            more: dict[str, Any] = {"mutating": name == "changes"}
            if name.startswith("dead"):
                more["clientConfig"] = {"url": CLOSED}
            if name == "dead-ignored":
                more["failurePolicy"] = "Ignore"
            webhooks.register(control_plane, fleet.namespaces[name], name, **more)
        until(lambda: "denied" in probe(control_plane, fleet, "denies"), "the webhooks are loaded")
        until(
            lambda: "theirs" in probe(control_plane, fleet, "changes"), "the other sort is loaded"
        )
        yield fleet


def probe(plane: ControlPlane, fleet: Fleet, name: str) -> str:
    path = PROVIDER.format(fleet.namespaces[name])
    headers = {"Content-Type": "application/merge-patch+json"}
    patch = {"spec": {"model": "probe"}}
    return plane.request("PATCH", path, params={"dryRun": "All"}, headers=headers, json=patch).text


# By name: the exit code, and what became of the object that the webhook is about.
ENDINGS = {
    "dead": (6, "skipped", "claude-sonnet-4-5"),
    "dead-ignored": (0, "configured", "claude-opus-4-1"),
    "slow": (6, "skipped", "claude-sonnet-4-5"),
    "denies": (6, "skipped", "claude-sonnet-4-5"),
    "side-effects": (6, "skipped", "claude-sonnet-4-5"),
    "changes": (6, "configured", "theirs"),
}


def test_admission_decides_and_the_rest_is_applied(
    fleet: Fleet, proxy: Proxy, control_plane: ControlPlane
) -> None:
    proxy.on("PATCH", fleet.path("side-effects", ".*dryRun"), say(400, SIDE_EFFECTS))
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane))
    assert ran.codes == {name: code for name, (code, _, _) in ENDINGS.items()}, ran.stdout
    for name, (_, result, model) in ENDINGS.items():
        assert ran.environment(name).results["claude"] == result, name
        assert live(control_plane, fleet, name)["spec"]["model"] == model, name
        writes = proxy.writes(fleet.path(name, "providers/claude"))
        assert len(writes) == (result == "configured"), "no prediction, no write"
    assert ran.environment("denies").results["gateway"] == "configured"
    said = {name: ran.environment(name).change("claude")["reason"] for name in NAMES}
    assert said["denies"].endswith("denied the request: not on a Sunday")
    assert 'failed calling webhook "dead.webhooks.test"' in said["dead"]
    assert "does not support dry run" in said["side-effects"]


def test_a_value_that_a_webhook_sets_on_every_write_is_never_in_sync(
    fleet: Fleet, proxy: Proxy, control_plane: ControlPlane
) -> None:
    """D-28: reported by each run, and written once."""
    kubeconfig = admin(proxy, control_plane)
    for verb, code, writes in (("apply", 6, 1), ("apply", 6, 0), ("diff", 1, 0), ("drift", 1, 0)):
        proxy.calm()
        ran = fleet.run(verb, "changes", kubeconfig=kubeconfig)
        assert ran.code == code, ran.stdout
        assert ran.environment("changes").change("claude")["overridden"] == [["spec", "model"]]
        assert "a webhook replaces the value of git in spec.model on every write" in ran.stdout
        assert len(proxy.writes(fleet.path("changes", "providers/claude"))) == writes, verb


def test_an_object_beyond_a_quota(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane
) -> None:
    """D-29: that object fails with the words of the quota; nothing is deleted to make room."""
    fleet = Fleet.of(tmp_path / "config", ("one",)).founded(control_plane)
    namespace = fleet.namespaces["one"]
    hard = {"count/providers.omnia.altairalabs.ai": "0"}
    path = f"/api/v1/namespaces/{namespace}/resourcequotas"
    quota = {"metadata": {"name": "none"}, "spec": {"hard": hard}}
    made = control_plane.request("POST", path, json=quota).raise_for_status().json()
    # There is no controller here that would count.
    counted = made | {"status": {"hard": hard, "used": hard}}
    control_plane.request("PUT", f"{path}/none/status", json=counted).raise_for_status()
    for _ in range(2):
        ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane))
        assert ran.code == 6, ran.stdout
        assert "exceeded quota: none" in ran.stdout
        assert ran.environment("one").results["gateway"] in ("created", "unchanged")
        assert proxy.requests("DELETE") == []
