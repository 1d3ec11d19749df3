from __future__ import annotations

import pytest

from reconciler.crds.facts import facts
from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.facts import digest_text
from reconciler.semantics.schema.structural import Schema, unsupported_in
from tests.controlplane.crds import load
from tests.semantics import sources

EVERY_CRD = sorted(sources.CRDS.glob("*/*.yaml"))


@pytest.mark.parametrize("path", EVERY_CRD, ids=lambda path: path.name)
def test_every_crd_in_the_tree_is_modelled(path: object) -> None:
    crd = sources.crd(path)
    assert crd.not_provable == ()
    assert crd.storage_version.served
    assert crd.storage_version.status_subresource
    assert crd.version(crd.storage_version.name) is crd.storage_version
    assert crd.version("v0") is None


def test_names_of_a_crd() -> None:
    crd = sources.crd(sources.newest("omnia/providers.*.yaml"))
    assert crd.name == "providers.omnia.altairalabs.ai"
    assert str(crd.group_kind) == "Provider.omnia.altairalabs.ai"
    assert crd.endpoint("v1alpha1").api_version == crd.storage_version.api_version
    assert crd.namespaced
    assert not sources.crd(sources.newest("omnia/workspaces.*.yaml")).namespaced


def test_a_live_crd_says_whether_it_is_served() -> None:
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
def test_what_is_no_crd_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"CustomResourceDefinition|openAPIV3Schema"):
        Crd.of(load(sources.SINK) | change)


def test_a_tree_is_walked_by_path() -> None:
    schema = sources.sink().schema
    assert schema.at("spec", "settings", "inner", "enabled") is not None
    assert schema.at("spec", "ports", 3, "protocol") is schema.at(
        "spec", "ports", "number=1", "protocol"
    )
    assert schema.at("spec", "labels", "anything") is not None
    assert schema.at("spec", "nope", "deeper") is None
    assert schema.at() is schema


def test_a_default_is_given_as_a_copy() -> None:
    settings = sources.sink().schema.at("spec", "settings")
    assert settings is not None
    settings.default["level"] = 99
    assert settings.default == {"level": 3}


def test_what_is_not_modelled_is_named() -> None:
    schema = {
        "properties": {
            "a": {"type": "object", "x-kubernetes-embedded-resource": True},
            "b": {"items": {"$ref": "#/x"}},
            "c": {"anyOf": [{"patternProperties": {}}]},
        }
    }
    assert unsupported_in(schema) == (
        ".a embeds a whole resource",
        ".b[] uses $ref",
        ".c uses patternProperties",
    )


def test_a_webhook_and_a_scale_endpoint_are_not_provable() -> None:
    body = load(sources.SINK)
    body["spec"]["conversion"] = {"strategy": "Webhook"}
    body["spec"]["versions"][0]["subresources"]["scale"] = {}
    assert len(Crd.of(body).not_provable) == 2


def test_sentences_do_not_make_another_schema() -> None:
    plain: JsonObject = {
        "type": "object",
        "properties": {"description": {"type": "string"}},
        "x-kubernetes-validations": [{"rule": "has(self.description)"}],
    }
    wordy = {
        "type": "object",
        "description": "x",
        "properties": {"description": {"type": "string", "description": "y"}},
        "x-kubernetes-validations": [{"rule": "has(self.description)", "message": "z"}],
    }
    assert digest_text(plain) == digest_text(wordy)
    for other in (
        {"properties": {}},
        {"default": {"description": "x"}},
        {"x-kubernetes-validations": [{"rule": "true"}]},
    ):
        assert digest_text(plain) != digest_text(plain | other)


@pytest.mark.parametrize("name", ["agentruntimes", "workspaces", "agents"])
def test_the_tree_has_a_part_of_what_the_histories_use(name: str) -> None:
    (path, *_) = sorted(sources.CRDS.glob(f"*/{name}.*.yaml"), reverse=True)
    head, _, kept = path.read_text().partition("\n")[0].partition("; kept: ")
    whole = (sources.TESTDATA / f"{name}.yaml").read_text()

    assert whole.startswith(f"{head}\n")
    assert facts(whole, keep=kept.split()) == path.read_text()


@pytest.mark.parametrize(
    ("body", "atomic"),
    [
        ({"type": "array"}, True),
        ({"type": "array", "x-kubernetes-list-type": "set"}, False),
        ({"type": "object"}, False),
        ({"type": "object", "x-kubernetes-map-type": "atomic"}, True),
    ],
    ids=str,
)
def test_what_is_one_field(body: dict[str, object], atomic: bool) -> None:
    assert Schema.of(body).atomic is atomic


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
def test_a_schema_that_is_none_is_said_so(keyword: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{keyword}|endpoint"):
        Schema.of({"type": "object", "properties": {"spec": {keyword: value}}})
