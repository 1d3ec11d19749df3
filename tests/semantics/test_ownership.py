"""Queries to managedFields: which fields a manager owns, and who owns a field."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model.document import JsonObject
from reconciler.semantics.ownership.atoms import Atom, root_atom
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import ManagedFields, entries, owner_sort_key
from reconciler.semantics.ownership.merge import FieldOwner, reconcile_with_schema
from reconciler.semantics.ownership.queries import (
    applied_at,
    applied_by,
    covers,
    element_path,
    last_writer,
    writers_within,
)
from reconciler.semantics.schema.structural import Schema
from tests.stages.builders import US, fields, owner


def live(*owners: Any) -> JsonObject:
    return {"metadata": {"managedFields": list(owners)}}


def atom_with_openai(map_type: str) -> Atom:
    """The atom of an object with the mapping spec.openai, which has a baseURL."""
    openai = {
        "type": "object",
        "x-kubernetes-map-type": map_type,
        "properties": {"baseURL": {"type": "string"}},
    }
    spec = {"type": "object", "properties": {"openai": openai}}
    return root_atom(Schema.of({"type": "object", "properties": {"spec": spec}}))


class TestAppliedBy:
    """The entry of a manager: operation Apply, of the object itself."""

    @pytest.mark.parametrize(
        "other",
        [
            owner(US, "spec.model", operation="Update"),
            owner("somebody", "spec.model"),
            owner(US, "spec.model") | {"subresource": "status"},
        ],
        ids=["update", "another manager", "status"],
    )
    def test_other_entries_are_ignored(self, other: JsonObject) -> None:
        assert applied_by(live(other), US) is None
        assert applied_by(live(other, owner(US, "spec.type")), US) == fields("spec.type")

    @pytest.mark.parametrize(
        "body", [{}, {"metadata": {}}, {"metadata": {"managedFields": None}}, live()]
    )
    def test_an_object_without_managed_fields_has_no_such_entry(self, body: JsonObject) -> None:
        assert applied_by(body, US) is None

    def test_an_entry_without_fields_counts(self) -> None:
        assert applied_by(live(owner(US)), US) == {}


def test_when_a_manager_last_changed_what_it_applies() -> None:
    others = owner("helm", "spec.model", time="1"), owner(US, "spec", operation="Update", time="2")
    assert applied_at(live(*others, owner(US, "spec.type", time="3")), US) == "3"
    assert applied_at(live(*others), US) == ""


class TestEntries:
    """Entries of managedFields, which any client may write."""

    def test_an_entry_names_its_writer_and_its_fields(self) -> None:
        (entry,) = entries(live(owner("k9s", "spec.model", operation="Update", time="t")))
        writer = entry.writer
        assert (writer.manager, writer.operation, writer.time) == ("k9s", "Update", "t")
        assert entry.fields == FieldSet.from_fields_v1(fields("spec.model"))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"operation": "Patch"}, "operation must be `Apply` or `Update`"),
            ({"apiVersion": ""}, "apiVersion must not be empty"),
            ({"fieldsType": "FieldsV2"}, "invalid fieldsType 'FieldsV2'"),
            ({"fieldsV1": {"spec": {}}}, "'spec' is not a path element of FieldsV1"),
        ],
    )
    def test_one_that_is_not_valid_counts_for_nothing(self, change: JsonObject, words: str) -> None:
        wrong, right = owner("k9s", "spec.model") | change, owner("helm", "spec.model")
        assert [entry.owner.manager for entry in entries(live(wrong, right))] == ["helm"]
        with pytest.raises(ValueError, match=f"^{words}$"):
            ManagedFields.of([right, wrong])

    def test_they_are_a_list(self) -> None:
        with pytest.raises(ValueError, match=r"^managedFields is not a list$"):
            ManagedFields.of({})

    def test_an_entry_may_lack_its_manager_and_its_time(self) -> None:
        (entry,) = entries(live({**owner("", "spec.model"), "manager": None, "time": None}))
        assert (entry.owner.manager, entry.time) == ("", "")

    def test_they_are_sorted_by_operation_and_time_then_by_manager(self) -> None:
        written = [
            owner("c", "spec.c", time=""),
            owner("b", "spec.b", time="2026-07-01T00:00:00Z"),
            owner("a", "spec.a", time="2026-07-02T00:00:00Z"),
            owner("d", "spec.e", time="2026-07-02T00:00:00Z"),
            owner("a", "spec.d", operation="Update", time="2026-06-01T00:00:00Z"),
        ]
        written = [{key: value for key, value in each.items() if value} for each in written]
        assert ManagedFields.of(written[::-1]).entries() == written

    def test_the_server_sorts_the_owners_in_a_conflict_by_their_text(self) -> None:
        status = FieldOwner("a", "Update", "status", "v1")
        assert owner_sort_key(status) == (
            '{"manager":"a","operation":"Update","apiVersion":"v1","subresource":"status"}'
        )
        assert owner_sort_key(FieldOwner("a", "Apply")) == '{"manager":"a","operation":"Apply"}'


def test_what_is_below_a_value_that_became_atomic_is_owned_with_it() -> None:
    """Also inside an item; what is not declared any longer stays as it was."""
    ref = {
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "properties": {"name": {"type": "string"}},
    }
    words = {"type": "array", "items": {"type": "string"}}
    item = {"type": "object", "properties": {"key": {"type": "string"}, "ref": ref}}
    parts = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["key"],
        "items": item,
    }
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    properties = {"ref": ref, "words": words, "parts": parts, "free": free}
    atom = root_atom(Schema.of({"type": "object", "properties": properties}))
    part = 'k:{"key":"a"}'
    before = {
        "f:free": {"f:x": {"f:y": {}}},
        "f:gone": {"f:x": {}},
        "f:parts": {part: {".": {}, "f:key": {}, "f:ref": {"f:name": {}}}},
        "f:ref": {"f:name": {}},
        "f:words": {'v:"a"': {}},
    }
    after = reconcile_with_schema(atom, FieldSet.from_fields_v1(before)).to_fields_v1()
    assert after == before | {
        "f:parts": {part: {".": {}, "f:key": {}, "f:ref": {}}},
        "f:ref": {},
        "f:words": {},
    }


class TestCovers:
    """A set covers its fields and everything inside a field that is owned as one."""

    OWNED = FieldSet.from_fields_v1(
        {
            "f:spec": {
                "f:model": {},
                "f:headers": {".": {}, "f:X-Route": {}},
                "f:atomic": {},
                "f:defaults": {"f:maxTokens": {}},
            }
        }
    )

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            (("spec", "model"), True),
            (("spec", "headers"), True),  # its "." makes the mapping itself a member
            (("spec", "headers", "X-Route"), True),
            (("spec", "headers", "X-Other"), False),
            (("spec", "atomic", "any", "depth"), True),
            (("spec", "model", "below"), True),
            (("spec", "defaults", "maxTokens"), True),
            (("spec", "defaults"), False),  # without a ".", only the fields inside are members
            (("spec",), False),
            (("spec", "other"), False),
            (("other",), False),
        ],
    )
    def test_a_path_is_covered_by_itself_or_by_a_leaf_above_it(
        self, path: tuple[str, ...], expected: bool
    ) -> None:
        assert covers(self.OWNED, element_path(path)) is expected

    @pytest.mark.parametrize(("map_type", "expected"), [("granular", False), ("atomic", True)])
    def test_by_its_type_an_empty_mapping_covers_what_is_below_it_only_if_it_is_atomic(
        self, map_type: str, expected: bool
    ) -> None:
        atom = atom_with_openai(map_type)
        owned = FieldSet.from_fields_v1({"f:spec": {"f:openai": {}}})
        assert covers(owned, element_path(("spec", "openai", "baseURL")), atom) is expected
        assert covers(owned, element_path(("spec", "openai")), atom)

    def test_an_empty_set_covers_nothing(self) -> None:
        assert not covers(FieldSet(), element_path(("spec",)))
        assert not covers(FieldSet.from_fields_v1({}), element_path(("spec", "model")))

    def test_a_path_ends_at_its_first_list(self) -> None:
        assert element_path(("spec", "capabilities", 0)) == ("f:spec", "f:capabilities")


class TestLastWriter:
    """Who wrote a value that is not ours: not who shares it since."""

    EARLY, LATE = "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"

    def last_writer_of_model(self, *owners: JsonObject) -> str:
        path = element_path(("spec", "model"))
        writer = last_writer(entries(live(*owners)), path, other_than=US)
        return writer.manager if writer else ""

    @pytest.mark.parametrize(
        ("owners", "expected"),
        [
            ([], ""),
            ([owner(US, "spec.model")], ""),
            ([owner("a", "spec.type")], ""),
            ([owner("a", "spec.model")], "a"),
            ([owner("a", "spec.model", time=EARLY), owner("b", "spec.model", time=LATE)], "a"),
            ([owner("a", "spec.model", time=LATE), owner("b", "spec.model", time=EARLY)], "b"),
            (
                [
                    owner("a", "spec.model", time=EARLY),
                    owner("b", "spec.model", operation="Update", time=LATE),
                ],
                "b",
            ),
            ([owner(US, "spec.model", operation="Update")], US),
            ([owner("a", "spec", time=EARLY), owner(US, "spec.model", time=LATE)], "a"),
        ],
    )
    def test_an_update_wrote_the_value_else_the_first_apply(
        self, owners: list[JsonObject], expected: str
    ) -> None:
        assert self.last_writer_of_model(*owners) == expected

    @pytest.mark.parametrize(("map_type", "expected"), [("granular", False), ("atomic", True)])
    def test_an_apply_of_an_empty_mapping_wrote_what_is_below_it_only_if_it_is_atomic(
        self, map_type: str, expected: bool
    ) -> None:
        managed = entries(live(owner("a", "spec.openai")))
        path = element_path(("spec", "openai", "baseURL"))
        writer = last_writer(managed, path, other_than=US, atom=atom_with_openai(map_type))
        assert (writer is not None) is expected


def test_who_wrote_a_part_of_a_field_comes_last_first() -> None:
    managed = entries(
        live(
            owner("b", "spec.parts", time="2026-08-01T00:00:00Z"),
            owner("c", "spec.parts", time="2026-08-03T00:00:00Z"),
            owner("a", "spec.parts.x", time="2026-08-02T00:00:00Z"),
            owner("d", "spec.other", time="2026-08-04T00:00:00Z"),
        )
    )
    writers = writers_within(managed, element_path(("spec", "parts")))
    assert [writer.manager for writer in writers] == ["c", "a", "b"]
