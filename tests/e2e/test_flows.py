"""The main job on a real API server, by the installed command."""

from __future__ import annotations

import json

from tests.controlplane.plane import ControlPlane
from tests.e2e.conftest import CLAUDE_KEY, GATEWAY_KEY
from tests.world import World, secret

PROVIDER = "providers.omnia.altairalabs.ai"


def live(plane: ControlPlane, world: World, plural: str, name: str) -> dict[str, object]:
    answer = plane.kubectl("get", plural, name, "-n", world.namespace, "-o", "json")
    return dict(json.loads(answer.stdout))


def test_a_first_diff_shows_everything_as_new_and_writes_nothing(
    world: World, control_plane: ControlPlane
) -> None:
    mark = control_plane.audit.mark()
    ran = world.run("diff", "prod")
    assert ran.code == 1, ran.stderr
    assert ran.prod.states == {"gateway": "new", "fast": "new", "claude": "new"}
    assert writes(control_plane, world, mark) == []


def test_apply_creates_then_has_nothing_to_do_and_sends_no_write(
    world: World, control_plane: ControlPlane
) -> None:
    first = world.run("apply", "prod")
    assert first.code == 0, first.stdout + first.stderr
    assert set(first.prod.results.values()) == {"created"}
    assert world.run("diff", "prod").code == 0

    mark = control_plane.audit.mark()
    second = world.run("apply", "prod")
    assert second.code == 0
    assert set(second.prod.results.values()) == {"unchanged"}
    assert writes(control_plane, world, mark) == []


def test_what_is_stored_is_what_git_says_with_the_applyset_label(
    applied: World, control_plane: ControlPlane
) -> None:
    body = live(control_plane, applied, PROVIDER, "claude")
    assert body["spec"] == {
        "type": "claude",
        "model": "claude-sonnet-4-5",
        "role": "llm",
        "credential": {"secretRef": {"name": "claude", "key": "ANTHROPIC_API_KEY"}},
        "defaults": {"maxTokens": 4096, "truncationStrategy": "sliding"},
    }
    parent = live(control_plane, applied, "configmap", "provider-reconciler-prod")
    set_id = parent["metadata"]["labels"]["applyset.kubernetes.io/id"]  # type: ignore[index]
    labels = body["metadata"]["labels"]  # type: ignore[index]
    assert labels == {"applyset.kubernetes.io/part-of": set_id}


def test_kubectl_takes_the_parent_for_an_applyset(
    applied: World, control_plane: ControlPlane
) -> None:
    """The same rules as kubectl's: it names the tool that owns the set instead of calling it broken."""
    answer = control_plane.kubectl(
        "get", "configmap", "-n", applied.namespace, "-l", "applyset.kubernetes.io/id", "-o", "json"
    )
    (parent,) = json.loads(answer.stdout)["items"]
    annotations = parent["metadata"]["annotations"]
    assert annotations["applyset.kubernetes.io/tooling"].startswith("provider-reconciler/v")
    assert annotations["applyset.kubernetes.io/contains-group-kinds"] == (
        "Model.agent.flokoa.ai,ModelProvider.agent.flokoa.ai,Provider.omnia.altairalabs.ai"
    )


def test_a_change_in_git_is_shown_field_by_field_and_applied(
    applied: World, control_plane: ControlPlane
) -> None:
    applied.edit("environments/prod/values.yaml", "claude-sonnet-4-5", "claude-opus-4-1")
    ran = applied.run("diff", "prod")
    assert ran.code == 1
    assert ran.prod.states == {"gateway": "unchanged", "fast": "unchanged", "claude": "changed"}
    (path,) = ran.prod.differences("claude")
    difference = ran.prod.differences("claude")[path]
    assert (path, difference["why"]) == ("spec.model", "change")
    assert difference["where"]["path"] == "environments/prod/values.yaml"
    assert difference["where"]["line"] == 2

    assert applied.run("apply", "prod").prod.results["claude"] == "configured"
    body = live(control_plane, applied, PROVIDER, "claude")
    assert body["spec"]["model"] == "claude-opus-4-1"  # type: ignore[index]


def test_an_edit_by_kubectl_is_drift_with_its_manager_and_is_reclaimed(
    applied: World, control_plane: ControlPlane
) -> None:
    patch_model(control_plane, applied, "claude-haiku-4-5")
    ran = applied.run("drift", "prod")
    assert ran.code == 1
    assert ran.prod.states["claude"] == "drifted"
    difference = ran.prod.differences("claude")["spec.model"]
    assert difference["why"] == "drift"
    assert difference["by"]["manager"] == "kubectl-patch"
    assert difference["by"]["operation"] == "Update"
    assert difference["by"]["time"].endswith("Z")
    assert difference["live"]["value"] == "claude-haiku-4-5"
    assert difference["predicted"]["value"] == "claude-sonnet-4-5"

    assert applied.run("apply", "prod").code == 0
    assert applied.run("drift", "prod").code == 0


def test_a_field_removed_by_kubectl_is_drift_and_comes_back(
    applied: World, control_plane: ControlPlane
) -> None:
    control_plane.kubectl(
        "patch", PROVIDER, "claude", "-n", applied.namespace, "--type=json",
        '-p=[{"op":"remove","path":"/spec/defaults/maxTokens"}]',
    )  # fmt: skip
    ran = applied.run("drift", "prod")
    assert ran.prod.states["claude"] == "drifted"
    difference = ran.prod.differences("claude")["spec.defaults.maxTokens"]
    assert (difference["why"], difference["by"]) == ("drift", None)
    assert applied.run("apply", "prod").code == 0
    body = live(control_plane, applied, PROVIDER, "claude")
    assert body["spec"]["defaults"]["maxTokens"] == 4096  # type: ignore[index]


def test_a_field_that_someone_added_is_told_and_stays(
    applied: World, control_plane: ControlPlane
) -> None:
    control_plane.kubectl(
        "patch", PROVIDER, "claude", "-n", applied.namespace, "--type=merge",
        '-p={"spec":{"headers":{"X-Route":"canary-of-a-header"}}}',
    )  # fmt: skip
    ran = applied.run("drift", "prod")
    (added,) = ran.prod.change("claude")["foreign"]
    assert added["path"] == ["spec", "headers", "X-Route"]
    assert added["by"]["manager"] == "kubectl-patch"
    assert "canary-of-a-header" not in ran.stdout + json.dumps(ran.report)
    applied.run("apply", "prod")
    body = live(control_plane, applied, PROVIDER, "claude")
    assert body["spec"]["headers"] == {"X-Route": "canary-of-a-header"}  # type: ignore[index]


def test_a_conflict_on_a_field_that_never_was_ours_stops_that_object_only(
    world: World, control_plane: ControlPlane
) -> None:
    manifest = {
        "apiVersion": "omnia.altairalabs.ai/v1alpha1",
        "kind": "Provider",
        "metadata": {"name": "claude"},
        "spec": {"type": "claude", "model": "by-hand"},
    }
    control_plane.apply(json.dumps(manifest), "-n", world.namespace, "--field-manager=team-b")
    ran = world.run("apply", "prod")
    assert ran.code == 8
    assert ran.prod.results == {"gateway": "created", "fast": "created", "claude": "refused"}
    assert ran.prod.states["claude"] == "conflict"
    assert ran.prod.differences("claude")["spec.model"]["by"]["manager"] == "team-b"
    assert "team-b" in ran.stdout
    body = live(control_plane, world, PROVIDER, "claude")
    assert body["spec"]["model"] == "by-hand"  # type: ignore[index]


def test_among_two_hundred_drifted_fields_one_that_never_was_ours_is_not_taken(
    applied: World, control_plane: ControlPlane
) -> None:
    def with_headers(value: str, *more: str) -> dict[str, str]:
        return {f"X-{number:03}": value for number in range(210)} | dict.fromkeys(more, value)

    template = applied.root / "templates/claude.yaml.j2"
    text = template.read_text()
    template.write_text(f"{text}  headers: {json.dumps(with_headers('ours'))}\n")
    assert applied.run("apply", "prod").code == 0
    patch = json.dumps({"spec": {"headers": with_headers("theirs", "X-team-b")}})
    control_plane.kubectl(
        "patch", PROVIDER, "claude", "-n", applied.namespace, "--type=merge", f"-p={patch}",
        "--field-manager=team-b",
    )  # fmt: skip
    template.write_text(f"{text}  headers: {json.dumps(with_headers('ours', 'X-team-b'))}\n")

    ran = applied.run("apply", "prod")

    assert (ran.code, ran.prod.results["claude"]) == (8, "refused")
    after = live(control_plane, applied, PROVIDER, "claude")
    assert after["spec"]["headers"] == with_headers("theirs", "X-team-b")  # type: ignore[index]


def test_a_deleted_object_is_missing_and_comes_back(
    applied: World, control_plane: ControlPlane
) -> None:
    control_plane.kubectl("delete", PROVIDER, "claude", "-n", applied.namespace)
    ran = applied.run("drift", "prod")
    assert (ran.code, ran.prod.states["claude"]) == (1, "missing")
    assert applied.run("apply", "prod").prod.results["claude"] == "created"
    assert applied.run("drift", "prod").code == 0


def test_an_object_gone_from_git_is_kept_and_told(
    applied: World, control_plane: ControlPlane
) -> None:
    (applied.root / "templates/claude.yaml.j2").unlink()
    ran = applied.run("apply", "prod")
    assert (ran.code, ran.prod.states["claude"]) == (0, "kept")
    live(control_plane, applied, PROVIDER, "claude")


def test_a_rotated_secret_is_reported_also_after_it_is_recorded(
    applied: World, control_plane: ControlPlane
) -> None:
    rotated = "sk-ant-canary-rotated-5b8e2d"
    control_plane.kubectl(
        "apply", "-n", applied.namespace, "-f", "-",
        input=json.dumps(secret("claude", ANTHROPIC_API_KEY=rotated)),
    )  # fmt: skip
    ran = applied.run("drift", "prod")
    assert ran.code == 1
    row = ran.prod.secret("claude")
    assert row["rotation"] == "rotated"
    assert row["before"] != row["reading"]["fingerprint"]
    assert row["since"].endswith("Z")
    assert ran.prod.secret("gateway")["rotation"] == "none"
    assert ran.prod.states["claude"] == "unchanged", "the manifest itself did not change"
    output = ran.stdout + ran.stderr + json.dumps(ran.report)
    for value in (rotated, CLAUDE_KEY, GATEWAY_KEY):
        assert value not in output

    assert applied.run("drift", "prod").code == 1, "drift alone records nothing"
    assert applied.run("drift", "prod", "--record").code == 1
    assert applied.run("apply", "prod").code == 0
    assert applied.run("drift", "prod").code == 1, "nobody has dealt with it"


def test_a_missing_secret_and_a_missing_key_are_told_apart(
    applied: World, control_plane: ControlPlane
) -> None:
    control_plane.kubectl("delete", "secret", "gateway", "-n", applied.namespace)
    control_plane.kubectl(
        "patch", "secret", "claude", "-n", applied.namespace, "--type=json",
        '-p=[{"op":"move","from":"/data/ANTHROPIC_API_KEY","path":"/data/api-key"}]',
    )  # fmt: skip
    ran = applied.run("drift", "prod")
    assert ran.code == 1
    assert ran.prod.secret("gateway")["reading"]["state"] == "missing-secret"
    reading = ran.prod.secret("claude")["reading"]
    assert (reading["state"], reading["foundKeys"]) == ("missing-key", ["api-key"])


def test_one_bad_object_among_good_ones_stops_only_itself(world: World) -> None:
    """The CRD's CEL rule needs a live server; the others are created all the same."""
    world.edit("environments/prod/environment.yaml", "namespaces: [", "namespaces: [not-there, ")
    world.edit(
        "templates/claude.yaml.j2",
        "name: claude\nspec",
        "name: claude\n  namespace: not-there\nspec",
    )
    world.edit(
        "templates/gateway.yaml.j2",
        "name: gateway\nspec",
        f"name: gateway\n  namespace: {world.namespace}\nspec",
    )
    world.edit(
        "templates/gateway.yaml.j2",
        "name: fast\nspec",
        f"name: fast\n  namespace: {world.namespace}\nspec",
    )
    ran = world.run("apply", "prod")
    assert ran.code == 6
    assert ran.prod.results == {"gateway": "created", "fast": "created", "claude": "skipped"}
    assert ran.prod.states["claude"] == "waiting"


def test_an_apply_dry_run_says_what_it_would_do_and_writes_nothing(
    world: World, control_plane: ControlPlane
) -> None:
    mark = control_plane.audit.mark()
    ran = world.run("apply", "prod", "--dry-run")
    assert ran.code == 0
    assert ran.prod.states["claude"] == "new"
    assert writes(control_plane, world, mark) == []


def test_what_provably_stays_costs_no_request_and_the_server_says_the_same(
    applied: World, control_plane: ControlPlane
) -> None:
    patch_model(control_plane, applied, "claude-haiku-4-5")

    def dry_runs(*args: str) -> tuple[dict[str, str], list[str]]:
        mark = control_plane.audit.mark()
        ran = applied.run("diff", "prod", *args)
        requests = [r for r in control_plane.audit.since(mark) if r.namespace == applied.namespace]
        return ran.prod.states, sorted({r.name for r in requests if r.dry_run})

    proved, full = dry_runs(), dry_runs("--full")
    assert (
        proved[0] == full[0] == {"gateway": "unchanged", "fast": "unchanged", "claude": "drifted"}
    )
    assert (proved[1], full[1]) == (["claude"], ["claude", "fast", "gateway"])


def test_only_takes_one_object(applied: World) -> None:
    applied.edit("environments/prod/values.yaml", "claude-sonnet-4-5", "claude-opus-4-1")
    applied.edit("environments/prod/values.yaml", "gateway.example.com", "gw2.example.com")
    address = f"provider/{applied.namespace}/claude"
    assert applied.run("apply", "prod", "--only", address).prod.results == {"claude": "configured"}
    assert applied.run("diff", "prod").prod.states == {
        "gateway": "changed",
        "fast": "unchanged",
        "claude": "unchanged",
    }


def patch_model(plane: ControlPlane, world: World, model: str) -> None:
    plane.kubectl(
        "patch", PROVIDER, "claude", "-n", world.namespace, "--type=merge",
        f'-p={{"spec":{{"model":"{model}"}}}}',
    )  # fmt: skip


def writes(plane: ControlPlane, world: World, mark: object) -> list[str]:
    """Requests by our command in this namespace that wrote anything but the lock."""
    return [
        f"{r.verb} {r.resource}/{r.name}"
        for r in plane.audit.since(mark)  # type: ignore[arg-type]
        if r.namespace == world.namespace
        and r.user_agent.startswith("provider-reconciler")
        and r.verb not in ("get", "list")
        and r.resource != "leases"
        and not r.dry_run
    ]
