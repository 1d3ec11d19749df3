"""Each flow runs under exactly what `reconciler rbac` prints for it, on the real API server, and needs all of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.consumers.bodies import agent, runtime
from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import (
    FLOWS,
    account,
    atoms,
    await_access,
    bind,
    grant,
    printed,
    put,
)
from tests.e2e.test_impact import from_now, rotate, start_pod
from tests.test_prune import commit
from tests.world import Ran, World

OBJECTS = {
    "/apis/omnia.altairalabs.ai/v1alpha1/namespaces/{}/providers/claude",
    "/apis/agent.flokoa.ai/v1alpha1/namespaces/{}/modelproviders/gateway",
    "/apis/agent.flokoa.ai/v1alpha1/namespaces/{}/models/fast",
}
OF_THE_FIRST_APPLY = {
    "/api/v1/namespaces/{}/configmaps/provider-reconciler-prod",
    "/api/v1/namespaces/{}/secrets/provider-reconciler-key",
    "/apis/coordination.k8s.io/v1/namespaces/{}/leases/provider-reconciler-prod",
}


def test_without_the_roles_nothing_works(world: World, control_plane: ControlPlane) -> None:
    nobody = account(control_plane, world, "nobody").kubeconfig
    ran = world.run("diff", "prod", kubeconfig=nobody)
    assert ran.code == 6
    assert set(ran.prod.states.values()) == {"failed"}


def test_a_first_apply_under_the_change_role(world: World, control_plane: ControlPlane) -> None:
    user = grant(control_plane, world, "change")
    ran = world.run("apply", "prod", kubeconfig=user)
    assert ran.code == 0, ran.stdout + ran.stderr
    assert set(ran.prod.results.values()) == {"created"}
    assert [bool(s["reading"]["fingerprint"]) for s in ran.prod["secrets"]] == [True, True]
    assert world.run("apply", "prod", kubeconfig=user).code == 0


def test_a_prune_under_the_change_role(world: World, control_plane: ControlPlane) -> None:
    config = world.root / "environments/prod/environment.yaml"
    config.write_text(config.read_text() + "policy: {prune: true}\n")
    user = grant(control_plane, world, "change")
    commit(world.root, "first")
    assert world.run("apply", "prod", kubeconfig=user).code == 0
    gateway = world.root / "templates/gateway.yaml.j2"
    gateway.write_text(gateway.read_text().partition("---\n")[0])
    commit(world.root, "removes a model")
    ran = world.run("apply", "prod", kubeconfig=user)
    assert ran.code == 0, ran.stdout + ran.stderr
    assert ran.prod.results["fast"] == "pruned"


def test_if_a_person_makes_the_key_no_role_creates_secrets(
    world: World, control_plane: ControlPlane
) -> None:
    documents = printed(world, "--first-apply", flow="change")
    for document in documents:
        document["rules"] = [
            rule
            for rule in document.get("rules", ())
            if not ("secrets" in rule["resources"] and "create" in rule["verbs"])
        ]
        if "Binding" in document["kind"]:
            del document["rules"]
    bind(control_plane, documents)
    of = account(control_plane, world, "reconciler-change")
    await_access(control_plane, of, atoms(documents), allowed=True)
    user = of.kubeconfig
    refused = world.run("key", "prod", kubeconfig=user)
    assert refused.code == 5, refused.stdout + refused.stderr
    assert f"allow create on secrets in {world.namespace}" in refused.stderr
    made = world.run("key", "prod")
    assert made.code == 0, made.stderr
    ran = world.run("apply", "prod", kubeconfig=user)
    assert ran.code == 0, ran.stdout + ran.stderr
    assert [bool(s["reading"]["fingerprint"]) for s in ran.prod["secrets"]] == [True, True]


def test_a_first_review_asks_for_no_permission_to_read_secrets(
    world: World, control_plane: ControlPlane
) -> None:
    ran = world.run("diff", "prod", kubeconfig=grant(control_plane, world, "review"))
    assert ran.code == 1
    assert [each["subject"] for each in ran.prod["unchecked"]] == ["Secret", "Secret"]
    assert "allow get" not in ran.stdout
    assert "prod: 3 objects change\n" in ran.stdout


def test_a_review_sees_the_same_as_the_admin_and_cannot_write(
    applied: World, control_plane: ControlPlane
) -> None:
    applied.edit("environments/prod/values.yaml", "claude-sonnet-4-5", "claude-opus-4-1")
    control_plane.kubectl(
        "patch", "modelproviders.agent.flokoa.ai", "gateway", "-n", applied.namespace,
        "--type=merge", '-p={"spec":{"openai":{"baseURL":"https://other.example.com/v1"}}}',
    )  # fmt: skip
    user = grant(control_plane, applied, "review")
    review = applied.run("diff", "prod", kubeconfig=user)
    admin = applied.run("diff", "prod")
    assert review.code == admin.code == 1
    assert compared(review.prod["changes"]) == compared(admin.prod["changes"])
    assert "webhooks" in json.dumps(review.prod["notes"])
    assert [s["recorded"] for s in review.prod["secrets"]] == [True, True]
    assert applied.run("apply", "prod", kubeconfig=user).code != 0


def test_drift_under_the_watch_role_records_and_writes_no_provider(
    applied: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, applied, "watch")
    control_plane.kubectl(
        "patch", "providers.omnia.altairalabs.ai", "claude", "-n", applied.namespace,
        "--type=merge", '-p={"spec":{"model":"claude-haiku-4-5"}}',
    )  # fmt: skip
    rotate(control_plane, applied, "rotated-canary-8812")
    first = applied.run("drift", "prod", "--record", kubeconfig=user)
    assert first.code == 1, first.stdout + first.stderr
    assert first.prod.states["claude"] == "drifted"
    assert first.prod.secret("gateway")["rotation"] == "rotated"
    second = applied.run("drift", "prod", "--record", kubeconfig=user)
    row = second.prod.secret("gateway")
    assert (row["rotation"], row["noticed"]) == ("rotated", False)
    assert second.prod.states["claude"] == "drifted", "recording Secrets forgives no drift"


def complaints(ran: Ran) -> list[str]:
    """What a run says that it could not do."""
    environment = ran.prod
    read = [f"{each['subject']} {each['name']}" for each in environment["unchecked"]]
    failed = [each["ref"]["name"] for each in environment["outcomes"] if each["result"] == "failed"]
    failed += [each["ref"]["name"] for each in environment["changes"] if each["state"] == "failed"]
    stamps = [str(each) for each in environment.body.get("stamps", ()) if "failed" in str(each)]
    pods = [row["consumer"]["name"] for row in environment["affected"] if row.get("unread")]
    notes = [
        str(note)
        for note in environment["notes"]
        if any(
            sign in str(note) for sign in ("not locked", "could not be released", "no permission")
        )
    ]
    return [*read, *failed, *stamps, *pods, *notes, *filter(None, [environment.problem])]


class TestEveryPermissionIsNeeded:
    """One is taken away at a time: the flow then says what it could not do."""

    @pytest.fixture
    def world(self, world: World, control_plane: ControlPlane) -> World:
        """With the uid of the cluster, and an agent in another namespace that reads a copy of a key."""
        uid = control_plane.request("GET", "/api/v1/namespaces/kube-system").json()
        config = "cluster: {type: kubernetes, uid: " + uid["metadata"]["uid"] + "}"
        world.edit("environments/prod/environment.yaml", "cluster: {type: kubernetes}", config)
        return world

    def hold(
        self,
        world: World,
        plane: ControlPlane,
        flow: str,
        words: tuple[str, ...],
        before: Callable[[], None],
        *options: str,
    ) -> None:
        documents = printed(world, *options, flow=flow)
        of = account(plane, world, f"reconciler-{flow}")
        bind(plane, documents)
        put(plane, documents)
        everything = atoms(documents)
        assert len(set(everything)) == len(everything)
        await_access(plane, of, everything, allowed=True)
        before()
        complete = world.run(*words, kubeconfig=of.kubeconfig)
        assert complete.prod.body["exitCode"] in (0, 1), complete.stdout + complete.stderr
        expected = complaints(complete)
        assert (
            all(each.startswith("Secret ") for each in expected)
            if flow == "review"
            else (expected == [])
        )
        unneeded = []
        for missing in everything:
            put(plane, documents, missing)
            await_access(plane, of, [missing], allowed=False)
            before()
            if complaints(world.run(*words, kubeconfig=of.kubeconfig)) == expected:
                unneeded.append(missing)
            put(plane, documents)
            await_access(plane, of, [missing], allowed=True)
        assert unneeded == []

    def test_review(self, applied: World, control_plane: ControlPlane) -> None:
        self.hold(applied, control_plane, "review", ("diff", "prod"), lambda: None)

    def test_watch(self, applied: World, control_plane: ControlPlane) -> None:
        own = applied.namespace
        for body in (agent("helper", own), runtime("shop", own)):
            body["metadata"].pop("creationTimestamp")
            control_plane.apply(json.dumps(body))
        start_pod(control_plane, own, "old", {"flokoa.ai/agent": "helper"}, from_now(hours=-1))
        turns = iter(range(1000))

        def rotated() -> None:
            rotate(control_plane, applied, f"rotated-canary-{next(turns)}")

        words = ("drift", "prod", "--record")
        self.hold(applied, control_plane, "watch", words, rotated, "--pods")

    def test_change(self, world: World, control_plane: ControlPlane) -> None:
        def nothing_applied() -> None:
            for path in (*OBJECTS, *OF_THE_FIRST_APPLY):
                answer = control_plane.request("DELETE", path.format(world.namespace))
                assert answer.status_code in (200, 404)

        words = ("apply", "prod")
        self.hold(world, control_plane, "change", words, nothing_applied, "--first-apply")

    def test_stamp(self, applied: World, control_plane: ControlPlane) -> None:
        turns = iter(range(1000))

        def rotated() -> None:
            for name, key in (("gateway", "api-key"), ("claude", "ANTHROPIC_API_KEY")):
                value = {"stringData": {key: f"rotated-canary-{next(turns)}"}}
                control_plane.kubectl(
                    "patch", "secret", name, "-n", applied.namespace,
                    "--type=merge", f"-p={json.dumps(value)}",
                )  # fmt: skip

        self.hold(applied, control_plane, "stamp", ("stamp", "prod"), rotated)


@pytest.mark.parametrize("flow", FLOWS)
def test_no_role_may_list_secrets_or_delete_anything(flow: str, tmp_path: Any) -> None:
    world = World.make(tmp_path / "config", {"prod": "llm"})
    rules = [rule for document in printed(world, flow=flow) for rule in document.get("rules", ())]
    assert "delete" not in {verb for rule in rules for verb in rule["verbs"]}
    secrets = [rule for rule in rules if "secrets" in rule["resources"]]
    assert bool(secrets) == (flow != "review")
    assert {verb for rule in secrets for verb in rule["verbs"]} <= {"get"}
    assert [rule for rule in secrets if "resourceNames" not in rule] == []


def compared(changes: list[dict[str, object]]) -> list[dict[str, object]]:
    keys = ("ref", "state", "action", "differences", "foreign", "force")
    return [{key: change[key] for key in keys} for change in changes]
