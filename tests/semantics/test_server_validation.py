"""Validation, pruning and defaulting, compared between the engine and a real API server.

`Twin.send` compares the answers of both: the refusal and its causes, or the stored object with its managedFields and
whether it changed. The assertions here only check that a test sets up the case in its name.
"""

from __future__ import annotations

import pytest

from reconciler.errors import RefusalReason
from reconciler.model.document import Json, JsonObject, dig
from tests.semantics.twin import Request, Twin, put


@pytest.mark.parametrize(
    "spec",
    [
        {"nope": 1},
        {"settings": {"inner": {"nope": 1}}},
        {"text": 0.7},
        {"text": True},
        {"text": ["a"]},
        {"count": "3"},
        {"flag": "yes"},
        {"settings": []},
        {"words": "a"},
        {"when": {"a": 1}},
        {"ports": [{"protocol": "TCP"}, {}]},
        {"ports": [{"number": 1}, {"number": 1, "protocol": "TCP"}]},
        {"parts": [{"value": "a"}]},
        {"parts": [None]},
        {"unique": ["a", "a"]},
        {"unique": [["a"]]},
        {"numbers": [4, 4.0]},
    ],
    ids=str,
)
def test_a_body_that_does_not_fit_the_types_is_refused_before_validation(
    twin: Twin, spec: JsonObject
) -> None:
    refused = twin.apply(spec)
    assert refused.reason is RefusalReason.UNDECLARED
    assert refused.causes == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"mode": "nope"},
        {"mode": None, "text": None},
        {"count": 11},
        {"count": 3},
        {"count": -2},
        {"count": 0.5},
        {"ratio": 0},
        {"ratio": 1.75},
        {"text": "a"},
        {"text": "abcdefghi"},
        {"text": "ABC"},
        {"text": "ab\n"},
        {"words": []},
        {"words": ["a", "", "c", "d", "e"]},
        {"labels": {"a": "1", "b": "2", "c": "3", "d": "4"}},
        {"labels": {"a": "123456"}},
        {"ref": None},
        {"when": "soon"},
        {"when": 5},
        {"port": {}},
        {"port": True},
        {"kindOf": "z"},
        {"kindOf": "q"},
        {"groups": {"a": {"size": "x"}, "b": {"tags": ["t"]}}, "count": 3},
        {"parts": [{"name": "a", "value": "a"}]},
        {"parts": [{"name": "a", "value": "a"}, {"name": "b", "value": "b"}], "mode": "deep"},
        {"mode": "closed", "open": {}},
        {"mode": "deep"},
        {"mode": "deep", "text": "ab", "open": {"x": 1}},
        {"mode": "closed", "open": {}, "count": 11},
    ],
    ids=str,
)
def test_validation_reports_the_same_causes(twin: Twin, spec: JsonObject) -> None:
    twin.apply(spec)
    twin.apply({"mode": "plain"})
    twin.apply(spec, "bob", force=True)


def test_a_float_without_a_fraction_is_stored_as_an_integer(twin: Twin) -> None:
    twin.apply({"count": 4.0, "ratio": 1})
    assert repr(dig(twin.live, "spec", "count")) == "4"
    assert not twin.apply({"count": 4, "ratio": 1.0}).changed


def test_a_null_is_stored_defaulted_or_refused(twin: Twin) -> None:
    twin.apply({"maybe": None, "maybeDefault": None, "settings": None})
    assert dig(twin.live, "spec") == {
        "mode": "plain",
        "maybe": None,
        "maybeDefault": None,
        "settings": {"level": 3},
    }
    assert twin.apply({"text": None}).reason is RefusalReason.INVALID
    twin.patch({"spec": {"maybe": None, "mode": None}})
    put(twin, lambda body: body["spec"].update(text=None, mode=None, maybe=None))


def test_every_write_but_apply_prunes_undeclared_fields(twin: Twin) -> None:
    twin.send(Request("create", twin.body({"nope": 1, "open": {"any": {"thing": 1}}}, other=1)))
    assert dig(twin.live, "spec", "nope") is None
    put(twin, lambda body: body["spec"].update(nope=1, shape={"a": 1}, open={"known": {"no": 1}}))
    twin.patch({"spec": {"nope": 1}, "other": 2})
    assert dig(twin.live, "spec", "open", "known") == {}


def test_each_preserved_unknown_field_has_its_own_owner(twin: Twin) -> None:
    twin.apply({"open": {"a": {"b": 1, "l": [1, 2]}}, "free": {"x": {"y": 1}}}, "alice")
    twin.apply({"open": {"a": {"c": 1}}}, "bob")
    twin.apply({"open": {"a": {"l": [3]}}}, "alice")
    assert dig(twin.live, "spec", "open", "a") == {"c": 1, "l": [3]}
    twin.apply({"shape": {"a": 1}}, "carol")
    assert dig(twin.live, "spec", "shape") == {}


def test_transition_rules_run_in_updates_only(twin: Twin) -> None:
    twin.apply({"fixed": "a"})
    refused = twin.apply({"fixed": "b"})
    assert refused.causes[0].reason == "FieldValueForbidden"
    assert twin.apply({}).reason is RefusalReason.INVALID


def test_a_stored_object_may_not_fit_the_types(twin: Twin) -> None:
    """The server admits a list in a date-time field by an update; from then on it refuses every apply."""
    twin.send(Request("create", twin.body({})))
    twin.send(Request("patch-status", {"status": {"seen": ["a"]}}, "ctl"))
    assert twin.apply({"text": "abc"}).reason is RefusalReason.FAILED
    assert twin.apply({"nope": 1}).reason is RefusalReason.FAILED
    put(twin, lambda body: body["metadata"].update(managedFields=[{}]))
    assert twin.apply({"nope": 1}).reason is RefusalReason.FAILED


_OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "y"}


@pytest.mark.parametrize(
    "metadata",
    [
        {"foo": 1},
        {"foo": None},
        {"clusterName": "x"},
        {"name": 1},
        {"namespace": 5},
        {"generateName": 1},
        {"labels": "x"},
        {"labels": ["a"]},
        {"labels": {"a": 1}},
        {"labels": {"a": True, "b": 0.5}},
        {"annotations": {"a": True, "b": None}},
        {"annotations": {"a": {"b": "c"}}},
        {"finalizers": "a"},
        {"finalizers": {}},
        {"finalizers": [1]},
        {"finalizers": [None]},
        {"finalizers": ["t.io/a", "t.io/a"]},
        {"ownerReferences": {}},
        {"ownerReferences": ["a"]},
        {"ownerReferences": [_OWNER, _OWNER]},
        {"ownerReferences": [{"uid": 1}]},
        {"ownerReferences": [_OWNER | {"name": 1}]},
        {"ownerReferences": [_OWNER | {"controller": "yes"}]},
        {"ownerReferences": [_OWNER | {"foo": 1}]},
    ],
    ids=str,
)
def test_metadata_must_fit_its_types(twin: Twin, metadata: JsonObject) -> None:
    request = Request("apply", twin.body({}, metadata=metadata), dry_run=True, strict=True)
    assert twin.send(request).reason is RefusalReason.UNDECLARED


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"labels": None, "annotations": None, "finalizers": None, "ownerReferences": None}, {}),
        ({"labels": {"a": None}}, {"labels": {"a": ""}}),
        ({"annotations": {"a": None}}, {"annotations": {"a": ""}}),
        ({"generateName": "x-"}, {"generateName": "x-"}),
        ({"creationTimestamp": "soon"}, {}),
        ({"ownerReferences": [_OWNER]}, {"ownerReferences": [_OWNER]}),
    ],
    ids=str,
)
def test_metadata_is_stored_without_nulls(
    twin: Twin, metadata: JsonObject, expected: JsonObject
) -> None:
    request = Request("apply", twin.body({}, metadata=metadata), dry_run=True, strict=True)
    stored = dig(twin.send(request).object, "metadata")
    always = {"name", "namespace", "uid", "creationTimestamp", "generation", "managedFields"}
    assert {key: value for key, value in stored.items() if key not in always} == expected


@pytest.mark.parametrize(
    "owners",
    [
        [{"uid": "x"}],
        [{"name": "x"}],
        [_OWNER | {"kind": None}],
        [_OWNER | {"apiVersion": "a/b/c"}],
        [_OWNER | {"kind": "Event"}],
        [_OWNER | {"controller": True}, _OWNER | {"controller": True, "uid": "z"}],
    ],
    ids=str,
)
def test_invalid_owner_references_are_refused(twin: Twin, owners: list[JsonObject]) -> None:
    metadata = {"ownerReferences": owners}
    request = Request("apply", twin.body({}, metadata=metadata), dry_run=True, strict=True)
    assert twin.send(request).causes[0].field.startswith("metadata.ownerReferences")


_OF_EVERY_TYPE: tuple[Json, ...] = (
    "text",
    True,
    1,
    0.5,
    [],
    [1, "a b", None, True, 1.5, ["b"], {"b": 2.5, "a": "x"}],
    {},
    {"b": None, "a": False, "c": [1, 2], "d": "text"},
)


@pytest.mark.parametrize(
    "field",
    ["text", "when", "count", "ratio", "flag", "settings", "words", "ports", "unique", "port"],
)
def test_a_value_of_another_type_is_refused_before_the_merge(twin: Twin, field: str) -> None:
    for value in _OF_EVERY_TYPE:
        twin.apply({field: value})
