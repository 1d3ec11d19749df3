from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.document import Json
from reconciler.model.path import show
from reconciler.semantics.ownership.atoms import ListAtom, root_atom
from reconciler.semantics.ownership.fieldset import FieldSet, fields_of_apply
from reconciler.semantics.ownership.path_elements import field_path, item_element, printed
from tests.semantics import sources

READY = ("f:status", "f:conditions", 'k:{"type":"Ready"}', "f:status")
TAG = ("f:spec", "f:unique", 'v:"a"')
FIRST = ("f:spec", "f:words", "i:0")


@pytest.mark.parametrize(
    ("path", "as_conflict", "as_field_path"),
    [
        (
            READY,
            '.status.conditions[type="Ready"].status',
            'status.conditions[type="Ready"].status',
        ),
        (TAG, '.spec.unique[="a"]', 'spec.unique[="a"]'),
        (FIRST, ".spec.words[0]", "spec.words[0]"),
        (("f:metadata", "f:labels", "f:a.b/c"), ".metadata.labels.a.b/c", "metadata.labels[a.b/c]"),
        (
            ("f:spec", "f:ports", 'k:{"number":1,"protocol":"TCP"}'),
            '.spec.ports[number=1,protocol="TCP"]',
            'spec.ports[number=1,protocol="TCP"]',
        ),
    ],
    ids=str,
)
def test_a_path_is_printed_as_in_a_conflict_and_as_a_field_path(
    path: tuple[str, ...], as_conflict: str, as_field_path: str
) -> None:
    assert printed(path) == as_conflict
    assert show(field_path(path)) == as_field_path


def test_the_index_of_an_item_is_a_number() -> None:
    assert field_path(FIRST) == ("spec", "words", 0)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"f:spec": {"f:a": {}, "f:b": {"f:c": {}}}},
        {"f:spec": {"f:a": {".": {}, "f:b": {}}}},
        {"f:status": {"f:conditions": {'k:{"type":"Ready"}': {".": {}, "f:status": {}}}}},
        {"f:spec": {"f:unique": {'v:"a"': {}, "v:1": {}, "i:3": {}}}},
        {"f:spec": {"f:labels": {"f:": {}}}},
    ],
    ids=str,
)
def test_fields_v1_survives_reading_and_writing(fields: dict[str, Any]) -> None:
    assert FieldSet.from_fields_v1(fields).to_fields_v1() == fields


def test_path_elements_are_read_into_their_canonical_spelling() -> None:
    loose: dict[str, Any] = {"f:p": {'k:{"b": 2.0, "a": "<"}': {}}}
    canonical: dict[str, Any] = {"f:p": {'k:{"a":"\\u003c","b":2}': {}}}
    assert FieldSet.from_fields_v1(loose) == FieldSet.from_fields_v1(canonical)
    assert FieldSet.from_fields_v1(loose).to_fields_v1() == canonical


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"f:a": 1}, "FieldsV1 has 1 under 'f:a'"),
        ({"spec": {}}, "'spec' is not a path element of FieldsV1"),
        ({"": {}}, "'' is not a path element of FieldsV1"),
        ({"k:{": {}}, "Expecting"),
        ({"k:[]": {}}, "'k:\\[\\]' has no keys"),
    ],
    ids=str,
)
def test_invalid_fields_v1_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FieldSet.from_fields_v1(fields)


def test_an_item_without_any_of_its_keys_has_no_path_element() -> None:
    with pytest.raises(ValueError, match=r'omits all key fields \["a" "b"\] \(and'):
        item_element(ListAtom(associative=True, keys=("a", "b")), {"c": 1})


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({}, "associative list without keys has an element that's a map type"),
        ([], "not supported: associative list with lists as elements"),
        (None, "associative list without keys has an element that's an explicit null"),
    ],
)
def test_an_item_of_a_set_is_a_scalar(item: Json, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        item_element(ListAtom(associative=True), item)


def test_path_elements_of_an_unknown_type_are_left_out() -> None:
    assert FieldSet.from_fields_v1({"z:new": {}, "f:a": {}}) == FieldSet.of_paths([("f:a",)])


_paths = st.lists(
    st.lists(st.sampled_from(("f:a", "f:b", "v:1")), min_size=1, max_size=3).map(tuple), max_size=6
)


@given(_paths, _paths)
def test_a_field_set_behaves_like_a_set_of_paths(
    left: list[tuple[str, ...]], right: list[tuple[str, ...]]
) -> None:
    a, b = FieldSet.of_paths(left), FieldSet.of_paths(right)
    assert set(a) == set(left)
    assert set(a | b) == set(left) | set(right)
    assert set(a & b) == set(left) & set(right)
    assert set(a - b) == set(left) - set(right)
    assert (a - b) | (a & b) == a
    assert bool(a) == bool(left)

    assert FieldSet.from_fields_v1(a.to_fields_v1()) == a
    assert set(a.without(b)) == {
        path for path in left if not any(path[: len(p)] == p for p in right)
    }
    assert set(a.leaves()) == {
        p for p in left if not any(q[: len(p)] == p and q != p for q in left)
    }


def test_an_apply_owns_the_fields_of_its_body() -> None:
    body = sources.body(
        sources.sink(),
        {
            "mode": "plain",
            "settings": {},
            "ref": {"name": "a", "key": "b"},
            "words": ["x", "x"],
            "labels": {"a": "1"},
            "unique": ["u"],
            "ports": [{"number": 1}],
            "maybe": None,
            "free": {"x": {"y": 1}},
        },
        labels={"l": "1"},
        uid="u",
    )
    assert fields_of_apply(sources.sink().schema, body).to_fields_v1() == {
        "f:metadata": {"f:labels": {"f:l": {}}},
        "f:spec": {
            "f:free": {"f:x": {".": {}, "f:y": {}}},
            "f:labels": {"f:a": {}},
            "f:maybe": {},
            "f:mode": {},
            "f:ports": {'k:{"number":1,"protocol":"TCP"}': {".": {}, "f:number": {}}},
            "f:ref": {},
            "f:settings": {},
            "f:unique": {'v:"u"': {}},
            "f:words": {},
        },
    }


def test_an_item_that_is_stored_twice_is_owned_without_its_content() -> None:
    ports = [{"number": 1, "name": "a"}, {"number": 1, "name": "b"}, {"number": 2, "name": "c"}]
    body = sources.body(sources.sink(), {"ports": ports, "unique": ["u", "u"]})
    assert fields_of_apply(sources.sink().schema, body).to_fields_v1()["f:spec"] == {
        "f:ports": {
            'k:{"number":1,"protocol":"TCP"}': {},
            'k:{"number":2,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:number": {}},
        },
        "f:unique": {'v:"u"': {}},
    }


def test_declared_fields_above_a_member_are_named() -> None:
    """Keys of a map, items of a list and what no schema declares are not."""
    port, part = 'k:{"number":1,"protocol":"TCP"}', 'k:{"name":"x"}'
    owned = FieldSet.from_fields_v1(
        {
            "f:spec": {
                "f:groups": {"f:g": {"f:tags": {'v:"a"': {}}}},
                "f:open": {"f:known": {"f:size": {}}, "f:more": {"f:a": {}}},
                "f:parts": {part: {"f:list": {"i:0": {}}}},
                "f:ports": {port: {"f:name": {}}},
                "f:unique": {'v:"a"': {}},
            }
        }
    )
    assert owned.with_named_fields(root_atom(sources.sink().schema)).to_fields_v1() == {
        "f:spec": {
            ".": {},
            "f:groups": {".": {}, "f:g": {"f:tags": {".": {}, 'v:"a"': {}}}},
            "f:open": {".": {}, "f:known": {".": {}, "f:size": {}}, "f:more": {"f:a": {}}},
            "f:parts": {".": {}, part: {"f:list": {".": {}, "i:0": {}}}},
            "f:ports": {".": {}, port: {"f:name": {}}},
            "f:unique": {".": {}, 'v:"a"': {}},
        }
    }
    assert owned.with_named_fields(None) == owned


def test_elements_are_in_the_order_of_the_server() -> None:
    """Fields, keys, values, indices; numbers by their value."""
    level = ["f:a", "f:a.b", "f:b", 'k:{"a":9}', 'k:{"a":10}']
    level += ["v:9", "v:10", 'v:"a"', "v:false", "v:true", "v:[1]", "v:[2]", "v:null"]
    level += ["i:9", "i:10"]
    fields = FieldSet.from_fields_v1({key: {} for key in reversed(level)} | {"f:a": {"f:z": {}}})
    assert list(fields.to_fields_v1()) == level
    members = [(element,) for element in level[1:]]
    assert list(fields) == [*members, ("f:a", "f:z")], "the members of a level come first"


def test_the_value_decides_what_an_untyped_field_is_and_one_of_another_type_is_no_field() -> None:
    spec = {
        "anything": {"a": {"b": 1}, "c": [1]},
        "free": {"x": [1, {"y": 2}]},
        "labels": ["a"],
        "mode": {"a": 1},
        "port": "a",
        "ports": "x",
        "settings": "text",
        "unique": {"a": 1},
    }
    body = sources.body(sources.sink(), spec)
    assert fields_of_apply(sources.sink().schema, body).to_fields_v1()["f:spec"] == {
        "f:anything": {"f:a": {".": {}, "f:b": {}}, "f:c": {}},
        "f:free": {"f:x": {}},
        "f:mode": {},
        "f:port": {},
    }
