"""The JSON Schema of a kind refuses what the structure of its CRD refuses, for every example and every era."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from reconciler.crds import catalogue
from reconciler.kinds import KINDS
from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.jsonschema import manifest_schema
from tests.kinds.examples import Example, examples

# Codes of findings about the structure; a JSON Schema knows neither CEL rules nor the checks beyond the CRD.
_STRUCTURE = {"K8S001", "K8S002", "K8S003", "K8S004", "K8S005", "K8S008"}
_ERAS = [
    (kind.endpoint.crd_name, era.date)
    for kind in KINDS.values()
    for era in catalogue.eras(kind.endpoint.crd_name)
]


def schema_of(example: Example) -> JsonObject:
    version = example.crd.version(example.manifest.api_version.rpartition("/")[2])
    assert version is not None
    return manifest_schema(example.crd, version)


@pytest.mark.parametrize("example", examples("valid") + examples("invalid"), ids=lambda e: e.name)
def test_an_example_is_refused_for_its_structure_alone(example: Example) -> None:
    refused = not Draft202012Validator(schema_of(example)).is_valid(
        example.manifest.document.body()
    )

    assert refused == any(line.split()[0] in _STRUCTURE for line in example.expect)


@pytest.mark.parametrize(("name", "date"), _ERAS)
def test_every_era_has_a_valid_json_schema(name: str, date: str) -> None:
    crd = catalogue.load(name, date)

    for version in crd.versions:
        Draft202012Validator.check_schema(manifest_schema(crd, version))


def _is_valid(spec: JsonObject, value: JsonObject) -> bool:
    crd = Crd.of(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "spec": {
                "group": "example.com",
                "names": {"kind": "Thing", "plural": "things"},
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {
                            "openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}
                        },
                    }
                ],
            },
        }
    )
    schema = manifest_schema(crd, crd.versions[0])
    manifest = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}}
    return Draft202012Validator(schema).is_valid(manifest | {"spec": value})


_STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("spec", "value", "valid"),
    [
        ({"properties": {"a": _STRING}}, {"a": "x"}, True),
        ({"properties": {"a": _STRING}}, {"a": None}, False),
        ({"properties": {"a": _STRING}}, {"b": "x"}, False),
        ({"properties": {"a": _STRING | {"nullable": True}}}, {"a": None}, True),
        ({"properties": {"a": _STRING | {"nullable": True, "enum": ["x"]}}}, {"a": None}, True),
        ({"properties": {"a": _STRING}, "required": ["a"]}, {}, False),
        ({"properties": {"a": _STRING | {"default": "x"}}, "required": ["a"]}, {}, True),
        ({"properties": {"a": {"x-kubernetes-int-or-string": True}}}, {"a": "1"}, True),
        ({"properties": {"a": {"x-kubernetes-int-or-string": True}}}, {"a": 1.5}, False),
        ({"properties": {"a": {"type": "object"}}}, {"a": {"b": 1}}, False),
        ({"x-kubernetes-preserve-unknown-fields": True}, {"b": 1}, True),
        ({"additionalProperties": _STRING}, {"b": "x"}, True),
        ({"additionalProperties": _STRING}, {"b": 1}, False),
        (
            {"properties": {"a": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}}},
            {"a": 0},
            False,
        ),
        (
            {"properties": {"a": _STRING, "b": _STRING}, "oneOf": [{"required": ["a"]}]},
            {"a": "x", "b": "y"},
            True,
        ),
        ({"properties": {"a": _STRING}, "not": {"required": ["a"]}}, {"a": "x"}, False),
        (
            {
                "properties": {
                    "a": {"type": "array", "items": _STRING, "x-kubernetes-list-type": "set"}
                }
            },
            {"a": ["x", "x"]},
            False,
        ),
    ],
)
def test_each_keyword_of_a_structural_schema(
    spec: JsonObject, value: JsonObject, valid: bool
) -> None:
    assert _is_valid({"type": "object", **spec}, value) is valid
