"""Which fields of an object the cluster overrides: it stores another value than the apply sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.semantics.schema.structural import Schema
from reconciler.stages.plan import plan_object
from reconciler.stages.plan.overridden import _overridden, with_overridden
from tests.semantics import sources
from tests.stages.builders import REF, given, observation, stored

SCHEMA = sources.sink().schema.child("spec")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"text": "a"}, {"text": "a", "mode": "plain"}),
        ({"count": 4.0}, {"count": 4}),
        ({"maybe": None}, {}),
        ({"settings": {}}, {"settings": {"level": 1}}),
        ({"words": ["a", "b"]}, {"words": ["a", "b"]}),
        ({"unique": ["a"]}, {"unique": ["b", "a"]}),
        ({"ports": [{"number": 1}]}, {"ports": [{"number": 2}, {"number": 1, "weight": 7}]}),
        ({"free": {"a": [{"b": 1}]}}, {"free": {"a": [{"b": 1, "c": 2}]}}),
    ],
    ids=str,
)
def test_what_defaults_and_others_add_is_none(sent: Any, stored: Any) -> None:
    assert list(_overridden(sent, stored, SCHEMA, ())) == []


@pytest.mark.parametrize(
    ("sent", "stored", "path"),
    [
        ({"text": "a"}, {"text": "b"}, ("text",)),
        ({"text": "a"}, {}, ("text",)),
        ({"flag": True}, {"flag": 1}, ("flag",)),
        ({"settings": {"name": "a"}}, {"settings": {"name": "b"}}, ("settings", "name")),
        ({"settings": {"name": "a"}}, {"settings": "a"}, ("settings",)),
        ({"words": ["a"]}, {"words": ["a", "b"]}, ("words",)),
        ({"words": ["a", "b"]}, {"words": ["b", "a"]}, ("words",)),
        ({"unique": ["a", "b"]}, {"unique": ["a"]}, ("unique",)),
        ({"ports": [{"number": 1, "name": "a"}]}, {"ports": [{"number": 1}]}, ("ports",)),
    ],
    ids=str,
)
def test_a_value_that_is_not_the_applied_one(sent: Any, stored: Any, path: Any) -> None:
    assert list(_overridden(sent, stored, SCHEMA, ())) == [path]


def test_without_a_schema_a_list_is_one_value() -> None:
    assert list(_overridden({"a": [1]}, {"a": [1, 2]}, None, ())) == [("a",)]


def test_one_value_in_place_of_a_list_is_another_value() -> None:
    assert list(_overridden({"words": ["a"]}, {"words": "a"}, SCHEMA, ())) == [("words",)]


def test_the_types_are_those_of_the_crd_of_the_object() -> None:
    """By which others may add items to a set, in any order."""
    sent, kept = ({"unique": words} for words in (["a"], ["b", "a"]))
    observed = observation(sent, None, stored(kept))
    change = plan_object(given(), observed)
    version = sources.sink().name
    change = replace(change, endpoint=replace(change.endpoint, version=version))
    crds = {REF.group_kind: sources.crd(sources.SINK)}
    assert with_overridden(change, observed, crds).overridden == ()
    assert with_overridden(change, observed, {}).overridden == (("spec", "unique"),)
    later = replace(change, endpoint=replace(change.endpoint, version="v9"))
    assert with_overridden(later, observed, crds).overridden == (("spec", "unique"),)


SET = {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}
TAGGED = {"type": "object", "properties": {"name": {"type": "string"}, "tags": SET}}


@pytest.mark.parametrize(
    "kind",
    [{}, {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}],
    ids=["atomic", "map"],
)
def test_an_item_is_compared_by_its_own_types(kind: dict[str, Any]) -> None:
    schema = Schema.of({"type": "array", "items": TAGGED} | kind)
    sent, stored_items = ([{"name": "a", "tags": tags}] for tags in (["x"], ["y", "x"]))
    assert list(_overridden(sent, stored_items, schema, ("spec",))) == []


def test_an_atomic_list_is_one_value() -> None:
    schema = Schema.of(SET | {"x-kubernetes-list-type": "atomic"})
    assert list(_overridden(["a"], ["a", "b"], schema, ("spec",))) == [("spec",)]
