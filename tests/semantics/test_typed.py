"""The typed conversion of a body."""

from __future__ import annotations

import pytest

from reconciler.model.document import JsonObject
from reconciler.semantics.ownership.typed import mismatches, undeclared
from reconciler.semantics.schema.structural import Schema
from tests.semantics import sources


def test_every_undeclared_field_is_listed_with_the_declared_fields_beside_it() -> None:
    body = sources.body(sources.sink(), {"nope": 1, "parts": [{"name": "a", "nam": 1}], "mode": 3})
    in_spec, in_part = undeclared(sources.sink().schema, body)
    assert (in_spec.field, in_spec.path) == (".spec.nope", ("spec", "nope"))
    assert in_spec.sentence == ".spec.nope: field not declared in schema"
    assert in_part.field == '.spec.parts[name="a"].nam'
    assert in_part.path == ("spec", "parts", 0, "nam")
    assert in_part.declared == ("list", "name", "value")


def test_values_of_another_type_are_listed_with_the_type_that_the_schema_has() -> None:
    spec = {"mode": 3, "count": "x", "flag": "x", "words": {}, "settings": [], "when": {}}
    body = sources.body(sources.sink(), spec)
    types = {each.field: each.expected_type for each in mismatches(sources.sink().schema, body)}
    assert types == {
        ".spec.mode": "string",
        ".spec.count": "number",
        ".spec.flag": "boolean",
        ".spec.words": "array",
        ".spec.settings": "object",
        ".spec.when": "",
    }


def test_metadata_is_typed_as_kubernetes_declares_it() -> None:
    body = sources.body(sources.sink(), {}, labels={"a": 1}, nope=True, finalizers=["a", "a"])
    assert {mismatch.field for mismatch in mismatches(sources.sink().schema, body)} == {
        ".metadata.labels.a",
        ".metadata.nope",
        ".metadata.finalizers",
    }


def test_repeated_items_are_a_mismatch_unless_an_update_may_store_them() -> None:
    body = sources.body(sources.sink(), {"unique": ["a", "a"]})
    assert len(mismatches(sources.sink().schema, body)) == 1
    assert mismatches(sources.sink().schema, body, duplicates=True) == ()


def test_repeated_items_may_be_inside_an_item() -> None:
    tags = {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}
    item = {"type": "object", "properties": {"name": {"type": "string"}, "tags": tags}}
    parts = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "items": item,
    }
    schema = Schema.of({"type": "object", "properties": {"parts": parts}})
    body = {"parts": [{"name": "a", "tags": ["x", "x"]}]}
    (mismatch,) = mismatches(schema, body)
    assert mismatch.sentence == '.parts[name="a"].tags: duplicate entries for key [="x"]'
    assert mismatches(schema, body, duplicates=True) == ()


def test_every_object_has_a_version_a_kind_and_metadata_whatever_its_schema_declares() -> None:
    spec = {"type": "object", "properties": {"text": {"type": "string"}}}
    schema = Schema.of({"type": "object", "properties": {"spec": spec}})
    body = {"apiVersion": "g/v1", "kind": "Sink", "metadata": {"name": "a"}, "spec": {"text": "a"}}
    assert mismatches(schema, body) == ()
    assert [each.field for each in mismatches(schema, body | {"kind": 1, "more": 1})] == [
        ".kind",
        ".more",
    ]


def test_unknown_fields_are_preserved_at_every_depth() -> None:
    """For typing; pruning drops them."""
    item = {"type": "object", "properties": {"a": {"type": "string"}}}
    items = {"type": "array", "items": item}
    properties: JsonObject = {
        "field": {"properties": {"inner": item}},
        "keys": {"type": "object", "additionalProperties": item},
        "list": items,
        "untyped": {"items": item},
    }
    schema = Schema.of(
        {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": properties}
    )
    more = {"b": 1}
    body = {"field": {"inner": more}, "keys": {"k": more}, "list": [more], "untyped": [more]}
    assert mismatches(schema, body) == ()


@pytest.mark.parametrize(("form", "typed"), [("byte", True), ("", True), ("date-time", False)])
def test_a_string_with_a_format_takes_any_scalar_before_validation(
    form: str, *, typed: bool
) -> None:
    text = {"type": "string"} | ({"format": form} if form else {})
    schema = Schema.of({"type": "object", "properties": {"text": text}})
    assert bool(mismatches(schema, {"text": 1})) is typed


def test_an_item_that_omits_a_key_has_its_default_of_any_type() -> None:
    properties = {
        "name": {"type": "string"},
        "port": {"x-kubernetes-int-or-string": True, "default": 80},
    }
    ports = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "port"],
        "items": {"type": "object", "properties": properties},
    }
    schema = Schema.of({"type": "object", "properties": {"ports": ports}})
    (mismatch,) = mismatches(schema, {"ports": [{"name": "a"}, {"name": "a", "port": 80}]})
    assert mismatch.message == 'duplicate entries for key [name="a",port=80]'
