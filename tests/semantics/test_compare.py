"""Field by field: which leaves differ, and what is no difference at all."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.document import JsonObject
from reconciler.model.marks import LAST_APPLIED
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
def test_equal_json_is_no_difference(left: dict[str, Any], right: dict[str, Any]) -> None:
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
        ({"__a": 1}, {"__a": 2}, ["__a"]),
        ({"a": {"__b": 1}}, {"a": {}}, ["a.__b"]),
    ],
    ids=str,
)
def test_what_is_another_value_to_the_server_is_a_difference(
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
def test_a_mapping_that_comes_or_goes_is_shown_by_its_leaves(
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
def test_a_list_is_one_leaf(left: dict[str, Any], right: dict[str, Any]) -> None:
    (pair,) = compare(left, right)
    assert (pair.path, pair.left, pair.right) == (("a",), left["a"], right["a"])


@pytest.mark.parametrize("key", ["a.b", "a'b", 'a"b', "a[0]", "root['x']", "", "a b", "ключ", "0"])
def test_a_key_is_a_key_whatever_stands_in_it(key: str) -> None:
    (pair,) = compare({key: {key: 1}}, {key: {key: 2}})
    assert (pair.path, pair.left, pair.right) == ((key, key), 1, 2)


def test_an_explicit_null_is_told_apart_from_nothing() -> None:
    (pair,) = compare({"a": None}, {})
    assert (pair.left, pair.right, pair.in_left, pair.in_right) == (None, None, True, False)


def test_the_order_is_that_of_the_paths() -> None:
    assert paths({"b": 1, "a": {"z": 1, "c": 1}}, {}) == ["a.c", "a.z", "b"]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([0.0, 1.0, 0.5, BIG, BIG + 1, BIG + 0.0, "", "a", "1", "true"])
)
KEYS = st.sampled_from(["a", "b", "c", "__a", "a.b", "root['a']", "", "0", "\u00e9"])
JSON = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=10,
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=4)


@st.composite
def edited(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """An object, and the same with some values replaced, removed or added."""
    before = draw(OBJECTS)
    after = copy.deepcopy(before)
    for _ in range(draw(st.integers(1, 3))):
        place = after
        while inner := [value for value in place.values() if isinstance(value, dict)]:
            if draw(st.booleans()):
                break
            place = draw(st.sampled_from(inner))
        key = draw(KEYS)
        if key in place and draw(st.booleans()):
            del place[key]
        else:
            place[key] = draw(JSON)
    return before, after


def flat(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every leaf by its path."""
    if not isinstance(value, dict) or (path and not value):
        return {path: value}
    below = [flat(inner, (*path, key)) for key, inner in value.items()]
    return dict(pair for leaves in below for pair in leaves.items())


def reference(left: dict[str, Any], right: dict[str, Any]) -> set[tuple[str, ...]]:
    """The paths of `compare`, by a plain comparison of all leaves."""
    ours, theirs = flat(left), flat(right)
    differing = {
        path
        for path in ours.keys() | theirs.keys()
        if path not in ours or path not in theirs or not same(ours[path], theirs[path])
    }
    # A value that gives way to a mapping is shown by the leaves of the mapping.
    return differing - {path[:length] for path in differing for length in range(len(path))}


@settings(max_examples=500, deadline=None)
@given(edited() | st.tuples(OBJECTS, OBJECTS))
def test_the_leaves_that_differ_are_those_of_a_plain_comparison(
    objects: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    left, right = objects
    untouched = copy.deepcopy(objects)
    pairs = compare(left, right)
    assert {pair.path for pair in pairs} == reference(left, right)
    assert len({pair.path for pair in pairs}) == len(pairs)
    assert (pairs == ()) is same(left, right)
    for pair in pairs:
        assert (pair.left, pair.right) == (at(left, pair.path), at(right, pair.path))
        assert pair.in_left == present(left, pair.path)
        assert pair.in_right == present(right, pair.path)
    assert objects == untouched


def test_only_what_people_and_tools_write_is_compared() -> None:
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


@pytest.mark.parametrize(
    ("annotations", "kept"),
    [
        ({LAST_APPLIED: "{}"}, {}),
        ({LAST_APPLIED: "{}", "team": "llm"}, {"annotations": {"team": "llm"}}),
        ({"team": "llm"}, {"annotations": {"team": "llm"}}),
        ({}, {"annotations": {}}),
        (None, {"annotations": None}),
    ],
)
def test_what_kubectl_keeps_in_an_annotation_nobody_wrote(
    annotations: JsonObject | None, kept: JsonObject
) -> None:
    assert authored({"metadata": {"annotations": annotations}})["metadata"] == kept


def test_equal_objects_do_not_load_the_library() -> None:
    code = (
        "import sys; from reconciler.semantics.compare import compare; compare({'a': 1}, {'a': 1.0});"
        "sys.exit('deepdiff' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=600).returncode == 0
