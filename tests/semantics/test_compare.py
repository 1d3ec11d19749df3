"""The leaves in which two objects differ, and values that are equal as JSON."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.path import at, present
from reconciler.semantics.compare import authored, compare
from reconciler.semantics.values import same

BIG = 10**17


def paths(left: dict[str, Any], right: dict[str, Any]) -> list[str]:
    return [".".join(map(str, pair.path)) for pair in compare(left, right)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({}, {}),
        ({"a": {"b": [1, {"c": None}]}}, {"a": {"b": [1, {"c": None}]}}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1.0}]}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_values_that_are_equal_as_json_do_not_differ(
    left: dict[str, Any], right: dict[str, Any]
) -> None:
    assert compare(left, right) == ()


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": "1"}, {"a": 1}, ["a"]),
        ({"a": True}, {"a": 1}, ["a"]),
        ({"a": [False]}, {"a": [0]}, ["a"]),
        ({"a": True, "b": 1}, {"a": 1, "b": 2}, ["a", "b"]),
        ({"a": 1, "b": 1}, {"a": 1.0, "b": 2}, ["b"]),
        ({"a": BIG}, {"a": BIG + 1}, ["a"]),
        ({"a": 0.1}, {"a": 0.1000000000001}, ["a"]),
        ({"a": None}, {}, ["a"]),
        ({"a": {"b": None}}, {"a": {"b": 1}}, ["a.b"]),
    ],
    ids=str,
)
def test_values_that_differ_to_the_server_differ(
    left: dict[str, Any], right: dict[str, Any], expected: list[str]
) -> None:
    assert paths(left, right) == expected
    assert paths(right, left) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": {"x": 1, "y": 2}}, {}, ["a.x", "a.y"]),
        ({"a": {"b": {}}}, {"a": {"b": {"c": 1}}}, ["a.b.c"]),
        ({"a": {}}, {}, ["a"]),
        ({"a": []}, {}, ["a"]),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "z": 3}}, ["a.y", "a.z"]),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": {}}}, ["a.c"]),
    ],
    ids=str,
)
def test_an_added_or_removed_mapping_differs_in_its_leaves(
    left: dict[str, Any], right: dict[str, Any], expected: list[str]
) -> None:
    assert paths(left, right) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": [1]}, {"a": [1, 2]}),
        ({"a": [{"b": 1}, 2]}, {"a": [{"b": 2}, 2]}),
        ({"a": [[1]]}, {"a": [[2]]}),
    ],
    ids=str,
)
def test_a_list_is_a_leaf(left: dict[str, Any], right: dict[str, Any]) -> None:
    (pair,) = compare(left, right)
    assert (pair.path, pair.left, pair.right) == (("a",), left["a"], right["a"])


@pytest.mark.parametrize("key", ["a.b", "a'b", 'a"b', "a[0]", "root['x']", "", "a b", "ключ", "0"])
def test_a_key_may_have_any_characters(key: str) -> None:
    (pair,) = compare({key: {key: 1}}, {key: {key: 2}})
    assert (pair.path, pair.left, pair.right) == ((key, key), 1, 2)


def test_an_explicit_null_differs_from_a_missing_field() -> None:
    (pair,) = compare({"a": None}, {})
    assert (pair.left, pair.right, pair.in_left, pair.in_right) == (None, None, True, False)


def test_differences_are_sorted_by_path() -> None:
    assert paths({"b": 1, "a": {"z": 1, "c": 1}}, {}) == ["a.c", "a.z", "b"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 0.5, "", "a"]),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


@given(OBJECTS, OBJECTS)
def test_two_objects_have_no_differences_exactly_if_they_are_equal(
    left: dict[str, Any], right: dict[str, Any]
) -> None:
    pairs = compare(left, right)
    assert (pairs == ()) is same(left, right)
    for pair in pairs:
        assert (pair.in_left, pair.in_right) == (
            present(left, pair.path),
            present(right, pair.path),
        )
        assert pair.in_left or pair.in_right
        if pair.in_left and pair.in_right:
            assert not same(at(left, pair.path), at(right, pair.path))


def test_status_and_fields_of_the_server_are_not_compared() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "K",
        "metadata": {
            "name": "n",
            "labels": {"a": "b"},
            "finalizers": ["f"],
            "ownerReferences": [],
            "uid": "u",
            "resourceVersion": "7",
            "generation": 2,
            "creationTimestamp": "t",
            "deletionTimestamp": "t",
            "deletionGracePeriodSeconds": 0,
            "managedFields": [],
            "selfLink": "/x",
        },
        "spec": {"status": "kept"},
        "status": {"phase": "Ready"},
    }
    assert authored(body) == {
        "apiVersion": "v1",
        "kind": "K",
        "metadata": {"name": "n", "labels": {"a": "b"}, "finalizers": ["f"], "ownerReferences": []},
        "spec": {"status": "kept"},
    }
    assert authored({"spec": {}}) == {"spec": {}, "metadata": {}}


def test_equal_objects_do_not_load_deepdiff() -> None:
    code = (
        "import sys; from reconciler.semantics.compare import compare; compare({'a': 1}, {'a': 1.0});"
        "sys.exit('deepdiff' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
