"""`rbac`: what the options change in what it prints. That it suffices, and is needed, is held on a real API server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.interpreters.warm import Ended, command
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path / "config", {"prod": "llm"})


def rbac(world: World, *options: str) -> Ended:
    clean = {name: v for name, v in os.environ.items() if not name.startswith("RECONCILER_")}
    return command("rbac", "prod", "-C", world.root, *options, env=clean)


def documents(world: World, *options: str) -> list[dict[str, Any]]:
    ended = rbac(world, *options)
    assert ended.code == 0, ended.stderr
    return list(yaml.safe_load_all(ended.stdout))


def subjects(world: World, *options: str) -> list[dict[str, Any]]:
    bindings = [d for d in documents(world, *options) if d["kind"].endswith("Binding")]
    (first, *rest) = [binding["subjects"] for binding in bindings]
    assert all(each == first for each in rest)
    return list(first)


def permissions(world: World, *options: str) -> set[tuple[str, str, str, str]]:
    """Namespace, verb, resource, name."""
    return {
        (document["metadata"].get("namespace", ""), verb, plural, name)
        for document in documents(world, *options)
        for rule in document.get("rules", ())
        for plural in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


def test_the_account_is_of_the_flow_unless_another_is_named(world: World) -> None:
    own = {"kind": "ServiceAccount", "name": "reconciler-watch", "namespace": "llm"}
    assert subjects(world) == [own]
    other = {"kind": "ServiceAccount", "name": "ci", "namespace": "jobs"}
    assert subjects(world, "--subject", "serviceaccount:jobs/ci") == [other]
    api = "rbac.authorization.k8s.io"
    assert subjects(world, "--subject", "group:oidc:deployers") == [
        {"kind": "Group", "name": "oidc:deployers", "apiGroup": api}
    ]


@pytest.mark.parametrize(
    "subject",
    [
        "alice",
        "user:",
        "serviceaccount:ci",
        "role:a",
        "serviceaccount:A/ci",
        "serviceaccount:a/b c",
    ],
)
def test_a_subject_of_another_form_is_a_usage_error(world: World, subject: str) -> None:
    ended = rbac(world, "--subject", subject)
    assert (ended.code, ended.stdout) == (2, "")
    assert f"--subject {subject}: not a subject" in ended.stderr


def test_no_api_server_has_a_namespace_of_this_name(world: World) -> None:
    ended = rbac(world, "--consumers", "agents", "--consumers", "two words")
    assert (ended.code, ended.stdout) == (2, "")
    assert "--consumers two words: not the name of a namespace" in ended.stderr


def test_namespaced_leaves_no_rule_for_the_whole_cluster(world: World) -> None:
    assert any(not place for place, *_ in permissions(world))
    listed = permissions(world, "--namespaced", "--pods")
    assert all(place for place, *_ in listed)
    assert {("llm", "list", "agents", ""), ("llm", "list", "pods", "")} <= listed


def test_consumers_read_copies_of_the_secrets_in_their_own_namespace(world: World) -> None:
    more = permissions(world, "--consumers", "agents") - permissions(world)
    assert more == {
        ("agents", "get", "secrets", "claude"),
        ("agents", "get", "secrets", "gateway"),
    }


def test_external_secrets_are_read_where_the_secrets_are(world: World) -> None:
    more = permissions(world, "--external-secrets") - permissions(world)
    assert more == {("llm", "get", "externalsecrets", "")}
    review = ("--flow", "review")
    assert permissions(world, *review, "--external-secrets") == permissions(world, *review)


def test_every_kind_is_listed_in_every_namespace_of_the_environment(world: World) -> None:
    """An object that somebody made by hand may be of a kind that git does not have."""
    world.edit("environments/prod/environment.yaml", "[llm]", "[llm, other]")
    (world.root / "templates/claude.yaml.j2").unlink()
    gateway = (world.root / "templates/gateway.yaml.j2").read_text()
    world.write(
        {"templates/gateway.yaml.j2": gateway.replace("metadata:", "metadata:\n  namespace: llm")}
    )
    everything = permissions(world, "--namespaced")
    kinds = ("models", "modelproviders", "providers")
    listed = {
        (p, plural) for p, verb, plural, _ in everything if verb == "list" and plural in kinds
    }
    assert listed == {(place, kind) for place in ("llm", "other") for kind in kinds}
    written = permissions(world, "--flow", "change")
    assert {(p, plural) for p, verb, plural, _ in written if verb == "patch"} == {
        ("llm", "models"),
        ("llm", "modelproviders"),
    }
    config = "environments/prod/environment.yaml"
    world.edit(config, "manifests:", "policy: {unmanaged: ignore}\nmanifests:")
    ignoring = permissions(world, "--namespaced")
    assert {rule[:3] for rule in everything - ignoring} == {
        ("llm", "list", "providers"),
        ("other", "list", "providers"),
        ("other", "list", "modelproviders"),
    }


def test_the_uid_of_the_cluster_takes_the_namespace_that_has_it(world: World) -> None:
    config = "environments/prod/environment.yaml"
    world.edit(config, "{type: kubernetes}", "{type: kubernetes, uid: 7f0d}")
    assert ("", "get", "namespaces", "kube-system") in permissions(world)


def test_only_a_first_apply_creates_in_the_home_namespace(world: World) -> None:
    more = permissions(world, "--flow", "change", "--first-apply")
    more -= permissions(world, "--flow", "change")
    assert more == {("llm", "create", each, "") for each in ("configmaps", "secrets", "leases")}


def test_no_role_is_printed_for_a_secret_that_is_never_read(world: World) -> None:
    world.edit(
        "templates/gateway.yaml.j2", "name: gateway\n    key", "name: sh.helm.release.v1.a\n    key"
    )
    assert {name for _, _, plural, name in permissions(world) if plural == "secrets"} == {
        "claude",
        "provider-reconciler-key",
    }


def test_an_invalid_environment_has_no_roles(world: World) -> None:
    world.edit("templates/claude.yaml.j2", "type: claude", "type: anthropic")
    ended = rbac(world)
    assert (ended.code, ended.stdout) == (3, "")
    assert "K8S004" in ended.stderr


def test_only_an_apply_that_prunes_may_delete(world: World) -> None:
    def deleted(flow: str) -> set[str]:
        return {
            plural for _, verb, plural, _ in permissions(world, "--flow", flow) if verb == "delete"
        }

    assert deleted("change") == set()
    world.edit(
        "environments/prod/environment.yaml", "manifests:", "policy: {prune: true}\nmanifests:"
    )
    assert deleted("change") == {"providers", "modelproviders", "models"}
    assert deleted("watch") == deleted("review") == set()


class TestAfter:
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        world = World.make(tmp_path / "config", {"staging": "llm-staging", "prod": "llm"})
        world.edit(
            "environments/prod/environment.yaml", "manifests:", "after: [staging]\nmanifests:"
        )
        return world

    def test_the_record_of_the_earlier_environment_is_read(self, world: World) -> None:
        record = ("llm-staging", "get", "configmaps", "provider-reconciler-staging")
        for flow in ("review", "change"):
            assert record in permissions(world, "--flow", flow)
        assert record not in permissions(world, "--flow", "watch")

    def test_on_another_cluster_it_is_said(self, world: World) -> None:
        path = "environments/staging/environment.yaml"
        cluster = "cluster: {type: kubernetes, context: other}\n"
        before = (world.root / path).read_text()
        lines = [line for line in before.splitlines(True) if not line.startswith("cluster:")]
        (world.root / path).write_text("".join([*lines, cluster]))
        ended = rbac(world, "--flow", "change")
        assert "staging" not in ended.stdout
        assert "staging is on another cluster, kubernetes:other" in ended.stderr
        assert not rbac(world, "--flow", "watch").stderr, "a watch does not read it"


def test_events_may_be_created_where_the_environment_asks_for_them(world: World) -> None:
    flows = ("review", "change", "watch", "stamp")
    before = {flow: permissions(world, "--flow", flow) for flow in flows}
    assert not any("events" in rule for rules in before.values() for rule in rules)
    path = "environments/prod/environment.yaml"
    world.edit(path, "manifests:", "notify: {events: true}\nmanifests:")
    event = {("llm", "create", "events", "")}
    for flow in flows:
        more = permissions(world, "--flow", flow) - before[flow]
        assert more == (event if flow in ("change", "watch") else set())
