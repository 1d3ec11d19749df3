"""Server-side apply by ownership: the engine and a real API server.

`Twin.send` compares: accepted or refused and how, all causes, what is stored, managedFields, and
whether anything changed. The assertions here only say that the case is the one it claims to be.
"""

from __future__ import annotations

from reconciler.errors import RefusalReason
from reconciler.model.document import JsonObject, dig
from tests.semantics.twin import Request, Twin, put


def manager_of(twin: Twin, path: str) -> set[str]:
    """Who owns `spec.<path>`."""
    return {
        entry["manager"]
        for entry in dig(twin.live, "metadata", "managedFields") or []
        if f"f:{path}" in (dig(entry, "fieldsV1", "f:spec") or {})
    }


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
    assert refused.reason is RefusalReason.FIELD_CONFLICT
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
    assert refused.reason is RefusalReason.FIELD_CONFLICT


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
    assert twin.apply({"text": "x-y"}).reason is RefusalReason.FIELD_CONFLICT
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
