"""Each flow runs under exactly the Roles that the README shows, on the real API server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.world import World

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"```yaml\n# role: (\w+)\n(.*?)```", re.DOTALL)
FLOWS = {
    "review": "diff-runner",
    "change": "apply-runner",
    "watch": "drift-runner",
    "stamp": "spare-2",
}
CONSUMERS = "consumers"  # for all of them, in every namespace


def shown_roles() -> dict[str, str]:
    return dict(_BLOCK.findall(README.read_text()))


def grant(
    plane: ControlPlane,
    world: World,
    flow: str,
    *,
    user: str = "",
    without: str = "",
    consumers: bool = True,
) -> Path:
    """Bind the README's Roles of a flow, moved to this test's namespace and Secrets; without the rules of a group."""
    user = user or FLOWS[flow]
    text = shown_roles()[flow]
    if without:
        rules = rf"  - apiGroups: \[{without}\]\n(?:    .*\n)+"
        text, count = re.subn(rules, "", text)
        assert count, f"the Role has no rule for {without}"
    text = re.sub(r"namespace: (omnia|llm-system)", f"namespace: {world.namespace}", text)
    text = text.replace("[anthropic, openai]", "[claude, gateway]")
    # Both Roles land in one namespace here, so they need names of their own.
    for part, home in zip(text.split("---\n"), ("", "-home"), strict=True):
        role = part.replace(f"reconciler-{flow}", f"reconciler-{flow}{home}")
        plane.apply(role)
        plane.kubectl(
            "create", "rolebinding", f"{flow}{home}", "-n", world.namespace,
            f"--role=reconciler-{flow}{home}", f"--user={user}",
        )  # fmt: skip
    if consumers:
        plane.apply(shown_roles()[CONSUMERS].partition('  - apiGroups: [""]')[0])
        plane.kubectl(
            "create", "clusterrolebinding", f"consumers-{world.namespace}-{flow}",
            "--clusterrole=reconciler-consumers", f"--user={user}",
        )  # fmt: skip
    return plane.kubeconfig_for(user)


def test_the_readme_shows_a_role_for_each_flow() -> None:
    assert set(shown_roles()) == {*FLOWS, CONSUMERS}


def test_without_the_roles_nothing_works(world: World, control_plane: ControlPlane) -> None:
    ran = world.run("diff", "prod", kubeconfig=control_plane.kubeconfig_for("spare-1"))
    assert ran.code == 6
    assert set(ran.prod.states.values()) == {"failed"}


def test_a_first_apply_under_the_change_role(world: World, control_plane: ControlPlane) -> None:
    user = grant(control_plane, world, "change")
    ran = world.run("apply", "prod", kubeconfig=user)
    assert ran.code == 0, ran.stdout + ran.stderr
    assert set(ran.prod.results.values()) == {"created"}
    assert [bool(s["reading"]["fingerprint"]) for s in ran.prod["secrets"]] == [True, True]
    assert world.run("apply", "prod", kubeconfig=user).code == 0


def test_if_a_person_makes_the_key_no_role_creates_secrets(
    world: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, world, "change")
    # The verb `create` on Secrets is in a rule with ConfigMaps: without it, both are made by a person.
    role = control_plane.kubectl(
        "get", "role", "reconciler-change-home", "-n", world.namespace, "-o", "json"
    )
    body = json.loads(role.stdout)
    for rule in body["rules"]:
        if rule["verbs"] == ["create"] and "secrets" in rule["resources"]:
            rule["resources"] = ["configmaps"]
    control_plane.apply(json.dumps(body))
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
    control_plane.kubectl(
        "patch", "secret", "gateway", "-n", applied.namespace,
        "--type=merge", '-p={"stringData":{"api-key":"rotated-canary-8812"}}',
    )  # fmt: skip
    first = applied.run("drift", "prod", "--record", kubeconfig=user)
    assert first.code == 1, first.stdout + first.stderr
    assert first.prod.states["claude"] == "drifted"
    assert first.prod.secret("gateway")["rotation"] == "rotated"
    second = applied.run("drift", "prod", "--record", kubeconfig=user)
    row = second.prod.secret("gateway")
    assert (row["rotation"], row["noticed"]) == ("rotated", False)
    assert second.prod.states["claude"] == "drifted", "recording Secrets forgives no drift"


@pytest.mark.parametrize("flow", sorted(FLOWS))
def test_no_role_may_list_secrets_or_delete_anything(flow: str) -> None:
    assert "delete" not in shown_roles()[flow]
    rules = shown_roles()[flow].split("- apiGroups")[1:]
    reading = [rule for rule in rules if "secrets" in rule and "create" not in rule]
    assert bool(reading) == (flow != "review")
    assert [rule for rule in reading if "verbs: [get]" not in rule] == []
    assert [rule for rule in reading if "resourceNames" not in rule] == []


def compared(changes: list[dict[str, object]]) -> list[dict[str, object]]:
    keys = ("ref", "state", "action", "differences", "foreign", "force")
    return [{key: change[key] for key in keys} for change in changes]
