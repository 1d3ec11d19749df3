"""What an environment allows: a table of policy, manifest and finding."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.kinds import KINDS
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.environment import Attitude, Level, Rules
from reconciler.stages.validate import validate
from tests.kinds.manifests import environment
from tests.stages.test_validate import CLAUDE, CRDS, OPENAI, manifest

VLLM = {"type": "vllm", "model": "m", "baseURL": "http://llm.example.com:8000/v1"}
TLS = {**OPENAI, "tls": {"insecureSkipVerify": True}}
AZURE = {
    "type": "openai",
    "model": "gpt-5",
    "platform": {"type": "azure", "endpoint": "https://one.openai.azure.com"},
    "auth": {"type": "servicePrincipal", "credentialsSecretRef": {"name": "azure"}},
}
HEADERS = {**VLLM, "headers": {"X-Title": "a", "Authorization": "b"}}
MODEL = {"model": "gpt-5", "providerRef": {"name": "openai", "namespace": "shared"}}
EXTRA = {**MODEL, "settings": {"extraHeaders": {"X-Team": "a"}}}


def judge(kind: str, spec: dict[str, Any], **rules: Any) -> list[str]:
    found = found_by(kind, spec, **rules)
    return [f"{d.severity} {d.code} {d.path}" for d in found if d.code not in ("FL011", "FL044")]


def found_by(kind: str, spec: dict[str, Any], **rules: Any) -> tuple[Diagnostic, ...]:
    test = environment()
    wanted = replace(test, policy=replace(test.policy, rules=Rules(**rules)))
    return validate(wanted, [manifest(kind, spec)], KINDS, CRDS)


HTTP = "warning OM051 spec.baseURL"
OFF = "warning FL017 spec.tls.insecureSkipVerify"
ELSEWHERE = "notice REF002 spec.providerRef.name"
SENT = "notice OM030 spec.headers"
CREDENTIAL = "warning OM032 spec.headers.Authorization"
CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("Provider", VLLM, {}, [HTTP]),
    ("Provider", VLLM, {"plain_http": Attitude.FORBID}, ["error OM051 spec.baseURL"]),
    ("Provider", VLLM, {"plain_http": Attitude.ALLOW}, []),
    ("Provider", VLLM, {"allowed_hosts": ("*.example.com",)}, [HTTP]),
    ("Provider", VLLM, {"allowed_hosts": ("LLM.example.com:8000",)}, [HTTP]),
    ("Provider", VLLM, {"allowed_hosts": ("llm.example.com:443",)}, ["error POL001 spec.baseURL"]),
    ("Provider", VLLM, {"allowed_hosts": ("example.com",)}, ["error POL001 spec.baseURL"]),
    ("Provider", VLLM, {"allowed_hosts": ()}, ["error POL001 spec.baseURL"]),
    ("Provider", CLAUDE, {"allowed_hosts": ()}, []),
    ("Provider", {**VLLM, "baseURL": "https://llm.example.com."}, {"allowed_hosts": ("llm.example.com",)}, []),
    ("Provider", AZURE, {"allowed_hosts": ("two.*",)}, ["error POL001 spec.platform.endpoint"]),
    ("Provider", AZURE, {"secret_names": ("aws-*",)}, ["error POL003 spec.auth.credentialsSecretRef.name"]),
    ("Provider", AZURE, {"secret_names": ("a*",)}, []),
    ("Provider", CLAUDE, {"secret_names": ()}, ["error POL003 spec.credential.secretRef.name"]),
    ("Provider", HEADERS, {}, [CREDENTIAL, HTTP, SENT]),
    ("Provider", HEADERS, {"denied_headers": ("authorization",)}, ["error POL002 spec.headers.Authorization", HTTP, SENT]),
    ("Provider", HEADERS, {"allowed_headers": ("x-*",)}, ["error POL002 spec.headers.Authorization", HTTP, SENT]),
    ("Provider", HEADERS, {"allowed_headers": ("*",), "denied_headers": ("X-T*",)}, ["error POL002 spec.headers.X-Title", CREDENTIAL, HTTP, SENT]),
    ("ModelProvider", TLS, {}, [OFF]),
    ("ModelProvider", TLS, {"insecure_skip_verify": Attitude.WARN}, [OFF]),
    ("ModelProvider", TLS, {"insecure_skip_verify": Attitude.FORBID}, [OFF.replace("warning", "error")]),
    ("ModelProvider", TLS, {"insecure_skip_verify": Attitude.ALLOW}, []),
    ("ModelProvider", {**OPENAI, "openai": {"baseURL": "https://x.example"}}, {"allowed_hosts": ("y",)}, ["error POL001 spec.openai.baseURL"]),
    ("Model", MODEL, {}, [ELSEWHERE]),
    ("Model", MODEL, {"reference_namespaces": ("shar*",)}, [ELSEWHERE]),
    ("Model", MODEL, {"reference_namespaces": ()}, ["error POL004 spec.providerRef.name"]),
    ("Model", EXTRA, {"denied_headers": ("X-Team",)}, ["error POL002 spec.settings.extraHeaders.X-Team", ELSEWHERE]),
    ("Model", MODEL, {"severity": (("REF002", Level.OFF),)}, []),
    ("Model", MODEL, {"severity": (("REF002", Level.ERROR),)}, [ELSEWHERE.replace("notice", "error")]),
    ("Provider", VLLM, {"severity": (("OM051", Level.NOTICE),), "plain_http": Attitude.FORBID}, [HTTP.replace("warning", "notice")]),
    ("Provider", {"type": "openai", "model": "m"}, {"severity": (("OM002", Level.WARNING),)}, ["warning OM002 spec.credential"]),
    ("Provider", {**CLAUDE, "modle": "m"}, {"severity": (("K8S002", Level.OFF),)}, ["error K8S002 spec.modle"]),
    ("Provider", {**CLAUDE, "auth": {"type": "workloadIdentity"}}, {"severity": (("OM020", Level.OFF),)}, ["error OM020 spec.platform"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "spec", "rules", "expected"), CASES)
def test_the_policy(
    kind: str, spec: dict[str, Any], rules: dict[str, Any], expected: list[str]
) -> None:
    assert sorted(judge(kind, spec, **rules)) == sorted(expected)


def test_a_deprecated_field_is_as_severe_as_the_environment_says() -> None:
    from tests.stages.test_validate import _april

    spec = {"type": "ollama", "model": "m", "baseURL": "http://ollama", "secretRef": {"name": "s"}}
    for level, expected in (("error", ["error"]), ("warning", ["warning"]), ("off", [])):
        test = environment()
        rules = Rules(deprecated_fields=Level(level))
        wanted = replace(test, policy=replace(test.policy, rules=rules))

        found = validate(wanted, [manifest("Provider", spec)], KINDS, {**CRDS, **_april()})

        assert [d.severity for d in found if d.code == "OM007"] == expected


def test_what_is_refused_names_the_key_of_the_policy() -> None:
    (found,) = found_by("Provider", CLAUDE, secret_names=("a", "b"))

    assert found.message == "the environment does not allow the Secret vendor"
    assert found.hint == "`policy.secretNames` allows a, b"
