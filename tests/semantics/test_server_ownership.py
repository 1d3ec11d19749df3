"""Ownership in server-side apply, compared between the engine and a real API server.

`Twin.send` compares the answers of both: the refusal and its causes, or the stored object with its managedFields and
whether it changed. The assertions here only check that a test sets up the case in its name.
"""

from __future__ import annotations

from reconciler.errors import RefusalReason
from reconciler.model.document import Json, JsonObject, dig
from tests.semantics.twin import Request, Twin, put


def manager_of(twin: Twin, path: str) -> set[str]:
    """The managers that own `spec.<path>`."""
    return {
        entry["manager"]
        for entry in dig(twin.live, "metadata", "managedFields") or []
        if f"f:{path}" in (dig(entry, "fieldsV1", "f:spec") or {})
    }


def test_an_apply_that_changes_nothing_writes_nothing(twin: Twin) -> None:
    assert twin.apply({"text": "abc"}).created
    assert not twin.apply({"text": "abc"}).changed


def test_an_empty_map_is_a_field_and_gets_defaults(twin: Twin) -> None:
    twin.apply({"settings": {}})
    assert dig(twin.live, "spec", "settings") == {"level": 1}
    assert manager_of(twin, "settings") == {"alice"}
    assert not twin.apply({"settings": {}}).changed


def test_an_atomic_list_is_a_single_field_and_may_repeat_an_item(twin: Twin) -> None:
    twin.apply({"words": ["a", "a"]})
    assert dig(twin.live, "metadata", "managedFields")[0]["fieldsV1"] == {"f:spec": {"f:words": {}}}


def test_an_apply_keeps_the_keys_of_other_managers(twin: Twin) -> None:
    twin.apply({"labels": {"a": "1"}})
    twin.patch({"spec": {"labels": {"b": "2"}}})
    assert not twin.apply({"labels": {"a": "1"}}).changed
    assert dig(twin.live, "spec", "labels") == {"a": "1", "b": "2"}


def test_a_field_that_an_update_removes_leaves_our_entry(twin: Twin) -> None:
    twin.apply({"text": "abc"})
    twin.patch({"spec": {"text": None}})
    assert manager_of(twin, "text") == set()
    assert twin.apply({"text": "abc"}).changed


def test_a_field_that_another_manager_changed_conflicts_until_the_apply_is_forced(
    twin: Twin,
) -> None:
    twin.apply({"text": "abc"})
    twin.patch({"spec": {"text": "xyz"}})
    refused = twin.apply({"text": "abc"})
    assert refused.reason is RefusalReason.FIELD_CONFLICT
    assert [cause.field for cause in refused.causes] == [".spec.text"]
    assert twin.apply({"text": "abc"}, force=True).changed
    assert manager_of(twin, "text") == {"alice"}


def test_a_refusal_lists_the_conflicts_with_all_managers(twin: Twin) -> None:
    twin.apply({"text": "abc", "count": 2}, "alice")
    twin.apply({"flag": True}, "carol")
    twin.patch({"spec": {"labels": {"a": "1"}}}, "dave")
    refused = twin.apply({"text": "x-y", "count": 4, "flag": False, "labels": {"a": "2"}}, "bob")
    assert len(refused.causes) == 4


def test_a_field_of_two_appliers_remains_until_both_drop_it(twin: Twin) -> None:
    twin.apply({"text": "abc", "flag": True}, "alice")
    twin.apply({"text": "abc"}, "bob")
    twin.apply({}, "alice")
    assert dig(twin.live, "spec", "text") == "abc"
    assert dig(twin.live, "spec", "flag") is None
    twin.apply({}, "bob")
    assert dig(twin.live, "spec", "text") is None


def test_a_dropped_field_with_a_default_gets_the_default_and_no_owner(twin: Twin) -> None:
    twin.apply({"mode": "closed"})
    twin.apply({})
    assert dig(twin.live, "spec", "mode") == "plain"
    assert manager_of(twin, "mode") == set()


def test_items_of_a_map_list_have_owners_of_their_own(twin: Twin) -> None:
    twin.apply({"ports": [{"number": 1, "name": "a"}, {"number": 2}]}, "alice")
    twin.apply({"ports": [{"number": 2, "weight": 9}, {"number": 3}]}, "bob", force=True)
    twin.apply({"ports": [{"number": 3}, {"number": 1}]}, "alice")
    assert [port["number"] for port in dig(twin.live, "spec", "ports")] == [2, 3, 1]
    twin.apply({}, "bob")
    assert {port["number"] for port in dig(twin.live, "spec", "ports")} == {1, 3}


def test_items_of_a_set_have_owners_of_their_own(twin: Twin) -> None:
    twin.apply({"unique": ["a", "b"]}, "alice")
    twin.apply({"unique": ["c", "b"]}, "bob")
    twin.apply({"unique": ["a"]}, "alice")
    assert sorted(dig(twin.live, "spec", "unique")) == ["a", "b", "c"]


def test_the_items_of_an_applier_come_in_its_order_between_those_that_stay(twin: Twin) -> None:
    for live, applied in (
        ("abcd", "dcba"),
        ("abcd", "bd"),
        ("abcd", "db"),
        ("abcd", "cxa"),
        ("abcd", "xya"),
        ("abcd", "dxa"),
        ("abcd", "acb"),
        ("abcd", "bac"),
        ("abcd", "cadb"),
        ("abc", "xyac"),
        ("abc", "xyba"),
        ("abcd", "bacd"),
        ("abcd", "xbyd"),
        ("abcd", "dybx"),
        ("abcde", "eac"),
        ("abcde", "caxe"),
        ("abcde", "bxayed"),
        ("abcde", "ecxda"),
        ("abcdef", "fbdxa"),
        ("abcdef", "cfaxeb"),
        ("abcdef", "dbxfy"),
        ("a", "xay"),
        ("ab", "xy"),
    ):
        twin.send(Request("create", twin.body({"unique": list(live)}), "editor"))
        twin.apply({"unique": list(applied)})
        twin.delete()


def test_an_item_that_moves_keeps_what_others_own_of_it(twin: Twin) -> None:
    parts = [{"name": name, "value": "a"} for name in ("p", "q", "r")]
    twin.apply({"parts": parts}, "alice")
    twin.apply({"parts": [{"name": name, "list": [1]} for name in ("r", "p", "q")]}, "bob")
    assert dig(twin.live, "spec", "parts")[1] == {"name": "p", "value": "a", "list": [1]}


def test_an_update_with_repeated_items_is_refused(twin: Twin) -> None:
    twin.apply({"parts": [{"name": "a", "value": "b"}]})
    repeated: tuple[JsonObject, ...] = (
        {"unique": ["a", "a"]},
        {"parts": [{"name": "a"}, {"name": "a"}]},
    )
    for spec in repeated:
        answer = put(twin, lambda body, spec=spec: body["spec"].update(spec))
        assert [cause.reason for cause in answer.causes] == ["FieldValueDuplicate"]
    assert twin.apply({"parts": [{"name": "a", "value": "c"}]}, force=True).changed


def test_we_share_the_fields_of_client_side_apply(twin: Twin) -> None:
    body = twin.body({"text": "abc", "flag": True})
    twin.send(Request("create", body, "kubectl-client-side-apply"))
    assert twin.apply({"text": "abc", "flag": True}).reason is None
    assert manager_of(twin, "text") == {"alice", "kubectl-client-side-apply"}
    refused = twin.apply({"text": "x-y", "flag": True})
    assert refused.reason is RefusalReason.FIELD_CONFLICT


def test_an_update_of_managed_fields_moves_ownership(twin: Twin) -> None:
    twin.send(Request("create", twin.body({"text": "abc", "flag": True}), "helm"))

    def adopt(body: JsonObject) -> None:
        (entry,) = body["metadata"]["managedFields"]
        entry |= {"manager": "alice", "operation": "Apply"}

    put(twin, adopt)
    twin.apply({"text": "abc"})
    assert dig(twin.live, "spec", "flag") is None


def test_the_first_apply_without_managed_fields_records_an_owner_of_the_existing_fields(
    twin: Twin,
) -> None:
    twin.send(Request("create", twin.body({"text": "abc"}), "old"))
    put(twin, lambda body: body["metadata"].update(managedFields=[{}]))
    assert dig(twin.live, "metadata", "managedFields") is None
    put(twin, lambda body: body["spec"].update(count=2))
    assert twin.apply({"text": "x-y"}).reason is RefusalReason.FIELD_CONFLICT
    twin.apply({"text": "abc", "flag": True})
    assert manager_of(twin, "count") == {"before-first-apply"}


def test_the_oldest_of_many_update_entries_are_merged(twin: Twin) -> None:
    twin.apply({"text": "abc"})
    for number in range(13):
        twin.patch({"metadata": {"annotations": {f"a{number}": "x"}}}, f"manager-{number:02}")
    managers = {entry["manager"] for entry in dig(twin.live, "metadata", "managedFields")}
    assert "ancient-changes" in managers


def test_entries_are_sorted_by_time(twin: Twin) -> None:
    """A write that would only change the time of an entry writes nothing."""
    twin.new_second = True
    twin.apply({"ref": {"key": "a"}}, "alice")
    twin.apply({"flag": True}, "bob")
    # The default in an atomic mapping makes this a write, which changes the order of the entries.
    assert twin.apply({"ref": {"key": "a"}}, "alice").changed
    assert not twin.apply({"ref": {"key": "a"}}, "alice").changed
    twin.patch({"spec": {"flag": None}})
    twin.apply({"flag": True}, "bob")
    twin.apply({"ref": {"key": "a", "name": ""}}, "carol")
    twin.apply({"ref": {"key": "a", "name": ""}}, "carol", metadata={"labels": {}})


def test_a_value_that_takes_another_form_is_owned_as_that_form(twin: Twin) -> None:
    """Null takes any form: where it becomes a mapping, only what is inside that was added."""
    forms: tuple[Json, ...] = (
        {"a": 1},
        None,
        {"a": 2, "b": None},
        "x",
        {"a": {}},
        [1],
        None,
        2,
        [],
    )
    for number, form in enumerate(forms):
        twin.apply({"free": {"x": form}}, ("alice", "bob")[number % 2], force=True)
        put(twin, lambda body, form=form: body["spec"]["free"].update(y=form))


def test_an_applier_keeps_a_null_that_another_fills(twin: Twin) -> None:
    twin.apply({"free": {"x": None, "y": "text", "z": [1]}}, "alice")
    put(twin, lambda body: body["spec"]["free"].update(x={"a": 1}, y={"a": 1}, z={"a": 1}))
    twin.apply({"free": {"x": None, "y": "text", "z": [1]}}, "alice")
    twin.apply({"free": {"x": None}}, "alice", force=True)
    twin.apply({}, "alice")


def test_an_empty_list_removes_no_item_of_another_manager(twin: Twin) -> None:
    twin.apply({"unique": ["a"], "ports": [{"number": 1}], "labels": {"a": "1"}}, "alice")
    twin.apply({"unique": [], "ports": [], "labels": {}}, "bob")
    assert dig(twin.live, "spec", "unique") == ["a"]
    twin.apply({"unique": ["b"], "ports": [{"number": 2}]}, "bob")
    twin.apply({"unique": [], "ports": []}, "bob")
    assert dig(twin.live, "spec", "unique") == ["a"]


def test_an_applier_of_a_part_of_an_item_keeps_the_rest(twin: Twin) -> None:
    twin.apply({"parts": [{"name": "p", "value": "a"}, {"name": "q"}]}, "alice")
    twin.apply({"parts": [{"name": "p", "list": [1]}]}, "bob")
    assert dig(twin.live, "spec", "parts")[0] == {"name": "p", "value": "a", "list": [1]}
    twin.apply({"parts": [{"name": "q"}]}, "alice")
    assert dig(twin.live, "spec", "parts")[0] == {"name": "p", "list": [1]}


def test_a_conflict_quotes_a_key_as_go_does(twin: Twin) -> None:
    names = ("a\\u0041", 'a"b', "a\x07\x0b\x1f\t", "a\u200b\u00a0\U000e0001", "ä<&> ключ 😀")
    for name in names:
        twin.apply({"parts": [{"name": name, "value": "a"}]}, "alice", force=True)
        refused = twin.apply({"parts": [{"name": name, "value": "b"}]}, "bob")
        assert refused.reason is RefusalReason.FIELD_CONFLICT
