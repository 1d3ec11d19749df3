"""Requests whose answer matters to the product, sent to the engine and to a real API server.

`Twin.send` compares: accepted or refused and how, all causes, what is stored, managedFields, and
whether anything changed. The assertions here only say that the case is the one it claims to be.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import Refusal
from reconciler.model.document import JsonObject, dig
from reconciler.semantics.crd import Crd
from tests.controlplane.crds import load
from tests.controlplane.plane import ControlPlane
from tests.semantics.twin import Answer, Request, Twin

SINK = Path(__file__).parent / "testdata" / "sink.yaml"

Make = Callable[[], Twin]


@pytest.fixture(scope="module")
def sink(control_plane: ControlPlane) -> Crd:
    control_plane.install_crds([SINK])
    return Crd.of(load(SINK))


@pytest.fixture
def twin(control_plane: ControlPlane, sink: Crd, namespace: str) -> Twin:
    return Twin(control_plane, sink, namespace, "one")


def put(twin: Twin, change: Callable[[JsonObject], object], *, status: bool = False) -> Answer:
    """GET, change, PUT: what a controller or an editor does."""
    body = copy.deepcopy(twin.live) or twin.body({})
    change(body)
    return twin.send(Request("update-status" if status else "update", body, "editor"))


def manager_of(twin: Twin, path: str) -> set[str]:
    """Who owns `spec.<path>`."""
    return {
        entry["manager"]
        for entry in dig(twin.live, "metadata", "managedFields") or []
        if f"f:{path}" in (dig(entry, "fieldsV1", "f:spec") or {})
    }


# Ownership, as server-side apply works.


def test_an_apply_that_changes_nothing_writes_nothing(twin: Twin) -> None:
    assert twin.apply({"text": "abc"}).created
    assert not twin.apply({"text": "abc"}).changed


def test_an_empty_map_is_a_field_and_is_filled_with_defaults(twin: Twin) -> None:
    twin.apply({"settings": {}})
    assert dig(twin.live, "spec", "settings") == {"level": 1}
    assert manager_of(twin, "settings") == {"alice"}
    assert not twin.apply({"settings": {}}).changed


def test_an_atomic_list_is_one_field_and_takes_a_duplicate(twin: Twin) -> None:
    twin.apply({"words": ["a", "a"]})
    assert dig(twin.live, "metadata", "managedFields")[0]["fieldsV1"] == {"f:spec": {"f:words": {}}}


def test_a_key_of_someone_else_stays_beside_ours(twin: Twin) -> None:
    twin.apply({"labels": {"a": "1"}})
    twin.patch({"spec": {"labels": {"b": "2"}}})
    assert not twin.apply({"labels": {"a": "1"}}).changed
    assert dig(twin.live, "spec", "labels") == {"a": "1", "b": "2"}


def test_a_removed_field_leaves_our_entry_without_a_trace(twin: Twin) -> None:
    twin.apply({"text": "abc"})
    twin.patch({"spec": {"text": None}})
    assert manager_of(twin, "text") == set()
    assert twin.apply({"text": "abc"}).changed


def test_a_field_changed_by_someone_else_is_a_conflict_until_forced(twin: Twin) -> None:
    twin.apply({"text": "abc"})
    twin.patch({"spec": {"text": "xyz"}})
    refused = twin.apply({"text": "abc"})
    assert refused.refusal is Refusal.FIELD_CONFLICT
    assert [cause.field for cause in refused.causes] == [".spec.text"]
    assert twin.apply({"text": "abc"}, force=True).changed
    assert manager_of(twin, "text") == {"alice"}


def test_conflicts_with_several_managers_are_all_named(twin: Twin) -> None:
    twin.apply({"text": "abc", "count": 2}, "alice")
    twin.apply({"flag": True}, "carol")
    twin.patch({"spec": {"labels": {"a": "1"}}}, "dave")
    refused = twin.apply({"text": "x-y", "count": 4, "flag": False, "labels": {"a": "2"}}, "bob")
    assert len(refused.causes) == 4


def test_what_two_apply_stays_while_one_of_them_does(twin: Twin) -> None:
    twin.apply({"text": "abc", "flag": True}, "alice")
    twin.apply({"text": "abc"}, "bob")
    twin.apply({}, "alice")
    assert dig(twin.live, "spec", "text") == "abc"
    assert dig(twin.live, "spec", "flag") is None
    twin.apply({}, "bob")
    assert dig(twin.live, "spec", "text") is None


def test_a_dropped_default_comes_back_unowned(twin: Twin) -> None:
    twin.apply({"mode": "closed"})
    twin.apply({})
    assert dig(twin.live, "spec", "mode") == "plain"
    assert manager_of(twin, "mode") == set()


def test_items_of_a_map_list_have_owners_of_their_own(twin: Twin) -> None:
    twin.apply({"ports": [{"number": 1, "name": "a"}, {"number": 2}]}, "alice")
    twin.apply({"ports": [{"number": 2, "weight": 9}, {"number": 3}]}, "bob", force=True)
    twin.apply({"ports": [{"number": 3}, {"number": 1}]}, "alice")
    assert [item["number"] for item in dig(twin.live, "spec", "ports")]
    twin.apply({}, "bob")
    assert {item["number"] for item in dig(twin.live, "spec", "ports")} == {1, 3}


def test_items_of_a_set_have_owners_of_their_own(twin: Twin) -> None:
    twin.apply({"unique": ["a", "b"]}, "alice")
    twin.apply({"unique": ["c", "b"]}, "bob")
    twin.apply({"unique": ["a"]}, "alice")
    assert sorted(dig(twin.live, "spec", "unique")) == ["a", "b", "c"]


def test_an_update_with_repeated_items_confuses_nobody(twin: Twin) -> None:
    twin.apply({"parts": [{"name": "a", "value": "b"}]})
    put(twin, lambda body: body["spec"].update(unique=["a", "a"]))
    put(twin, lambda body: body["spec"].update(parts=[{"name": "a"}, {"name": "a"}]))
    twin.apply({"parts": [{"name": "a", "value": "c"}]}, force=True)


def test_client_side_apply_becomes_ours_only_field_by_field(twin: Twin) -> None:
    body = twin.body({"text": "abc", "flag": True})
    twin.send(Request("create", body, "kubectl-client-side-apply"))
    assert not dig(twin.apply({"text": "abc", "flag": True}).object, "nothing")
    assert manager_of(twin, "text") == {"alice", "kubectl-client-side-apply"}
    refused = twin.apply({"text": "x-y", "flag": True})
    assert refused.refusal is Refusal.FIELD_CONFLICT


def test_ownership_can_be_moved_by_writing_managed_fields(twin: Twin) -> None:
    twin.send(Request("create", twin.body({"text": "abc", "flag": True}), "helm"))

    def adopt(body: JsonObject) -> None:
        (entry,) = body["metadata"]["managedFields"]
        entry |= {"manager": "alice", "operation": "Apply"}

    put(twin, adopt)
    twin.apply({"text": "abc"})
    assert dig(twin.live, "spec", "flag") is None


def test_an_object_without_managed_fields_starts_with_what_was_there(twin: Twin) -> None:
    twin.send(Request("create", twin.body({"text": "abc"}), "old"))
    put(twin, lambda body: body["metadata"].update(managedFields=[{}]))
    assert dig(twin.live, "metadata", "managedFields") is None
    put(twin, lambda body: body["spec"].update(count=2))
    assert twin.apply({"text": "x-y"}).refusal is Refusal.FIELD_CONFLICT
    twin.apply({"text": "abc", "flag": True})
    assert manager_of(twin, "count") == {"before-first-apply"}


def test_many_updaters_are_folded_into_one(twin: Twin) -> None:
    twin.apply({"text": "abc"})
    for number in range(13):
        twin.patch({"metadata": {"annotations": {f"a{number}": "x"}}}, f"manager-{number:02}")
    managers = {entry["manager"] for entry in dig(twin.live, "metadata", "managedFields")}
    assert "ancient-changes" in managers


def test_times_tell_who_wrote_last(twin: Twin) -> None:
    """Entries stand in the order of their times; a write that would only move a time is none."""
    twin.pause = 1.05
    twin.apply({"ref": {"key": "a"}}, "alice")
    twin.apply({"flag": True}, "bob")
    assert twin.apply(
        {"ref": {"key": "a"}}, "alice"
    ).changed  # a default inside of one field: a new order
    assert not twin.apply({"ref": {"key": "a"}}, "alice").changed
    twin.patch({"spec": {"flag": None}})
    twin.apply({"flag": True}, "bob")
    twin.apply({"ref": {"key": "a", "name": ""}}, "carol")
    twin.apply({"ref": {"key": "a", "name": ""}}, "carol", metadata={"labels": {}})


# Typing and validation.


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
def test_typing_is_refused_before_validation(twin: Twin, spec: JsonObject) -> None:
    refused = twin.apply(spec)
    assert refused.refusal is Refusal.UNDECLARED
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
def test_validation_names_the_same_causes(twin: Twin, spec: JsonObject) -> None:
    twin.apply(spec)
    twin.apply({"mode": "plain"})
    twin.apply(spec, "bob", force=True)


def test_numbers_are_stored_as_the_server_writes_them(twin: Twin) -> None:
    twin.apply({"count": 4.0, "ratio": 1})
    assert repr(dig(twin.live, "spec", "count")) == "4"
    assert not twin.apply({"count": 4, "ratio": 1.0}).changed


def test_nulls_have_the_fate_of_their_field(twin: Twin) -> None:
    twin.apply({"maybe": None, "maybeDefault": None, "settings": None})
    assert dig(twin.live, "spec") == {
        "mode": "plain",
        "maybe": None,
        "maybeDefault": None,
        "settings": {"level": 3},
    }
    assert twin.apply({"text": None}).refusal is Refusal.INVALID
    twin.patch({"spec": {"maybe": None, "mode": None}})
    put(twin, lambda body: body["spec"].update(text=None, mode=None, maybe=None))


def test_unknown_fields_are_pruned_by_all_but_apply(twin: Twin) -> None:
    twin.send(Request("create", twin.body({"nope": 1, "open": {"any": {"thing": 1}}}, other=1)))
    assert dig(twin.live, "spec", "nope") is None
    put(twin, lambda body: body["spec"].update(nope=1, shape={"a": 1}, open={"known": {"no": 1}}))
    twin.patch({"spec": {"nope": 1}, "other": 2})
    assert dig(twin.live, "spec", "open", "known") == {}


def test_preserved_unknown_fields_are_owned_one_by_one(twin: Twin) -> None:
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
    assert twin.apply({}).refusal is Refusal.INVALID


def test_what_became_invalid_may_stay_until_it_changes(
    control_plane: ControlPlane, namespace: str
) -> None:
    """KEP-4008: the CRD is tightened while the object is there."""
    loose, tight = load(SINK), load(SINK)
    for crd in (loose, tight):
        crd["spec"]["group"] = "ratchet.semantics.test"
        crd["metadata"]["name"] = "sinks.ratchet.semantics.test"
    spec = tight["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["text"]["maxLength"] = 3
    spec["properties"]["labels"]["additionalProperties"]["maxLength"] = 1
    spec["properties"]["ports"]["items"]["properties"]["name"]["maxLength"] = 1
    spec["properties"]["words"]["items"]["minLength"] = 2
    spec["required"].append("flag")
    spec["properties"]["parts"]["items"]["x-kubernetes-validations"].append(
        {"rule": "has(self.list)", "message": "a part has a list"}
    )
    _install(control_plane, loose)
    twin = Twin(control_plane, Crd.of(loose), namespace, "ratchet")
    body: JsonObject = {
        "text": "abcd",
        "labels": {"a": "11", "b": "1"},
        "ports": [{"number": 1, "name": "ab"}, {"number": 2}],
        "words": ["a", "b"],
        "parts": [{"name": "p", "value": "a"}, {"name": "q"}],
    }
    twin.apply(body)
    _install(control_plane, tight)
    twin.serve(Crd.of(tight))
    assert twin.apply(body, metadata={"labels": {"x": "y"}}).changed
    twin.apply(body | {"count": 2})
    body["flag"] = True
    assert twin.apply(body | {"count": 2}).changed
    assert twin.apply(body | {"text": "abce"}).refusal is Refusal.INVALID
    for change in (
        {"text": "abce"},
        {"labels": {"a": "11", "b": "22"}},
        {"labels": {"a": "11", "b": "1", "c": "3"}},
        {"ports": [{"number": 2}, {"number": 1, "name": "ab"}]},
        {"ports": [{"number": 1, "name": "ab"}, {"number": 2, "name": "cd"}]},
        {"words": ["a", "c"]},
        {"words": ["a", "b"], "count": 4},
        {"parts": [{"name": "p", "value": "a"}, {"name": "q", "value": "a"}]},
        {"parts": [{"name": "q"}, {"name": "p", "value": "a"}]},
        {"parts": [{"name": "p", "value": "a", "list": [1]}, {"name": "r"}]},
    ):
        twin.apply(body | change)
        put(twin, lambda live, change=change: live["spec"].update(change))
    put(twin, lambda live: live.update(status={"ready": True}), status=True)


def test_what_became_atomic_is_owned_as_a_whole(
    control_plane: ControlPlane, namespace: str
) -> None:
    granular, atomic = load(SINK), load(SINK)
    for crd in (granular, atomic):
        crd["spec"]["group"] = "atomic.semantics.test"
        crd["metadata"]["name"] = "sinks.atomic.semantics.test"
    spec = atomic["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["settings"]["x-kubernetes-map-type"] = "atomic"
    spec["properties"]["unique"]["x-kubernetes-list-type"] = "atomic"
    _install(control_plane, granular)
    twin = Twin(control_plane, Crd.of(granular), namespace, "atomic")
    body = {"settings": {"name": "a", "inner": {"enabled": True}}, "unique": ["a", "b"]}
    twin.apply(body, "alice")
    twin.apply({"settings": {"level": 4}, "unique": ["c"]}, "bob")
    _install(control_plane, atomic)
    twin.serve(Crd.of(atomic))
    twin.apply(body, "alice")
    twin.apply(body, "alice", force=True)
    twin.apply({}, "bob")


def test_entries_of_two_versions_live_together(control_plane: ControlPlane, namespace: str) -> None:
    both = load(SINK)
    both["spec"]["group"] = "two.semantics.test"
    both["metadata"]["name"] = "sinks.two.semantics.test"
    newer = copy.deepcopy(both["spec"]["versions"][0]) | {"name": "v2", "storage": False}
    both["spec"]["versions"].append(newer)
    _install(control_plane, both)
    crd = Crd.of(both)
    twin = Twin(control_plane, crd, namespace, "two")
    for version, spec, manager in (
        ("v1", {"text": "abc", "flag": True}, "alice"),
        ("v2", {"text": "abc"}, "alice"),
        ("v1", {"text": "abc", "count": 2}, "bob"),
        ("v2", {"text": "x-y"}, "alice"),
        ("v2", {"count": 4}, "bob"),
        ("v1", {}, "bob"),
    ):
        twin.serve(crd, version).apply(spec, manager)
        twin.patch({"spec": {"labels": {version: manager}}}, f"edit-{version}")
    put(twin.serve(crd, "v2"), lambda body: body.update(status={"ready": True}), status=True)
    put(twin.serve(crd, "v1"), lambda body: body.update(status={"ready": False}), status=True)
    twin.apply({"labels": {}}, "alice", force=True)


def test_without_a_status_endpoint_status_is_a_field_like_others(
    control_plane: ControlPlane, namespace: str
) -> None:
    body = load(SINK)
    body["spec"]["group"] = "plain.semantics.test"
    body["metadata"]["name"] = "sinks.plain.semantics.test"
    del body["spec"]["versions"][0]["subresources"]
    _install(control_plane, body)
    twin = Twin(control_plane, Crd.of(body), namespace, "plain")
    twin.apply({}, status={"ready": True})
    assert dig(twin.live, "status", "ready") is True
    put(twin, lambda live: live["status"].update(ready=False))
    assert twin.apply({}, status={"ready": True}).refusal is Refusal.FIELD_CONFLICT
    assert put(twin, lambda _: None, status=True).refusal is Refusal.NOT_FOUND
    assert twin.send(Request("patch-status", {})).refusal is Refusal.NOT_FOUND


def _install(plane: ControlPlane, crd: JsonObject) -> None:
    from tests.controlplane import crds

    crds.install(plane.request, [crd])


def test_what_is_stored_may_have_no_type_at_all(twin: Twin) -> None:
    """A list gets past the server's check of a date-time, and then no apply gets past the list."""
    twin.send(Request("create", twin.body({})))
    twin.send(Request("patch-status", {"status": {"seen": ["a"]}}, "ctl"))
    assert twin.apply({"text": "abc"}).refusal is Refusal.FAILED
    assert twin.apply({"nope": 1}).refusal is Refusal.FAILED
    put(twin, lambda body: body["metadata"].update(managedFields=[{}]))
    assert twin.apply({"nope": 1}).refusal is Refusal.FAILED


# Preconditions, names, system fields.


def test_a_resource_version_guards_an_apply(twin: Twin) -> None:
    twin.apply({}, metadata={"resourceVersion": "12345"})  # nothing there: created all the same
    old = dig(twin.live, "metadata", "resourceVersion")
    twin.apply({"text": "abc"}, metadata={"resourceVersion": old})
    assert twin.apply({}, metadata={"resourceVersion": old}).refusal is Refusal.STALE
    assert twin.apply({"text": "abc"}, metadata={"resourceVersion": old}).refusal is Refusal.STALE
    assert twin.apply({}, metadata={"resourceVersion": "0"}).refusal is Refusal.INVALID
    assert twin.apply({}, metadata={"resourceVersion": ""}).refusal is Refusal.INVALID


def test_resource_version_one_creates_or_fails(twin: Twin) -> None:
    guarded = twin.body({"text": "abc"}, metadata={"resourceVersion": "1"})
    assert twin.send(Request("apply", guarded, dry_run=True)).created
    assert twin.send(Request("apply", guarded)).created
    assert twin.send(Request("apply", guarded)).refusal is Refusal.STALE
    assert twin.send(Request("apply", guarded, force=True)).refusal is Refusal.STALE


def test_a_uid_guards_an_apply(twin: Twin) -> None:
    assert twin.apply({}, metadata={"uid": "gone"}).refusal is Refusal.STALE
    twin.apply({})
    assert twin.apply({"text": "abc"}, metadata={"uid": "other"}).refusal is Refusal.INVALID
    assert twin.apply({"text": "abc"}, metadata={"uid": dig(twin.live, "metadata", "uid")}).changed
    twin.delete()
    assert twin.apply({}, metadata={"uid": "gone"}).refusal is Refusal.STALE


def test_a_dry_run_creates_nothing(twin: Twin) -> None:
    made = twin.send(Request("apply", twin.body({"text": "abc"}), dry_run=True))
    assert made.created
    assert twin.live is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"name": "two"},
        {"name": ""},
        {"name": None},
        {"namespace": "elsewhere"},
        {"managedFields": []},
    ],
    ids=str,
)
def test_a_name_that_is_not_the_one_of_the_request(twin: Twin, metadata: JsonObject) -> None:
    twin.apply({}, metadata=metadata)
    twin.apply({})
    twin.apply({}, metadata=metadata)
    put(twin, lambda body: body["metadata"].update(metadata))


@pytest.mark.parametrize(
    "kind", [{"kind": "Other"}, {"kind": ""}, {"apiVersion": "v1"}, {"apiVersion": ""}], ids=str
)
def test_an_object_of_another_kind(twin: Twin, kind: JsonObject) -> None:
    assert twin.send(Request("apply", twin.body({}) | kind)).refusal is Refusal.INVALID


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": {"a b": "c"}},
        {"labels": {"a": "b c"}},
        {"labels": {"a": "x" * 64}},
        {"labels": {"a" * 64: "b"}},
        {"labels": {"/a": "b", "A_/b": "c", "a/b/c": "d", "a/": "e"}},
        {"labels": {"a": 1}},
        {"labels": {"a": None}},
        {"labels": {}},
        {"annotations": {"a b": "", "UP/x": "y"}},
        {"annotations": {"big": "x" * 262144}},
        {"finalizers": ["t.io/a", "b c"]},
        {"ownerReferences": [{"uid": "u"}]},
        {"ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "n", "uid": "u"}]},
        {"creationTimestamp": None},
        {"generation": 7},
        {"selfLink": "x"},
        {"nope": 1},
    ],
    ids=lambda metadata: str(metadata)[:40],
)
def test_metadata_is_asked_the_same(twin: Twin, metadata: dict[str, Any]) -> None:
    twin.apply({}, metadata=metadata)
    twin.apply({})
    twin.apply({}, metadata=metadata)
    twin.apply({}, metadata=metadata)


def test_names_are_dns_subdomains(control_plane: ControlPlane, sink: Crd, namespace: str) -> None:
    for name in ("A", "a_b", "-a", "a.b", "a..b", "x" * 254, "a" * 253):
        Twin(control_plane, sink, namespace, name).apply({})


def test_the_generation_counts_changes_of_the_spec(twin: Twin) -> None:
    twin.apply({"text": "abc"})
    twin.apply({"text": "abc"}, metadata={"labels": {"a": "b"}})
    assert dig(twin.live, "metadata", "generation") == 1
    put(twin, lambda body: body.update(status={"ready": True}), status=True)
    assert dig(twin.live, "metadata", "generation") == 1
    twin.apply({"text": "x-y"})
    assert dig(twin.live, "metadata", "generation") == 2


# The other verbs.


def test_status_is_written_at_its_own_endpoint(twin: Twin) -> None:
    twin.apply({}, status={"ready": True})
    assert dig(twin.live, "status") is None
    put(twin, lambda body: body.update(status={"ready": True}, spec={"text": "x"}), status=True)
    assert dig(twin.live, "status") == {"ready": True, "note": "none"}
    put(twin, lambda body: body.update(status={"ready": False}))
    assert dig(twin.live, "status", "ready") is True
    put(twin, lambda body: body["metadata"].update(labels={"a": "b"}), status=True)
    assert dig(twin.live, "metadata", "labels") is None
    conditions = [
        {"type": "A", "status": "T"},
        {"type": "B", "status": "F", "message": "0123456789x"},
    ]
    assert put(twin, lambda b: b["status"].update(conditions=conditions), status=True).refusal
    put(twin, lambda body: body["status"].update(conditions=conditions[:1]), status=True)
    twin.send(Request("patch-status", {"status": {"ready": None}, "spec": {"text": "abc"}}, "ctl"))
    put(twin, lambda body: body.pop("status"), status=True)


def test_a_replacement_needs_the_live_object(twin: Twin) -> None:
    assert put(twin, lambda _: None).refusal is Refusal.NOT_FOUND
    assert put(twin, lambda _: None, status=True).refusal is Refusal.NOT_FOUND
    assert twin.patch({"spec": {}}).refusal is Refusal.NOT_FOUND
    twin.apply({})
    for metadata in ({"resourceVersion": "1"}, {"uid": "other"}):
        assert put(twin, lambda b, m=metadata: b["metadata"].update(m)).refusal is Refusal.STALE
    assert put(twin, lambda b: b["metadata"].pop("resourceVersion")).refusal is Refusal.INVALID
    put(
        twin, lambda b: b["metadata"].update(generation=9, creationTimestamp="2020-01-01T00:00:00Z")
    )


def test_a_create_finds_an_object(twin: Twin) -> None:
    twin.send(Request("create", twin.body({"text": "abc"})))
    assert twin.send(Request("create", twin.body({"text": "abc"}))).refusal is Refusal.EXISTS
    assert twin.send(Request("create", twin.body({"mode": "x"}))).refusal is Refusal.INVALID


def test_a_deletion_can_be_guarded_and_held(twin: Twin) -> None:
    assert twin.delete().refusal is Refusal.NOT_FOUND
    twin.apply({}, metadata={"finalizers": ["t.io/a"]})
    assert twin.delete(uid="other").refusal is Refusal.STALE
    assert twin.delete(resourceVersion="1").refusal is Refusal.STALE
    assert not twin.delete().deleted
    assert not twin.delete().changed
    assert twin.apply({}, metadata={"finalizers": ["t.io/b"]}).refusal is Refusal.INVALID
    assert twin.patch({"metadata": {"finalizers": None}}).deleted
    twin.apply({})
    assert twin.delete(uid=dig(twin.live, "metadata", "uid")).deleted
