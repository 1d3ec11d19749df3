"""What consumers read, on the real API server: another namespace, copies, certificates, Secrets that nobody may use."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from tests.controlplane.plane import ControlPlane
from tests.e2e.conftest import GATEWAY_KEY
from tests.e2e.test_impact import from_now, start_pod
from tests.world import Ran, World, secret

AGENT = """\
apiVersion: agent.flokoa.ai/v1alpha1
kind: Model
metadata: {name: theirs}
spec: {model: gpt-5-mini, providerRef: {name: gateway, namespace: %s}}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: Agent
metadata: {name: support}
spec: {modelRef: {name: theirs}, runtime: {}}
"""
SOON = timedelta(days=12, hours=1)


@pytest.fixture
def elsewhere(applied: World, control_plane: ControlPlane) -> str:
    """Another namespace, with an agent that uses the provider of ours."""
    namespace = f"{applied.namespace}-b"
    control_plane.create("namespaces", {"metadata": {"name": namespace}})
    control_plane.apply(AGENT % applied.namespace, "-n", namespace)
    return namespace


def consumed(ran: Ran) -> list[tuple[str, str, str, str]]:
    return [
        (
            row["consumer"]["kind"],
            row["reference"]["namespace"],
            row["reading"]["state"],
            row["copy"],
        )
        for row in ran.prod["consumerSecrets"]
    ]


def secret_requests(plane: ControlPlane, mark: int, *namespaces: str) -> list[str]:
    return sorted(
        f"{r.verb} {r.namespace}/{r.name}"
        for r in plane.audit.since(mark)
        if r.resource == "secrets"
        and r.namespace in namespaces
        and r.user_agent.startswith("provider-reconciler")
    )


def test_an_agent_of_another_namespace_without_the_secret_fails_the_run(
    applied: World, elsewhere: str, control_plane: ControlPlane
) -> None:
    mark = control_plane.audit.mark()
    ran = applied.run("drift", "prod")
    ours = applied.namespace
    assert consumed(ran) == [("Agent", elsewhere, "missing-secret", "unknown")], ran.stdout
    assert (ran.code, ran.prod["exitReasons"]) == (1, ["missing key"])
    assert f"NO SECRET   Secret {elsewhere}/gateway [api-key]" in ran.stdout
    assert f"fix      create it in namespace {elsewhere} with the key api-key" in ran.stdout
    read = [f"{ours}/claude", f"{ours}/gateway", f"{ours}/provider-reconciler-key"]
    assert secret_requests(control_plane, mark, ours, elsewhere) == sorted(
        f"get {name}" for name in (*read, f"{elsewhere}/gateway")
    )


@pytest.mark.parametrize(
    ("value", "copy", "words"),
    [(GATEWAY_KEY, "same", ""), ("gw-canary-another-0b1c2d3e", "different", "COPY DIFFERS")],
)
def test_copies_are_the_same_or_different_and_show_no_value(
    applied: World, elsewhere: str, control_plane: ControlPlane, value: str, copy: str, words: str
) -> None:
    body = secret("gateway", **{"api-key": value})
    control_plane.create(f"namespaces/{elsewhere}/secrets", body)
    ran = applied.run("drift", "prod")
    assert consumed(ran) == [("Agent", elsewhere, "ok", copy)]
    assert words in ran.stdout
    assert ran.code == 0, ran.stdout
    assert ran.prod["notInSync"] == (["consumers with another key"] if words else [])
    assert "likeness" not in json.dumps(ran.report)
    assert "canary" not in ran.everything


def test_a_rotation_of_a_copy_is_told_until_somebody_deals_with_it(
    applied: World, elsewhere: str, control_plane: ControlPlane
) -> None:
    """It differed before, so that nothing else changes; the operator reads another Secret."""
    path = f"namespaces/{elsewhere}/secrets"
    control_plane.create(path, secret("gateway", **{"api-key": "gw-canary-another-0b1c2d3e"}))
    start_pod(control_plane, elsewhere, "old", {"flokoa.ai/agent": "support"}, from_now(hours=-1))
    assert applied.run("drift", "prod", "--record").code == 0
    control_plane.kubectl(
        *("patch", "secret", "gateway", "-n", elsewhere, "--type=merge"),
        '-p={"stringData":{"api-key":"gw-canary-rotated-77ab01"}}',
    )
    for args in ((), ("--record",), ("--record",), ()):
        ran = applied.run("drift", "prod", *args)
        assert (ran.code, ran.prod["exitReasons"]) == (1, ["open rotation"]), ran.stdout
        assert f"ROTATED     Secret {elsewhere}/gateway [api-key]" in ran.stdout
        assert f"needed by 1 Agent ({elsewhere}/support)" in ran.stdout
        assert f"1 Agent has the old key: {elsewhere}/support" in ran.stdout
        assert f"rollout restart deployment/support -n {elsewhere}" in ran.stdout
    status = applied.run("status", "prod")
    assert f"OPEN        Secret {elsewhere}/gateway [api-key]" in status.stdout
    assert "needed by consumers of kind Agent because of" in status.stdout
    name = f"{elsewhere}/gateway"
    assert applied.run("acknowledge", "prod", name, "--reason", "restarted").code == 0
    after_it = applied.run("drift", "prod")
    assert (after_it.code, after_it.prod["notInSync"]) == (0, ["consumers with another key"])
    assert "canary" not in ran.everything + status.everything + after_it.everything


def test_a_copy_that_may_not_be_read_is_not_checked(
    applied: World, elsewhere: str, control_plane: ControlPlane
) -> None:
    user = control_plane.kubeconfig_for("spare-3")
    for namespace, verbs in ((applied.namespace, "get,list"), (elsewhere, "list")):
        control_plane.kubectl(
            "create", "role", "reader", "-n", namespace, f"--verb={verbs}",
            "--resource=providers.omnia.altairalabs.ai,modelproviders.agent.flokoa.ai",
            "--resource=models.agent.flokoa.ai,agents.agent.flokoa.ai",
            *(["--resource=secrets,configmaps"] if "get" in verbs else []),
        )  # fmt: skip
        control_plane.kubectl(
            "create", "rolebinding", "reader", "-n", namespace, "--role=reader", "--user=spare-3"
        )
    ran = applied.run("drift", "prod", kubeconfig=user)
    assert consumed(ran) == [], "agents of other namespaces may not be listed"
    config = applied.root / "environments/prod/environment.yaml"
    config.write_text(
        config.read_text().replace(
            f"namespaces: [{applied.namespace}]", f"namespaces: [{applied.namespace}, {elsewhere}]"
        )
    )
    for name in ("claude.yaml.j2", "gateway.yaml.j2"):
        template = applied.root / "templates" / name
        text = template.read_text().replace(
            "metadata:\n", f"metadata:\n  namespace: {applied.namespace}\n"
        )
        template.write_text(text)
    ran = applied.run("drift", "prod", kubeconfig=user)
    assert consumed(ran) == [("Agent", elsewhere, "forbidden", "unknown")], ran.stdout
    missed = [(each["subject"], each["name"]) for each in ran.prod["unchecked"]]
    assert ("Secret", f"{elsewhere}/gateway") in missed


def test_a_secret_that_no_provider_may_use_is_refused(
    applied: World, control_plane: ControlPlane
) -> None:
    """By its name without a request, or by its type after it."""
    token = "canary-of-a-token-5d1f7a"
    body = secret("robot", ANTHROPIC_API_KEY=token)
    body["type"] = "kubernetes.io/service-account-token"
    body["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    control_plane.create(f"namespaces/{applied.namespace}/secrets", body)
    release = secret("sh.helm.release.v1.agents.v1", **{"api-key": "canary-of-a-release"})
    control_plane.create(f"namespaces/{applied.namespace}/secrets", release)
    applied.edit("templates/claude.yaml.j2", "name: claude\n      key", "name: robot\n      key")
    applied.edit(
        "templates/gateway.yaml.j2",
        "name: gateway\n    key",
        "name: sh.helm.release.v1.agents.v1\n    key",
    )
    mark = control_plane.audit.mark()
    ran = applied.run("diff", "prod")
    rows = {row["reference"]["name"]: row["reading"] for row in ran.prod["secrets"]}
    assert {name: reading["state"] for name, reading in rows.items()} == {
        "robot": "refused",
        "sh.helm.release.v1.agents.v1": "refused",
    }
    assert {reading["fingerprint"] for reading in rows.values()} == {None}
    assert "missing key" in ran.prod["exitReasons"]
    assert secret_requests(control_plane, mark, applied.namespace) == [
        f"get {applied.namespace}/provider-reconciler-key",
        f"get {applied.namespace}/robot",
    ]
    assert "canary" not in ran.everything


def test_a_certificate_is_told_before_it_expires(
    applied: World, control_plane: ControlPlane
) -> None:
    authority = trustme.CA()
    leaf = authority.issue_cert("llm.example.com", not_after=datetime.now(UTC) + SOON)
    pem = leaf.cert_chain_pems[0].bytes().decode()
    body = secret("ca", **{"ca.crt": pem})
    control_plane.create(f"namespaces/{applied.namespace}/secrets", body)
    applied.edit(
        "templates/gateway.yaml.j2",
        "  openai:\n",
        "  tls: {caSecretRef: {name: ca, key: ca.crt}}\n  openai:\n",
    )
    ran = applied.run("apply", "prod")
    (certificate,) = ran.prod["certificates"]
    assert (certificate["key"], certificate["daysLeft"]) == ("ca.crt", 12)
    assert "a certificate in it expires in 12 days" in ran.stdout
    assert pem.splitlines()[1] not in ran.everything
