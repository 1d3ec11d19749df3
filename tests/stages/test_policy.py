"""The policy of an environment: tables of policy, manifest and findings."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.kinds import KINDS
from reconciler.model.environment import Attitude, ExtraFields, Level, ManifestPolicy, SourceFile
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location, Origin
from reconciler.semantics.schema.structural import Schema
from reconciler.stages.load.findings import UnusableEnvironment
from reconciler.stages.validate import validate
from reconciler.stages.validate.schema_hints import field_names
from tests.kinds.manifests import environment
from tests.stages.repositories import CONFIG, judged
from tests.stages.test_validate import CLAUDE, CRDS, OPENAI, TEMPLATE, manifest

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
    findings = findings_with(kind, spec, **rules)
    return [f"{f.severity} {f.code} {f.path}" for f in findings if f.code not in ("FL011", "FL044")]


def findings_with(kind: str, spec: dict[str, Any], **rules: Any) -> tuple[Finding, ...]:
    test = environment()
    restricted = replace(test, policy=replace(test.policy, manifests=ManifestPolicy(**rules)))
    return validate(restricted, [manifest(kind, spec)], KINDS, CRDS)


HTTP = "warning OM051 spec.baseURL"
OFF = "warning FL017 spec.tls.insecureSkipVerify"
ELSEWHERE = "notice REF002 spec.providerRef.name"
SENT = "notice OM030 spec.headers"
CREDENTIAL = "warning OM032 spec.headers.Authorization"
OVERRULED = "warning POL005 "
BEDROCK = {
    "bedrock": {"region": "eu-central-1"},
    "apiKeySecretRef": {"name": "registry", "key": "k"},
}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("ModelProvider", BEDROCK, {"secret_names": ("llm-*",)}, ["error POL003 spec.apiKeySecretRef.name", "notice FL014 spec.bedrock.region", "warning FL015 spec.apiKeySecretRef"]),
    ("Provider", {**VLLM, "baseURL": "http://llm.example.com/v1?x=1"}, {"allowed_hosts": (), "plain_http": Attitude.FORBID}, ["error OM051 spec.baseURL", "error POL001 spec.baseURL"]),
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
    ("Model", MODEL, {"reference_namespaces": ()}, ["error POL004 spec.providerRef.namespace"]),
    ("Model", EXTRA, {"denied_headers": ("X-Team",)}, ["error POL002 spec.settings.extraHeaders.X-Team", ELSEWHERE]),
    ("Model", MODEL, {"severity": (("REF002", Level.OFF),)}, []),
    ("Model", MODEL, {"severity": (("REF002", Level.ERROR),)}, [ELSEWHERE.replace("notice", "error")]),
    ("Provider", VLLM, {"severity": (("OM051", Level.NOTICE),), "plain_http": Attitude.FORBID}, [HTTP.replace("warning", "notice")]),
    ("Provider", {"type": "openai", "model": "m"}, {"severity": (("OM002", Level.WARNING),)}, ["warning OM002 spec.credential"]),
    ("Provider", {**CLAUDE, "modle": "m"}, {"severity": (("K8S002", Level.OFF),)}, ["error K8S002 spec.modle", OVERRULED]),
    ("Provider", {**CLAUDE, "auth": {"type": "workloadIdentity"}}, {"severity": (("OM020", Level.OFF),)}, ["error OM020 spec.platform", OVERRULED]),
    ("Provider", {**CLAUDE, "auth": {"type": "workloadIdentity"}}, {"severity": (("OM020", Level.ERROR),)}, ["error OM020 spec.platform"]),
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
        restricted = ManifestPolicy(deprecated_fields=Level(level))
        changed = replace(test, policy=replace(test.policy, manifests=restricted))

        findings = validate(changed, [manifest("Provider", spec)], KINDS, {**CRDS, **_april()})

        assert [f.severity for f in findings if f.code == "OM007"] == expected


def test_the_hint_names_the_key_of_the_policy() -> None:
    (finding,) = findings_with("Provider", CLAUDE, secret_names=("a", "b"))

    assert finding.message == "the environment does not allow the Secret vendor"
    assert finding.hint == "`policy.secretNames` allows a, b"


def test_a_rule_that_the_policy_turns_off_and_the_crd_has_is_a_finding_on_the_policy() -> None:
    file = SourceFile(
        "environments/test/environment.yaml",
        "policy:\n  severity:\n    OM0201: off\n    OM020: off\n",
    )
    test = replace(environment(), files=(file,))
    restricted = ManifestPolicy(severity=(("OM020", Level.OFF),))
    changed = replace(test, policy=replace(test.policy, manifests=restricted))
    spec = {**CLAUDE, "auth": {"type": "workloadIdentity"}}

    findings = validate(changed, [manifest("Provider", spec)], KINDS, CRDS)
    (finding,) = [f for f in findings if f.code == "POL005"]

    assert finding.message == (
        "`policy.severity` cannot change OM020 here: a CRD refuses the object too"
    )
    assert (str(finding.where), finding.where.length) == (f"{file.path}:4:5", 5)
    assert finding.source == "    OM020: off"


GLOBS = {
    "spec.nope.*": "write the name of a field as a report prints it, such as spec.headers.*",
    "spec.zzzz": "write the name of a field as a report prints it, such as spec.headers.*",
    "spec.header.*": "did you mean spec.headers.*?",
    "spec.baseUrl": "did you mean spec.baseURL?",
    "spec.type.*": "did you mean spec.type?",
    "spec.[x-z]*.a": "",
}


@pytest.mark.parametrize("glob", GLOBS)
def test_a_glob_that_no_field_of_a_crd_can_match_is_a_finding_on_the_policy(glob: str) -> None:
    text = f"policy:\n  extraFields:\n    {json.dumps(glob)}: remove\n"
    file = SourceFile("environments/test/environment.yaml", text)
    test = replace(environment(), files=(file,))
    policy = replace(test.policy, extra_fields=((glob, ExtraFields.REMOVE),))
    (finding,) = validate(replace(test, policy=policy), [], KINDS, CRDS)
    assert (finding.code, finding.severity) == ("POL006", Severity.WARNING)
    assert finding.message == f"no field of the CRDs can match `policy.extraFields.{glob}`"
    assert str(finding.where) == f"{file.path}:3:6"
    assert GLOBS[glob] in finding.hint


@pytest.mark.parametrize(
    "glob",
    [
        *("*", "s*", "spec.*", "spec.[bt]*", "*.baseURL", "spec.headers.X-Key", "spec.headers.*.x"),
        *("spec.openai.baseURL", "spec.tls", "spec.?ls.*", "spec.headers.[!a]*"),
        *("metadata.labels.team", "metadata.*"),
    ],
)
def test_a_glob_that_some_field_can_match_is_none(glob: str) -> None:
    test = environment()
    policy = replace(test.policy, extra_fields=((glob, ExtraFields.REMOVE),))
    assert validate(replace(test, policy=policy), [], KINDS, CRDS) == ()


def test_a_field_that_the_crd_does_not_describe_can_have_any_below_it() -> None:
    assert list(field_names(Schema(preserve_unknown=True), "spec.a")) == ["spec.a", "spec.a.*"]


HOST = "api.openai.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.com\\@x.openai.azure.com",
        "https://api.openai.com@evil.com",
        "https://api.openai.com:443@evil.com",
        "https://someone@api.openai.com",
        "https://evil.com\\.openai.com",
        "https://evil.com/\t.openai.com",
        "https://api.openai.com/v 1",
        " https://api.openai.com",
        "https://api.openai.com\n",
        "https://%65vil.com",
        "https://api%2eopenai.com",
        "//api.openai.com",
        "api.openai.com",
        "api.openai.com:443",
        "https:///api.openai.com",
        "https://evil.com\uff0f.openai.com",
        "https://evil.com#.openai.com",
        "https://evil.com?.openai.com",
        "https://evil.com/.openai.com",
        "https://xn--pi-7kc.openai.com.evil.com",
        "https://2130706433",
        "https://0x7f.1",
        "https://[::ffff:1.2.3.4]",
        "https://api.openai.com.evil.com",
        "https://api.openai.com:8443",
        "ftp://api.openai.com",
    ],
)
def test_a_url_whose_host_is_ambiguous_or_not_allowed_is_an_error(url: str) -> None:
    spec = {"type": "openai", "model": "m", "baseURL": url, "credential": CLAUDE["credential"]}
    for allowed in ((f"{HOST}:443",), ("*.openai.com:443", "*.openai.azure.com:443")):
        findings = findings_with("Provider", spec, allowed_hosts=allowed)

        assert {f.path for f in findings if f.severity is Severity.ERROR} == {"spec.baseURL"}


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.openai.com", "api.openai.com:443"),
        ("https://API.openai.com.:443/v1", "api.openai.com"),
        ("https://api.openai.com:443/v1", "API.OpenAI.com"),
        ("http://llm.llm.svc", "*.svc:80"),
        ("http://[::1]:11434", "[::1]:11434"),
        ("http://[0:0:0:0:0:0:0:1]", "[::1]"),
        ("http://[::1]:11434", "::1"),
        ("https://api.openai.com/v1?a=b", "*.openai.com"),
    ],
)
def test_an_allowed_host_in_another_notation_is_no_error(url: str, allowed: str) -> None:
    spec = {"type": "openai", "model": "m", "baseURL": url, "credential": CLAUDE["credential"]}

    findings = findings_with("Provider", spec, allowed_hosts=(allowed,))

    assert [f.code for f in findings if f.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("entry", "noun", "hint"),
    [
        ("allowedHosts: [https://router.example.com]", "host", "write router.example.com"),
        ("allowedHosts: [https://router.example.com:8443/v1]", "host", "write router.example.com:8443"),
        ("allowedHosts: [foo bar]", "host", "write it like *.example.com or llm.svc:8000"),
        ("allowedHosts: ['*.example.internal/v1']", "host", "write *.example.internal"),
        ("allowedHosts: ['*.svc:x']", "host", "write *.svc"),
        ("allowedHosts: [svc.]", "host", "write svc"),
        ("allowedHosts: [.example.com]", "host", "write *.example.com"),
        ("allowedHosts: ['https://me:secret@example.com']", "host", "write example.com"),
        ("deniedHeaders: [X Tenant]", "name of a header", "write X-Tenant"),
        ("deniedHeaders: ['X-Tenant: a']", "name of a header", "write X-Tenant"),
        ("allowedHeaders: [': a']", "name of a header", "write it like X-*"),
        ("shownHeaders: ['X-Tenant: a']", "name of a header", "write X-Tenant"),
        ("secretNames: [LLM_Key]", "name of a Secret", "write llm-key"),
        ("referenceNamespaces: [Foo/]", "namespace", "write foo"),
    ],
)  # fmt: skip
def test_a_glob_that_no_name_can_match_is_an_error(
    tmp_path: Path, entry: str, noun: str, hint: str
) -> None:
    config = CONFIG + f"policy:\n  {entry}\n"

    with pytest.raises(UnusableEnvironment) as caught:
        judged(tmp_path, {}, "", config)

    (finding,) = caught.value.findings
    key = entry.partition(":")[0]
    line = len(CONFIG.splitlines()) + 2
    assert (finding.code, finding.where.line) == ("E003", line)
    assert finding.where.column == 3 + entry.index("[") + 1
    assert finding.message == f"`policy.{key}[0]` is not a {noun}"
    assert finding.hint == hint


@pytest.mark.parametrize(
    "entry",
    [
        "allowedHosts: [api.openai.com, '*.example.com', 'llm.svc:8000', '*.svc:*', '[::1]:11434', '::1', '*', 'two.*', 'LLM.example.com', 'münchen.example', '[ab]pi.example.com']",
        "allowedHeaders: ['X-*', x_y, '*']\n  deniedHeaders: [Authorization]",
        "secretNames: ['llm-*', a.b]\n  referenceNamespaces: [foo, 'team-?']",
        "allowedHosts: []\n  secretNames: []",
    ],
)  # fmt: skip
def test_globs_that_a_name_can_match(tmp_path: Path, entry: str) -> None:
    assert judged(tmp_path, {}, "", CONFIG + f"policy:\n  {entry}\n") == ()


def test_the_finding_on_a_namespace_is_where_the_namespace_is_set() -> None:
    model = manifest("Model", MODEL)
    namespace = Location("templates/flokoa/models.yaml.j2", 9, 5)
    name = Location("environments/base/values.yaml", 3, 3)
    origins = {
        **model.origins,
        ("spec", "providerRef", "name"): Origin(TEMPLATE, (name,)),
        ("spec", "providerRef", "namespace"): Origin(namespace),
    }
    test = environment()
    restricted = ManifestPolicy(reference_namespaces=())
    closed = replace(test, policy=replace(test.policy, manifests=restricted))

    findings = validate(closed, [replace(model, origins=origins)], KINDS, CRDS)
    (finding,) = [f for f in findings if f.code == "POL004"]

    assert finding.where == namespace
