"""Rules of policy.ignore on a real API server: by the command, with a note on a rule that matches nothing."""

from __future__ import annotations

from tests.controlplane.plane import ControlPlane
from tests.e2e.test_in_sync import PROVIDERS, patch, verdict
from tests.world import World


def test_what_a_controller_holds_is_in_sync_and_a_url_is_not(
    applied: World, control_plane: ControlPlane
) -> None:
    rules = '{ignore: [{field: "spec.*", manager: cost-controller}, {field: spec.role, kind: Provider}]}'
    applied.edit("environments/prod/environment.yaml", "manifests:", f"policy: {rules}\nmanifests:")
    spec = {"defaults": {"maxTokens": 100}}
    patch(control_plane, applied, PROVIDERS, "claude", spec, "cost-controller")
    ran = applied.run("drift", "prod")
    assert (ran.code, verdict(ran)) == (0, "prod: in sync")
    assert "1 ignored field" in ran.stdout
    assert "policy.ignore[1]: nobody else owns spec.role of a Provider" in ran.stdout
    assert applied.run("diff", "prod").code == 0

    url = {"baseURL": "https://evil.example.com/v1"}
    patch(control_plane, applied, PROVIDERS, "claude", url, "cost-controller")
    ran = applied.run("drift", "prod")
    assert (ran.code, ran.stdout.splitlines()[-1]) == (1, "exit 1: extra fields")
    assert "spec.baseURL decides where prompts and keys go" in ran.stdout

    applied.edit("environments/prod/environment.yaml", "spec.role", "spec.baseURL")
    ran = applied.run("apply", "prod")
    assert (ran.code, ran.prod.results["claude"]) == (0, "unchanged")
    (deciding,) = [each for each in ran.prod.change("claude")["ignored"] if each["decides"]]
    assert deciding == {"path": ["spec", "baseURL"], "manager": "cost-controller", "decides": True}


def test_a_rule_that_nothing_can_match_is_an_error(world: World) -> None:
    rules = "{ignore: [{field: baseURL}, {field: spec.model, kind: Provder}]}"
    world.edit("environments/prod/environment.yaml", "manifests:", f"policy: {rules}\nmanifests:")
    ran = world.run("validate", "prod")
    assert ran.code == 2
    assert "no field can match `policy.ignore[0].field`" in ran.stdout
    assert "write spec.baseURL" in ran.stdout
    assert "did you mean Provider?" in ran.stdout
