"""Hints on fields and values that a CRD does not have: what to write instead, and never a wrong guess."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from reconciler.crds import catalogue
from reconciler.kind import Kind
from reconciler.kinds import KINDS, flokoa_model, flokoa_modelprovider, omnia_provider
from reconciler.model.finding import Finding
from reconciler.stages.validate import validate
from tests.kinds.manifests import environment, manifest_of

_OPENAI: dict[str, Any] = {"openai": {}, "apiKeySecretRef": {"name": "openai", "key": "api-key"}}
_CLAUDE: dict[str, Any] = {
    "type": "claude",
    "model": "claude-sonnet-4-5",
    "credential": {"secretRef": {"name": "anthropic", "key": "ANTHROPIC_API_KEY"}},
}
_MODEL: dict[str, Any] = {"model": "gpt-5", "providerRef": {"name": "openai"}}
_NEWER = "pin the newer one"
# Kind, era of the CRD, spec, field, a part of the hint.
CASES: list[tuple[Kind, str, dict[str, Any], str, str]] = [
    (flokoa_modelprovider.KIND, "", {**_OPENAI, "baseURL": "https://x"}, "baseURL", "openai.base"),
    (flokoa_modelprovider.KIND, "", {**_OPENAI, "provider": "openai"}, "provider", "`openai: {}`"),
    (flokoa_modelprovider.KIND, "", {**_OPENAI, "secretRef": {}}, "secretRef", "apiKeySecretRef"),
    (
        flokoa_modelprovider.KIND,
        "",
        {**_OPENAI, "openai": {"timeoutSeconds": 3}},
        "openai.timeoutSeconds",
        "Model.spec.settings.timeoutSeconds",
    ),
    (flokoa_model.KIND, "", {**_MODEL, "temperature": "1"}, "temperature", "settings.temperature"),
    (flokoa_model.KIND, "", {**_MODEL, "provider": "openai"}, "provider", "providerRef: {name"),
    (flokoa_model.KIND, "2026-06-10", {**_MODEL, "settings": {}}, "settings", "spec.parameters"),
    (omnia_provider.KIND, "", {**_CLAUDE, "type": "anthropic"}, "type", "write claude"),
    (omnia_provider.KIND, "", {**_CLAUDE, "temperature": "1"}, "temperature", "defaults.temp"),
    (omnia_provider.KIND, "", {**_CLAUDE, "provider": "claude"}, "provider", "spec.type"),
    (omnia_provider.KIND, "2026-04-10", {**_CLAUDE, "headers": {"X-A": "b"}}, "headers", "gateway"),
    (omnia_provider.KIND, "2026-04-19", {**_CLAUDE, "role": "llm"}, "role", "needs no role"),
    (omnia_provider.KIND, "2026-04-19", {**_CLAUDE, "embedding": {}}, "embedding", _NEWER),
    (omnia_provider.KIND, "2026-04-10", {**_CLAUDE, "type": "vllm"}, "type", "write openai"),
    (omnia_provider.KIND, "2026-05-18", {**_CLAUDE, "type": "huggingface"}, "type", _NEWER),
    (
        omnia_provider.KIND,
        "2026-04-10",
        {**_CLAUDE, "type": "bedrock", "platform": {"type": "bedrock"}},
        "platform.type",
        "write aws",
    ),
    (
        omnia_provider.KIND,
        "2026-02-07",
        {**_CLAUDE, "defaults": {"requestTimeout": "90s"}},
        "defaults.requestTimeout",
        _NEWER,
    ),
]


def _findings(kind: Kind, era: str, spec: dict[str, Any]) -> tuple[Finding, ...]:
    endpoint = kind.endpoint
    body = {
        "apiVersion": endpoint.api_version,
        "kind": endpoint.kind,
        "metadata": {"name": "one", "namespace": "llm"},
        "spec": spec,
    }
    crd = catalogue.load(endpoint.crd_name, era)
    manifest = manifest_of(yaml.safe_dump(body))
    return validate(environment(), [manifest], KINDS, {crd.group_kind: crd})


@pytest.mark.parametrize(("kind", "era", "spec", "field", "hint"), CASES)
def test_a_hint_names_the_replacement(
    kind: Kind, era: str, spec: dict[str, Any], field: str, hint: str
) -> None:
    (finding,) = [f for f in _findings(kind, era, spec) if f.path == f"spec.{field}"]

    assert finding.code in {"K8S002", "K8S004"}
    assert hint in finding.hint


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_no_hint_is_for_a_field_that_every_crd_has(kind: Kind) -> None:
    specs = [
        version.schema
        for _, crd in catalogue.history(kind.endpoint.crd_name)
        for version in crd.versions
    ]
    for path in kind.replacement_hints:
        *above, last = path
        has = [
            schema.at(*path) or last in (getattr(schema.at(*above), "enum", None) or ())
            for schema in specs
        ]
        assert not all(has), path
