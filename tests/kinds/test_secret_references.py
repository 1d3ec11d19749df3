"""The Secret keys that a manifest references: tables of spec and references."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import flokoa_modelprovider, omnia_provider
from reconciler.model.path import at, show
from reconciler.model.secret import Format, SecretReference
from tests.kinds.examples import Example, examples

REF = {"name": "vendor", "key": "api-key"}
CASES_FLOKOA: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "api key": (
        {"openai": {}, "apiKeySecretRef": REF},
        [("vendor", "spec.apiKeySecretRef", ("api-key",))],
    ),
    "optional": (
        {"openai": {}, "apiKeySecretRef": {**REF, "optional": True}},
        [("vendor", "spec.apiKeySecretRef", ("api-key",), True)],
    ),
    "vertex gets an API key nevertheless": (
        {
            "google": {"serviceAccountKeySecretRef": {"name": "sa", "key": "key.json"}},
            "apiKeySecretRef": REF,
        },
        [
            ("vendor", "spec.apiKeySecretRef", ("api-key",)),
            (
                "sa",
                "spec.google.serviceAccountKeySecretRef",
                ("key.json",),
                False,
                Format.JSON_OBJECT,
            ),
        ],
    ),
    "bedrock ignores an API key": ({"bedrock": {"region": "x"}, "apiKeySecretRef": REF}, []),
    "ca": (
        {"openai": {}, "tls": {"caSecretRef": {"name": "ca", "key": "ca.crt"}}},
        [("ca", "spec.tls.caSecretRef", ("ca.crt",), False, Format.PEM)],
    ),
    "without a name": ({"openai": {}, "apiKeySecretRef": {"key": "api-key"}}, []),
    "of wrong types": ({"openai": {}, "apiKeySecretRef": ["vendor"], "tls": "no"}, []),
    "no spec": ({}, []),
}

LEGACY = {"secretRef": {"name": "old"}}
CASES_OMNIA: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "explicit key": (
        {"type": "claude", "credential": {"secretRef": REF}},
        [("vendor", "spec.credential.secretRef", ("api-key",))],
    ),
    "an empty key is looked up": (
        {"type": "claude", "credential": {"secretRef": {"name": "vendor", "key": ""}}},
        [("vendor", "spec.credential.secretRef", ("",))],
    ),
    "env var": ({"type": "claude", "credential": {"envVar": "ANTHROPIC_API_KEY"}}, []),
    "file": ({"type": "claude", "credential": {"filePath": "/token"}}, []),
    "legacy": (
        {"type": "gemini", **LEGACY},
        [("old", "spec.secretRef", ("GEMINI_API_KEY", "GOOGLE_API_KEY", "api-key"))],
    ),
    "credential wins": (
        {"type": "claude", "credential": {"secretRef": REF}, **LEGACY},
        [("vendor", "spec.credential.secretRef", ("api-key",))],
    ),
    "workload identity": (
        {"platform": {"type": "bedrock"}, "auth": {"type": "workloadIdentity"}},
        [],
    ),
    "access key": (
        {"auth": {"type": "accessKey", "credentialsSecretRef": {"name": "aws"}}},
        [
            ("aws", "spec.auth.credentialsSecretRef[AWS_ACCESS_KEY_ID]", ("AWS_ACCESS_KEY_ID",)),
            (
                "aws",
                "spec.auth.credentialsSecretRef[AWS_SECRET_ACCESS_KEY]",
                ("AWS_SECRET_ACCESS_KEY",),
            ),
            (
                "aws",
                "spec.auth.credentialsSecretRef[AWS_SESSION_TOKEN]",
                ("AWS_SESSION_TOKEN",),
                True,
            ),
        ],
    ),
    "service principal": (
        {"auth": {"type": "servicePrincipal", "credentialsSecretRef": {"name": "azure"}}},
        [
            ("azure", f"spec.auth.credentialsSecretRef[{key}]", (key,))
            for key in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
        ],
    ),
    "service account": (
        {"auth": {"type": "serviceAccount", "credentialsSecretRef": {"name": "gcp"}}},
        [
            (
                "gcp",
                "spec.auth.credentialsSecretRef",
                ("credentials.json",),
                False,
                Format.JSON_OBJECT,
            )
        ],
    ),
    "service account under a key of its own": (
        {"auth": {"type": "serviceAccount", "credentialsSecretRef": {"name": "gcp", "key": "sa"}}},
        [("gcp", "spec.auth.credentialsSecretRef", ("sa",), False, Format.JSON_OBJECT)],
    ),
}
CANDIDATES = {
    "claude": ("ANTHROPIC_API_KEY", "CLAUDE_API_KEY", "api-key"),
    "openai": ("OPENAI_API_KEY", "OPENAI_TOKEN", "api-key"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY", "api-key"),
    "voyageai": ("VOYAGE_API_KEY", "api-key"),
    "huggingface": ("api-key", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"),
    "vllm": ("api-key", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"),
}


def _object(spec: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"namespace": "team"}, "spec": spec}


def _references(rows: list[tuple[Any, ...]]) -> tuple[SecretReference, ...]:
    return tuple(SecretReference("team", *row) for row in rows)


@pytest.mark.parametrize("name", CASES_FLOKOA)
def test_flokoa(name: str) -> None:
    spec, rows = CASES_FLOKOA[name]

    assert flokoa_modelprovider.KIND.secret_references(_object(spec)) == _references(rows)


@pytest.mark.parametrize("name", CASES_OMNIA)
def test_omnia(name: str) -> None:
    spec, rows = CASES_OMNIA[name]

    assert omnia_provider.KIND.secret_references(_object(spec)) == _references(rows)


@pytest.mark.parametrize("type_", CANDIDATES)
def test_without_a_key_omnia_tries_several(type_: str) -> None:
    spec = {"type": type_, "credential": {"secretRef": {"name": "vendor"}}}

    (reference,) = omnia_provider.KIND.secret_references(_object(spec))

    assert reference.keys == CANDIDATES[type_]


@pytest.mark.parametrize("example", examples("valid"), ids=lambda example: example.name)
def test_a_reference_has_the_path_of_its_field(example: Example) -> None:
    """In every kind; the text of a reference is its path, with the key if the field has several."""
    body = example.manifest.document.body()
    for reference in example.kind.secret_references(body):
        assert at(body, reference.path)["name"] == reference.name
        assert reference.text in (
            show(reference.path),
            f"{show(reference.path)}[{reference.keys[0]}]",
        )


def test_the_policy_sees_every_secret_name() -> None:
    """Even in references that nothing uses: to a key for Bedrock, without a key, the legacy one beside `credential`."""
    legacy, credential = {"name": "a"}, {"secretRef": {"name": "b", "key": "k"}}
    auth = {"type": "accessKey", "credentialsSecretRef": {"name": "c"}}
    omnia = {"spec": {"secretRef": legacy, "credential": credential, "auth": auth}}
    assert [(name.text, name.path[-2]) for name in omnia_provider.KIND.secret_names(omnia)] == [
        ("a", "secretRef"),
        ("b", "secretRef"),
        ("c", "credentialsSecretRef"),
    ]
    tls = {"caSecretRef": {"name": "e", "key": "ca.crt"}}
    flokoa = {"spec": {"bedrock": {}, "apiKeySecretRef": {"name": "d"}, "tls": tls}}
    assert [name.text for name in flokoa_modelprovider.KIND.secret_names(flokoa)] == ["d", "e"]
