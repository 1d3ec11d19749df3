"""A watch says "in sync" only of what it saw to be so, on a real API server, with the README's roles."""

from __future__ import annotations

import json
import re
import shlex
import time
from collections import Counter
from typing import Any

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import grant, limit_secrets
from tests.world import CLAUDE, GATEWAY, Ran, World

PROVIDERS = "providers.omnia.altairalabs.ai"
GATEWAYS = "modelproviders.agent.flokoa.ai"
EVIL = "https://evil.example.com/v1"
MANAGER = "provider-reconciler"


def patch(
    plane: ControlPlane, world: World, plural: str, name: str, spec: dict[str, Any], manager: str
) -> None:
    body = json.dumps({"spec": spec})
    plane.kubectl(
        "patch", plural, name, "-n", world.namespace, "--type=merge", "-p", body,
        f"--field-manager={manager}",
    )  # fmt: skip


def with_policy(world: World, policy: str) -> None:
    world.edit("environments/prod/environment.yaml", "manifests:", f"policy: {policy}\nmanifests:")


def verdict(ran: Ran) -> str:
    return next(line for line in ran.stdout.splitlines() if line.startswith("prod: "))


def last_line(ran: Ran) -> str:
    return ran.stdout.splitlines()[-1]


def in_sync(world: World) -> bool:
    ran = world.run("drift", "prod")
    return (ran.code, verdict(ran)) == (0, "prod: in sync")


def test_a_host_that_someone_patched_in_fails_every_run_and_the_printed_command_undoes_it(
    applied: World, control_plane: ControlPlane
) -> None:
    assert in_sync(applied)
    patch(control_plane, applied, PROVIDERS, "claude", {"baseURL": EVIL}, "kubectl-patch")
    for verb, code in (("drift", 1), ("diff", 1), ("apply", 6)):
        ran = applied.run(verb, "prod")
        forecast = "; apply would end with 6: extra fields" if verb == "diff" else ""
        assert (ran.code, last_line(ran)) == (code, f"exit {code}: extra fields{forecast}")
        assert EVIL in ran.stdout
        assert "by kubectl-patch (Update)" in ran.stdout
    undo = re.search(r"^  undo +kubectl (.*)$", applied.run("drift", "prod").stdout, re.MULTILINE)
    assert undo is not None
    control_plane.kubectl(*shlex.split(undo[1]))
    assert in_sync(applied)


def test_below_an_empty_map_of_git_nothing_is_ours(
    world: World, control_plane: ControlPlane
) -> None:
    template = GATEWAY.replace(
        "openai:\n    baseURL: {{ values.gateway.baseURL | tojson }}", "openai: {}"
    )
    assert template != GATEWAY
    world.write({"templates/gateway.yaml.j2": template})
    assert world.run("apply", "prod").code == 0
    assert in_sync(world)
    extra = {"openai": {"baseURL": EVIL}}
    patch(control_plane, world, GATEWAYS, "gateway", extra, "kubectl-patch")
    for options in ((), ("--full",)):
        ran = world.run("diff", "prod", *options)
        forecast = "exit 1: extra fields; apply would end with 6: extra fields"
        assert (ran.code, last_line(ran)) == (1, forecast)
        (field,) = ran.prod.change("gateway")["foreign"]
        assert (field["path"], field["policy"]) == (["spec", "openai", "baseURL"], "fail")
    assert last_line(world.run("drift", "prod")) == "exit 1: extra fields"


def test_an_update_under_our_name_is_no_proof_of_us(
    applied: World, control_plane: ControlPlane
) -> None:
    patch(control_plane, applied, PROVIDERS, "claude", {"baseURL": EVIL}, MANAGER)
    assert last_line(applied.run("drift", "prod")) == "exit 1: extra fields"
    patch(control_plane, applied, PROVIDERS, "claude", {"model": "other", "baseURL": None}, MANAGER)
    ran = applied.run("drift", "prod")
    assert (ran.code, last_line(ran)) == (1, "exit 1: drift")
    (difference,) = ran.prod.change("claude")["differences"]
    assert (difference["path"], difference["why"]) == (["spec", "model"], "drift")
    assert (difference["by"]["manager"], difference["by"]["operation"]) == (MANAGER, "Update")


def test_an_apply_under_our_name_is_no_proof_of_us(
    applied: World, control_plane: ControlPlane
) -> None:
    answer = control_plane.kubectl(
        "get", PROVIDERS, "claude", "-n", applied.namespace, "-o", "json"
    )
    body = json.loads(answer.stdout)
    metadata = {key: body["metadata"][key] for key in ("name", "namespace", "labels")}
    spec = body["spec"] | {"model": "other", "baseURL": EVIL}
    sent = {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": metadata}
    control_plane.apply(json.dumps(sent | {"spec": spec}), f"--field-manager={MANAGER}")
    ran = applied.run("drift", "prod")
    assert (ran.code, last_line(ran)) == (1, "exit 1: drift")
    moved = applied.run("drift", "prod").prod.differences("claude")
    assert {path: each["why"] for path, each in moved.items()} == {
        "spec.model": "drift",
        "spec.baseURL": "drift",
    }
    assert applied.run("apply", "prod").code == 0
    assert in_sync(applied)


def test_a_secret_without_permission_is_not_checked_though_it_is_gone(
    applied: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, applied, "watch")
    ran = applied.run("drift", "prod", "--record", kubeconfig=user)
    assert (ran.code, verdict(ran)) == (0, "prod: in sync")
    limit_secrets(control_plane, applied, "claude")
    control_plane.kubectl("delete", "secret", "gateway", "-n", applied.namespace)
    ran = applied.run("drift", "prod", "--record", kubeconfig=user)
    assert verdict(ran) == "prod: in sync, 1 Secret not checked: no permission"
    assert (ran.code, last_line(ran)) == (1, "exit 1: not checked")
    (unchecked,) = ran.prod["unchecked"]
    assert unchecked["hint"] == f"allow get on secrets gateway in {applied.namespace}"
    assert ran.prod["counts"]["unchecked"] == 1
    with_policy(applied, "{failOn: [drift]}")
    assert applied.run("drift", "prod", kubeconfig=user).code == 0


@pytest.mark.parametrize(
    ("policy", "code", "ends"),
    [
        ("{}", 0, ""),
        ("{unmanaged: fail}", 1, "exit 1: unmanaged objects"),
        (
            '{allowedHosts: ["*.example.org", gateway.example.com]}',
            1,
            "exit 1: forbidden live values",
        ),
    ],
)
def test_a_provider_that_someone_made_by_hand_is_counted_and_judged(
    applied: World, control_plane: ControlPlane, policy: str, code: int, ends: str
) -> None:
    with_policy(applied, policy)
    rogue = CLAUDE.split("spec:", maxsplit=1)[0].replace("name: claude", "name: rogue")
    spec = f"spec: {{type: vllm, model: m, baseURL: {EVIL}}}\n"
    control_plane.kubectl("create", "-n", applied.namespace, "-f", "-", input=rogue + spec)
    ran = applied.run("drift", "prod")
    assert ran.code == code
    assert last_line(ran).endswith(ends)
    assert "; 1 unmanaged object" in ran.stdout
    assert [each["ref"]["name"] for each in ran.prod["unmanaged"]] == ["rogue"]
    if code == 0:
        assert verdict(ran) == "prod: in sync"
        assert "UNMANAGED   Provider" in applied.run("drift", "prod", "-v").stdout
    else:
        assert "UNMANAGED   Provider" in ran.stdout


def test_a_provider_by_hand_where_git_has_only_model_providers_is_counted_and_judged(
    world: World, control_plane: ControlPlane
) -> None:
    """Under the role of a watch, with one LIST for each kind; without a permission it is not checked."""
    (world.root / "templates/claude.yaml.j2").unlink()
    with_policy(world, "{allowedHosts: [gateway.example.com]}")
    assert world.run("apply", "prod").code == 0
    user = grant(control_plane, world, "watch")
    rogue = CLAUDE.split("spec:", maxsplit=1)[0].replace("name: claude", "name: rogue")
    spec = f"spec: {{type: vllm, model: m, baseURL: {EVIL}}}\n"
    control_plane.kubectl("create", "-n", world.namespace, "-f", "-", input=rogue + spec)
    mark = control_plane.audit.mark()
    ran = world.run("drift", "prod", kubeconfig=user)
    assert (ran.code, last_line(ran)) == (1, "exit 1: forbidden live values")
    assert [each["ref"]["name"] for each in ran.prod["unmanaged"]] == ["rogue"]
    listed = Counter(
        r.resource for r in control_plane.audit.since(mark)
        if (r.verb, r.namespace) == ("list", world.namespace)
        and r.user_agent.startswith("provider-reconciler")
    )  # fmt: skip
    assert listed == {"modelproviders": 1, "models": 1, "providers": 1}
    blind = grant(control_plane, world, "review", without="omnia.altairalabs.ai")
    ran = world.run("diff", "prod", kubeconfig=blind)
    assert f"Provider in {world.namespace}" in [each["name"] for each in ran.prod["unchecked"]]
    assert ran.prod["notInSync"] == ["not checked"]


def test_an_apply_under_our_name_is_drift_although_git_changed_as_well(
    applied: World, control_plane: ControlPlane
) -> None:
    """Which of the two changed a field, nobody can tell; that somebody else did change the object is never lost."""
    answer = control_plane.kubectl(
        "get", PROVIDERS, "claude", "-n", applied.namespace, "-o", "json"
    )
    body = json.loads(answer.stdout)
    metadata = {key: body["metadata"][key] for key in ("name", "namespace", "labels")}
    sent = {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": metadata}
    spec = body["spec"] | {"model": "other"}
    time.sleep(1.1)  # managedFields has whole seconds
    control_plane.apply(json.dumps(sent | {"spec": spec}), f"--field-manager={MANAGER}")
    applied.edit("environments/prod/values.yaml", "maxTokens: 4096", "maxTokens: 8192")
    ran = applied.run("drift", "prod")
    assert (ran.code, last_line(ran)) == (1, "exit 1: drift")
    moved = ran.prod.differences("claude")
    assert {path: each["why"] for path, each in moved.items()} == {
        "spec.model": "drift",
        "spec.defaults.maxTokens": "drift",
    }
    assert applied.run("apply", "prod").code == 0
    assert in_sync(applied)


def test_apply_takes_out_what_others_added_under_the_change_role(
    applied: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, applied, "change")
    with_policy(applied, "{extraFields: remove}")
    extra = {"baseURL": EVIL, "headers": {"X-Key": "a"}}
    patch(control_plane, applied, PROVIDERS, "claude", extra, "kubectl-patch")
    watched = applied.run("drift", "prod")
    assert (watched.code, last_line(watched)) == (1, "exit 1: drift")
    assert re.search(r"undo     reconciler apply prod .*--only provider/", watched.stdout)
    ran = applied.run("apply", "prod", kubeconfig=user)
    assert ran.code == 0, ran.stdout + ran.stderr
    assert ran.prod.results["claude"] == "configured"
    answer = control_plane.kubectl(
        "get", PROVIDERS, "claude", "-n", applied.namespace, "-o", "json"
    )
    assert not {"baseURL", "headers"} & json.loads(answer.stdout)["spec"].keys()
    assert in_sync(applied)
    assert set(applied.run("apply", "prod", kubeconfig=user).prod.results.values()) == {"unchanged"}


def test_a_provider_that_someone_deleted_and_made_again_is_drift_and_reclaimed(
    applied: World, control_plane: ControlPlane
) -> None:
    answer = control_plane.kubectl(
        "get", PROVIDERS, "claude", "-n", applied.namespace, "-o", "json"
    )
    body = json.loads(answer.stdout)
    metadata = {key: body["metadata"][key] for key in ("name", "namespace")}
    again = body | {"metadata": metadata, "spec": body["spec"] | {"model": "other"}}
    again.pop("status", None)
    control_plane.kubectl("delete", PROVIDERS, "claude", "-n", applied.namespace)
    control_plane.kubectl("create", "-f", "-", input=json.dumps(again))
    ran = applied.run("drift", "prod")
    assert (ran.code, last_line(ran)) == (1, "exit 1: drift")
    assert "someone else deleted it and created it again" in ran.stdout
    assert applied.run("apply", "prod").code == 0
    assert in_sync(applied)


def test_an_object_that_lost_its_owners_is_drift_and_becomes_ours_again(
    applied: World, control_plane: ControlPlane
) -> None:
    """Its values are as in git, but a field that git removes later would have stayed, and no conflict be noticed."""
    user = grant(control_plane, applied, "change")
    place = (PROVIDERS, "claude", "-n", applied.namespace)
    wipe = '[{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}]'
    control_plane.kubectl("patch", *place, "--type=json", "-p", wipe)
    for verb in ("drift", "diff"):
        ran = applied.run(verb, "prod")
        assert (ran.code, last_line(ran)) == (1, "exit 1: drift")
        assert "someone removed our entry from its managedFields" in ran.stdout
        assert (ran.prod.change("claude")["differences"], ran.prod["notInSync"]) == ([], ["drift"])
    # Git moves on meanwhile, and the apply still removes what is no longer in it.
    limit = "  defaults:\n    maxTokens: {{ values.claude.maxTokens }}\n"
    applied.edit("templates/claude.yaml.j2", limit, "")
    ran = applied.run("diff", "prod")
    assert ran.prod.differences("claude")["spec.defaults.maxTokens"]["why"] == "drift"
    ran = applied.run("apply", "prod", kubeconfig=user)
    assert (ran.code, ran.prod.results["claude"]) == (0, "configured"), ran.everything
    live = json.loads(control_plane.kubectl("get", *place, "-o", "json").stdout)
    assert "maxTokens" not in live["spec"].get("defaults", {})
    assert in_sync(applied)


def test_a_value_that_someone_changed_and_changed_back_is_no_longer_ours(
    applied: World, control_plane: ControlPlane
) -> None:
    for model in ("other", "claude-sonnet-4-5"):
        patch(control_plane, applied, PROVIDERS, "claude", {"model": model}, "kubectl-edit")
    ran = applied.run("drift", "prod")
    assert (ran.code, last_line(ran)) == (1, "exit 1: drift")
    assert "spec.model is no longer ours: kubectl-edit (Update) wrote the same value" in ran.stdout
    assert applied.run("apply", "prod").code == 0
    assert in_sync(applied)


def test_who_makes_an_object_belong_to_another_one_lets_it_be_deleted(
    applied: World, control_plane: ControlPlane
) -> None:
    """The garbage collector deletes it with its owner."""
    place = (PROVIDERS, "claude", "-n", applied.namespace)
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "boss", "uid": "1-2-3"}
    body = json.dumps({"metadata": {"ownerReferences": [owner]}})
    manager = "--field-manager=other-controller"
    control_plane.kubectl("patch", *place, "--type=merge", "-p", body, manager)
    ran = applied.run("drift", "prod")
    assert (ran.code, last_line(ran)) == (1, "exit 1: extra fields")
    assert "someone else added an owner: the object is deleted with it" in ran.stdout
    assert "by other-controller (Update)" in ran.stdout
    undo = re.search(r"^  undo +kubectl (.*)$", ran.stdout, re.MULTILINE)
    assert undo is not None
    control_plane.kubectl(*shlex.split(undo[1]))
    assert in_sync(applied)
    control_plane.kubectl("patch", *place, "--type=merge", "-p", body, manager)
    with_policy(applied, "{extraFields: {metadata.ownerReferences: report}}")
    assert in_sync(applied)
    applied.edit("environments/prod/environment.yaml", "s: report", "s: remove")
    assert applied.run("apply", "prod").code == 0
    assert in_sync(applied)
