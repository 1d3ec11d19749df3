"""The CRDs in the tree have no sentences: a kind adds its own, but those of the CRD in the cluster come first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.crds import catalogue
from reconciler.kind import Kind
from reconciler.kinds import KINDS
from reconciler.model.document import JsonObject
from reconciler.model.finding import Finding
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.jsonschema import manifest_schema
from reconciler.text.yaml import load_one
from tests.stages.test_validate import CLAUDE, CRDS, judge, manifest

NO_MODEL = {**CLAUDE, "model": ""}
NO_PROJECT = {
    "type": "gemini",
    "model": "gemini-2.5-pro",
    "platform": {"type": "vertex", "region": "europe-west4"},
    "auth": {"type": "workloadIdentity"},
}
HOT: dict[str, Any] = {
    "model": "gpt-5",
    "providerRef": {"name": "openai"},
    "settings": {"temperature": "hot"},
}


def _body(name: str) -> tuple[JsonObject, JsonObject]:
    """The newest CRD and the schema of its spec."""
    body = load_one(catalogue.text(catalogue.era(name).path), name)
    return body, body["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]


def _finding(kind: str, spec: dict[str, Any], path: str, live: JsonObject | None = None) -> Finding:
    crd = Crd.of(live) if live else None
    findings = judge(manifest(kind, spec), crds={**CRDS, crd.group_kind: crd} if crd else None)
    (finding,) = [finding for finding in findings if finding.path == path]
    return finding


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        (NO_MODEL, "spec.model", "every provider except those of type mock needs a model"),
        # The rule cannot be evaluated, since the field is missing.
        (NO_PROJECT, "spec.platform.project", "platform vertex needs a project"),
    ],
)
def test_a_violated_rule_has_the_message_of_the_kind(
    spec: dict[str, Any], path: str, words: str
) -> None:
    assert _finding("Provider", spec, path).message == words


def test_a_message_of_the_crd_in_the_cluster_comes_first() -> None:
    live, spec = _body("providers.omnia.altairalabs.ai")
    for block in (spec, spec["properties"]["platform"]):
        for rule in block["x-kubernetes-validations"]:
            rule["message"] = "ask the platform team"

    for wrong, path in ((NO_MODEL, "spec.model"), (NO_PROJECT, "spec.platform.project")):
        finding = _finding("Provider", wrong, path, live)
        assert finding.message == "ask the platform team"
        assert finding.code == _finding("Provider", wrong, path).code


def test_a_hint_uses_the_example_in_the_description_of_the_kind_or_the_crd() -> None:
    live, spec = _body("models.agent.flokoa.ai")
    temperature = spec["properties"]["settings"]["properties"]["temperature"]
    temperature["description"] = 'Keep it low (0 to 1), such as "0.2".'
    path = "spec.settings.temperature"

    assert _finding("Model", HOT, path).hint == 'write it like "0.7", from 0.0 to 2.0'
    assert _finding("Model", HOT, path, live).hint == 'write it like "0.2", from 0 to 1'


def test_a_schema_has_the_descriptions_of_the_crd_and_otherwise_of_the_kind() -> None:
    (kind,) = [kind for kind in KINDS.values() if kind.endpoint.kind == "Provider"]
    live, own = _body(kind.endpoint.crd_name)
    own["properties"]["model"]["description"] = "Ask the platform team."
    own["x-kubernetes-validations"][0]["message"] = "one block only"
    crd = Crd.of(live)
    version = crd.storage_version

    described = manifest_schema(crd, replace(version, schema=kind.described(version.schema)))

    spec = described["properties"]["spec"]
    assert spec["properties"]["model"]["description"] == "Ask the platform team."
    assert spec["properties"]["type"]["description"] == kind.descriptions["spec.type"]
    rules = spec["description"].splitlines()
    assert rules[0] == "Rule: one block only"
    assert rules[-1] == "Rule: every provider except those of type mock needs a model"
    assert {**described, "properties": {}} == {
        **manifest_schema(crd, version),
        "properties": {},
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_every_description_is_for_a_field_of_some_era(kind: Kind) -> None:
    schemas = [crd.storage_version.schema for _, crd in catalogue.history(kind.endpoint.crd_name)]
    for path, sentence in kind.descriptions.items():
        assert any(schema.at(*path.split(".")) for schema in schemas), path
        assert sentence.endswith("."), path


def test_a_default_of_another_type_in_a_crd_of_the_user_is_no_example() -> None:
    body, spec = _body("models.agent.flokoa.ai")
    spec["properties"]["settings"]["properties"]["maxTokens"] = {"type": "integer", "default": "x"}
    hint = _finding(
        "Model", {**HOT, "settings": {"maxTokens": "y"}}, "spec.settings.maxTokens", body
    )
    assert hint.hint == "write a whole number, such as 4096"
