"""Structural defaulting and pruning."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.semantics.schema.defaults import pruned, with_defaults
from reconciler.semantics.schema.structural import Schema
from tests.semantics import sources

DEFAULTED = {"mode": "plain", "maybeDefault": "given", "settings": {"level": 3}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, DEFAULTED),
        ({"settings": {}}, DEFAULTED | {"settings": {"level": 1}}),
        (
            {"settings": {"inner": {}}},
            DEFAULTED | {"settings": {"level": 1, "inner": {"enabled": True}}},
        ),
        ({"settings": {"level": None}}, DEFAULTED | {"settings": {"level": 1}}),
        ({"settings": None}, DEFAULTED),
        ({"maybeDefault": None}, DEFAULTED | {"maybeDefault": None}),
        ({"text": None}, DEFAULTED | {"text": None}),
        (
            {"ports": [{"number": 1}]},
            DEFAULTED | {"ports": [{"number": 1, "protocol": "TCP", "weight": 7}]},
        ),
        ({"groups": {"a": {}}}, DEFAULTED | {"groups": {"a": {}}}),
    ],
    ids=str,
)
def test_a_default_is_set_where_its_parent_exists(spec: Any, expected: Any) -> None:
    schema = sources.sink().schema
    assert with_defaults(schema, {"spec": spec}) == {"spec": expected}


def test_an_object_without_a_spec_gets_no_defaults() -> None:
    assert with_defaults(sources.sink().schema, {}) == {}


def test_defaulting_does_not_modify_its_argument() -> None:
    body: dict[str, Any] = {"spec": {"settings": {}}}
    with_defaults(sources.sink().schema, body)
    assert body == {"spec": {"settings": {}}}


def test_null_items_and_null_values_of_additional_properties_get_their_default() -> None:
    schema = Schema.of(
        {
            "type": "object",
            "properties": {
                "list": {"type": "array", "items": {"type": "string", "default": "a"}},
                "map": {
                    "type": "object",
                    "additionalProperties": {"type": "integer", "default": 1},
                },
            },
        }
    )
    assert with_defaults(schema, {"list": [None, "b"], "map": {"x": None}}) == {
        "list": ["a", "b"],
        "map": {"x": 1},
    }


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"nope": 1, "mode": "plain"}, {"mode": "plain"}),
        ({"settings": {"nope": {"deep": 1}}}, {"settings": {}}),
        ({"parts": [{"name": "a", "nope": 1}]}, {"parts": [{"name": "a"}]}),
        ({"groups": {"any": {"nope": 1, "size": 2}}}, {"groups": {"any": {"size": 2}}}),
        (
            {"open": {"any": {"thing": 1}, "known": {"size": 1, "no": 2}}},
            {"open": {"any": {"thing": 1}, "known": {"size": 1}}},
        ),
        (
            {"free": {"a": {"b": 1}}, "anything": [{"c": 1}]},
            {"free": {"a": {"b": 1}}, "anything": [{"c": 1}]},
        ),
        ({"shape": {"a": 1}}, {"shape": {}}),
        ({"text": None, "maybe": None, "mode": None}, {"maybe": None, "mode": None}),
    ],
    ids=str,
)
def test_pruning_removes_undeclared_fields_and_nulls(spec: Any, expected: Any) -> None:
    meta = {"apiVersion": "a/v1", "kind": "K", "metadata": {"name": "n"}}
    assert pruned(sources.sink().schema, meta | {"other": 1, "spec": spec}) == meta | {
        "spec": expected
    }


def test_in_a_list_that_preserves_unknown_fields_only_declared_ones_are_pruned() -> None:
    known = {"type": "object", "properties": {"b": {"type": "string"}}}
    item = {"type": "object", "properties": {"known": known}}
    inner = {"type": "array", "items": item}
    preserved = {"type": "array", "x-kubernetes-preserve-unknown-fields": True}
    properties: dict[str, Any] = {
        "list": preserved | {"items": item},
        "lists": preserved | {"items": inner},
    }
    schema = Schema.of({"type": "object", "properties": properties})
    before = {"known": {"b": "x", "c": 1}, "more": {"d": 1}}
    after = {"known": {"b": "x"}, "more": {"d": 1}}
    body = {"list": [before], "lists": [[before]]}
    assert pruned(schema, body) == {"list": [after], "lists": [[after]]}
