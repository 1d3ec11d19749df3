"""What others do between the plan and the write of a run (D-08, D-09, D-10, D-22): nothing of theirs is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import PROVIDER, admin, live
from tests.faults.actions import Action, Decide, Request, Response, Rewrite
from tests.faults.fleet import Fleet
from tests.faults.proxy import Proxy
from tests.interpreters.clients import Client
from tests.world import CLAUDE

THEIRS = {"spec": {"model": "theirs"}}


class Somebody:
    """Another writer of the objects of a fleet, who goes around the proxy."""

    def __init__(self, plane: ControlPlane, fleet: Fleet) -> None:
        self._plane, self._fleet = plane, fleet

    def patches(self, name: str, patch: object = THEIRS) -> None:
        self._plane.request(
            "PATCH",
            PROVIDER.format(self._fleet.namespaces[name]),
            headers={"Content-Type": "application/merge-patch+json"},
            params={"fieldManager": "somebody"},
            content=json.dumps(patch),
        ).raise_for_status()

    def deletes(self, name: str) -> None:
        path = PROVIDER.format(self._fleet.namespaces[name])
        self._plane.request("DELETE", path).raise_for_status()

    def creates(self, name: str) -> None:
        path = PROVIDER.format(self._fleet.namespaces[name])
        body = {
            "apiVersion": "omnia.altairalabs.ai/v1alpha1",
            "kind": "Provider",
            "metadata": {"name": "claude"},
            "spec": {"type": "mock"} | THEIRS["spec"],
        }
        collection = path.rpartition("/")[0]
        self._plane.request("POST", collection, json=body).raise_for_status()

    def recreates(self, name: str) -> None:
        self.deletes(name)
        self.creates(name)


# What somebody does just before the write, how the object ends for the run, and whose model it has then.
MEANWHILE: dict[str, tuple[Callable[[Somebody, str], object], str, str | None]] = {
    "edited": (Somebody.patches, "refused", "theirs"),
    "edited-elsewhere": (
        lambda somebody, name: somebody.patches(name, {"spec": {"baseURL": "https://x"}}),
        "configured",
        "claude-opus-4-1",
    ),
    "forced": (Somebody.patches, "refused", "theirs"),
    "deleted": (Somebody.deletes, "refused", None),
    "recreated": (Somebody.recreates, "refused", "theirs"),
    "appeared": (Somebody.creates, "refused", "theirs"),
}


def before_the_write(act: Callable[[], object]) -> Decide:
    """Act once, before the server gets the first write of the object."""
    writes: list[Request] = []

    def decide(request: Request) -> Action | None:
        if request.writes:
            writes.append(request)
            if len(writes) == 1:
                act()
        return None

    return decide


@pytest.fixture
def fleet(tmp_path: Path, control_plane: ControlPlane) -> Fleet:
    """Applied where there is an object, and moved in git since; "forced" has a drifted field, too."""
    fleet = Fleet.of(tmp_path / "config", tuple(MEANWHILE), CLAUDE).founded(control_plane)
    old = tuple(name for name in MEANWHILE if name != "appeared")
    assert fleet.run("apply", *old, kubeconfig=control_plane.kubeconfig).code == 0
    fleet.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    Somebody(control_plane, fleet).patches("forced", {"spec": {"model": "drifted"}})
    return fleet


def test_what_others_do_before_a_write_is_not_undone(
    fleet: Fleet, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-09, D-22: refused and 8 without a second write; the next run sees what they did first."""
    somebody = Somebody(control_plane, fleet)
    for name, (act, _, _) in MEANWHILE.items():
        once = before_the_write(lambda act=act, name=name: act(somebody, name))
        proxy.on("PATCH", fleet.path(name, "providers/claude"), once)
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    for name, (_, result, model) in MEANWHILE.items():
        assert ran.environment(name).results == {"claude": result}, ran.stdout
        assert ran.codes[name] == (8 if result == "refused" else 0), name
        answer = control_plane.request("GET", PROVIDER.format(fleet.namespaces[name]))
        assert (answer.json()["spec"]["model"] if answer.is_success else None) == model, name
        assert len(proxy.writes(fleet.path(name, "providers/claude"))) == 1, name
        if result == "refused":
            assert (
                "it has changed since it was observed"
                in ran.environment(name).outcome("claude")["message"]
            )
    assert ran.code == 8


def cut_causes(answer: Response) -> Response:
    """A conflict with the first of its causes only."""
    body = json.loads(answer.body)
    if answer.status == 409:
        body["details"]["causes"] = body["details"]["causes"][:1]
    return Response(answer.status, json.dumps(body).encode(), answer.headers)


def test_a_conflict_that_the_answer_does_not_list_is_not_forced(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-10: one field in conflict was ours, and is listed; the others never were."""
    fleet = Fleet.of(tmp_path / "config", ("one",), CLAUDE).founded(control_plane)
    assert fleet.run("apply", kubeconfig=control_plane.kubeconfig).code == 0
    somebody = Somebody(control_plane, fleet)
    headers = {f"X-{number}": "theirs" for number in range(3)}
    somebody.patches("one", {"spec": {"defaults": {"maxTokens": 1}, "headers": headers}})
    template = fleet.root / "templates/0.yaml.j2"
    ours = json.dumps(dict.fromkeys(headers, "ours"))
    template.write_text(f"{template.read_text()}  headers: {ours}\n")
    proxy.on("PATCH", "", Rewrite(cut_causes))
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert (ran.code, ran.environment("one").results) == (8, {"claude": "refused"}), ran.stdout
    assert live(control_plane, fleet, "one")["spec"]["headers"] == headers
