"""CRDs and their schemas as values."""

from __future__ import annotations

import pytest

from reconciler.crds.facts import facts
from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.facts import facts_text
from reconciler.semantics.schema.structural import Schema, unsupported_features
from tests.controlplane.crds import load
from tests.semantics import sources

EVERY_CRD = sorted(sources.CRDS.glob("*/*.yaml"))


@pytest.mark.parametrize("path", EVERY_CRD, ids=lambda path: path.name)
def test_the_engine_models_every_crd_of_the_package(path: object) -> None:
    crd = sources.crd(path)
    assert crd.not_provable == ()
    assert crd.storage_version.served
    assert crd.storage_version.status_subresource
    assert crd.version(crd.storage_version.name) is crd.storage_version
    assert crd.version("v0") is None


def test_a_crd_has_a_name_a_kind_a_scope_and_versions() -> None:
    crd = sources.crd(sources.newest("omnia/providers.*.yaml"))
    assert crd.name == "providers.omnia.altairalabs.ai"
    assert str(crd.group_kind) == "Provider.omnia.altairalabs.ai"
    assert crd.storage_version.api_version == "omnia.altairalabs.ai/v1alpha1"
    assert crd.namespaced
    assert not sources.crd(sources.newest("omnia/workspaces.*.yaml")).namespaced


def test_the_status_of_a_live_crd_tells_whether_it_is_served() -> None:
    body = load(sources.SINK)
    assert Crd.of(body).established is None
    for status in ("True", "False"):
        body["status"] = {"conditions": [{"type": "Established", "status": status}]}
        assert Crd.of(body).established is (status == "True")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "ConfigMap"},
        {"apiVersion": "apiextensions.k8s.io/v1beta1"},
        {"spec": {}},
        {"spec": {"names": {"kind": "A", "plural": "as"}, "versions": [{"name": "v1"}]}},
    ],
    ids=str,
)
def test_a_body_that_is_not_a_crd_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"CustomResourceDefinition|openAPIV3Schema"):
        Crd.of(load(sources.SINK) | change)


def test_a_path_leads_to_a_schema() -> None:
    schema = sources.sink().schema
    assert schema.at("spec", "settings", "inner", "enabled") is not None
    assert schema.at("spec", "ports", 3, "protocol") is schema.at(
        "spec", "ports", "number=1", "protocol"
    )
    assert schema.at("spec", "labels", "anything") is not None
    assert schema.at("spec", "nope", "deeper") is None
    assert schema.at() is schema


def test_a_default_is_returned_as_a_copy() -> None:
    settings = sources.sink().schema.at("spec", "settings")
    assert settings is not None
    settings.default["level"] = 99
    assert settings.default == {"level": 3}


def test_unsupported_features_are_listed_with_their_path() -> None:
    schema = {
        "properties": {
            "a": {"type": "object", "x-kubernetes-embedded-resource": True},
            "b": {"items": {"$ref": "#/x"}},
            "c": {"anyOf": [{"patternProperties": {}}]},
        }
    }
    assert unsupported_features(schema) == (
        ".a embeds a whole resource",
        ".b[] uses $ref",
        ".c uses patternProperties",
    )


def test_a_conversion_webhook_and_a_scale_subresource_are_not_provable() -> None:
    body = load(sources.SINK)
    body["spec"]["conversion"] = {"strategy": "Webhook"}
    body["spec"]["versions"][0]["subresources"]["scale"] = {}
    assert len(Crd.of(body).not_provable) == 2


def test_descriptions_and_messages_are_not_facts_of_a_schema() -> None:
    plain: JsonObject = {
        "type": "object",
        "properties": {"description": {"type": "string"}},
        "x-kubernetes-validations": [{"rule": "has(self.description)"}],
    }
    described = {
        "type": "object",
        "description": "x",
        "properties": {"description": {"type": "string", "description": "y"}},
        "x-kubernetes-validations": [{"rule": "has(self.description)", "message": "z"}],
    }
    assert facts_text(plain) == facts_text(described)
    for other in (
        {"properties": {}},
        {"default": {"description": "x"}},
        {"x-kubernetes-validations": [{"rule": "true"}]},
    ):
        assert facts_text(plain) != facts_text(plain | other)


@pytest.mark.parametrize("name", ["agentruntimes", "workspaces", "agents"])
def test_the_package_has_a_part_of_the_crd_in_the_histories(name: str) -> None:
    (path, *_) = sorted(sources.CRDS.glob(f"*/{name}.*.yaml"), reverse=True)
    head, _, kept = path.read_text().partition("\n")[0].partition("; kept: ")
    complete = (sources.TESTDATA / f"{name}.yaml").read_text()

    assert complete.startswith(f"{head}\n")
    assert facts(complete, keep=kept.split()) == path.read_text()


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("properties", {"endpoint": None}),
        ("properties", []),
        ("x-kubernetes-validations", [None]),
        ("x-kubernetes-validations", {}),
        ("required", True),
        ("required", [1]),
        ("enum", -1),
        ("minLength", "((("),
        ("minLength", 1.5),
        ("maximum", True),
        ("pattern", 1),
        ("type", ["string", "null"]),
        ("items", []),
        ("additionalProperties", "yes"),
        ("allOf", [1]),
        ("not", []),
    ],
)
def test_a_keyword_of_the_wrong_type_is_refused(keyword: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{keyword}|endpoint"):
        Schema.of({"type": "object", "properties": {"spec": {keyword: value}}})
