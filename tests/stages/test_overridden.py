"""Which fields of an object the cluster overrides: it stores another value than the apply sent."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.stages.plan.overridden import _overridden
from tests.semantics import sources

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
