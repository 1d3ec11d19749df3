"""The repository's own environments: what users copy has neither an error nor a warning, and shows everything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.adapters.sources.worktree import Worktree
from reconciler.crds import catalogue
from reconciler.kinds import KINDS
from reconciler.model.finding import Finding, Severity
from reconciler.model.manifest import Manifest
from reconciler.stages.load import environments, load
from reconciler.stages.render import render
from reconciler.stages.validate import validate

_ROOT = Path(__file__).parent.parent
_NAMES = environments(Worktree(_ROOT))


@cache
def _judged(name: str) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    environment = load(Worktree(_ROOT), _ROOT, name, KINDS)
    manifests, findings = render(environment, JinjaRenderer(), KINDS)
    pins = dict(environment.crds)
    crds = {}
    for group_kind, kind in KINDS.items():
        crd_name = kind.endpoint.crd_name
        crds[group_kind] = catalogue.load(crd_name, pins.get(crd_name, ""))
    return manifests, (*findings, *validate(environment, manifests, KINDS, crds))


def _specs(kind: str) -> Iterator[dict[str, Any]]:
    for name in _NAMES:
        for manifest in _judged(name)[0]:
            if manifest.ref.kind == kind:
                yield manifest.document.body()["spec"]


@pytest.mark.parametrize("name", _NAMES)
def test_an_environment_has_nothing_to_mend(name: str) -> None:
    manifests, findings = _judged(name)

    assert manifests
    assert [d for d in findings if d.severity is not Severity.NOTICE] == []


def test_the_environments_are_dev_staging_and_prod() -> None:
    assert _NAMES == ("dev", "prod", "staging")


def test_every_provider_block_of_flokoa_is_shown() -> None:
    specs = list(_specs("ModelProvider"))

    assert {key for spec in specs for key in spec} == {
        *("openai", "anthropic", "google", "bedrock"),
        *("apiKeySecretRef", "defaultHeaders", "tls"),
    }
    assert any("serviceAccountKeySecretRef" in spec.get("google", {}) for spec in specs)
    assert any(spec.get("google") == {} for spec in specs)
    assert any("baseURL" in spec.get("openai", {}) for spec in specs)


def test_models_are_shown_on_every_provider() -> None:
    names = {spec["providerRef"]["name"] for spec in _specs("Model")}

    assert names == {"openai", "anthropic", "google-ai", "gateway", "vertex", "bedrock"}


def test_every_type_of_omnia_is_shown() -> None:
    types = {spec["type"] for spec in _specs("Provider")}

    assert types == {"claude", "openai", "gemini", "vllm", "voyageai", "ollama", "mock"}


def test_every_way_to_name_a_credential_is_shown() -> None:
    specs = list(_specs("Provider"))
    strategies = {key for spec in specs for key in spec.get("credential", {})}

    assert strategies == {"secretRef", "envVar", "filePath"}
    assert any("secretRef" in spec for spec in specs)


def test_every_platform_is_shown_with_each_of_its_auth_types() -> None:
    shown = {
        (spec["platform"]["type"], spec["auth"]["type"])
        for spec in _specs("Provider")
        if "platform" in spec
    }

    assert shown == {
        ("bedrock", "workloadIdentity"),
        ("bedrock", "accessKey"),
        ("vertex", "workloadIdentity"),
        ("vertex", "serviceAccount"),
        ("azure", "workloadIdentity"),
        ("azure", "servicePrincipal"),
    }


def test_the_other_fields_of_omnia_are_shown() -> None:
    fields = {key for spec in _specs("Provider") for key in spec}

    assert fields >= {"headers", "capabilities", "defaults", "pricing", "baseURL", "embedding"}
