"""Who owns a field, and which fields are ours: questions to managedFields."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model.document import JsonObject
from reconciler.semantics.ownership.managers import entries
from reconciler.semantics.ownership.queries import applied_by, covers, owned_set, owner_of, steps_of
from tests.stages.builders import US, fields, owner


def live(*owners: Any) -> JsonObject:
    return {"metadata": {"managedFields": list(owners)}}


class TestAppliedBy:
    """Our own entry: Apply, by our name, of the object itself."""

    @pytest.mark.parametrize(
        "other",
        [
            owner(US, "spec.model", operation="Update"),
            owner("somebody", "spec.model"),
            owner(US, "spec.model") | {"subresource": "status"},
        ],
        ids=["update", "another manager", "status"],
    )
    def test_nothing_else_is_taken_for_it(self, other: JsonObject) -> None:
        assert applied_by(live(other), US) is None
        assert applied_by(live(other, owner(US, "spec.type")), US) == fields("spec.type")

    @pytest.mark.parametrize(
        "body", [{}, {"metadata": {}}, {"metadata": {"managedFields": None}}, live()]
    )
    def test_an_object_without_entries_has_none(self, body: JsonObject) -> None:
        assert applied_by(body, US) is None

    def test_an_entry_that_owns_nothing_is_an_entry(self) -> None:
        assert applied_by(live(owner(US)), US) == {}


class TestEntries:
    """What other actors may have left there is read as far as it can be."""

    def test_who_when_and_how(self) -> None:
        (entry,) = entries(live(owner("k9s", "spec.model", operation="Update", time="t")))
        writer = entry.writer
        assert (writer.manager, writer.operation, writer.time) == ("k9s", "Update", "t")
        assert entry.fields == owned_set(fields("spec.model"))


class TestCovers:
    """A field is owned itself, or inside of what is owned as a whole."""

    OWNED = owned_set(
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
            (("spec", "headers"), True),  # the mapping itself, by its dot
            (("spec", "headers", "X-Route"), True),
            (("spec", "headers", "X-Other"), False),
            (("spec", "atomic", "any", "depth"), True),
            (("spec", "model", "below"), True),
            (("spec", "defaults", "maxTokens"), True),
            (("spec", "defaults"), False),  # no dot: only what stands in it
            (("spec",), False),
            (("spec", "other"), False),
            (("other",), False),
        ],
    )
    def test_a_path_is_covered_or_not(self, path: tuple[str, ...], expected: bool) -> None:
        assert covers(self.OWNED, steps_of(path)) is expected

    def test_who_owns_nothing_covers_nothing(self) -> None:
        assert not covers(owned_set(None), steps_of(("spec",)))
        assert not covers(owned_set({}), steps_of(("spec", "model")))

    def test_a_path_ends_at_its_first_list(self) -> None:
        assert steps_of(("spec", "capabilities", 0)) == ("f:spec", "f:capabilities")


class TestOwnerOf:
    """The one to blame is the latest who is not us."""

    EARLY, LATE = "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"

    def blamed(self, *owners: JsonObject) -> str:
        found = entries(live(*owners))
        writer = owner_of(found, steps_of(("spec", "model")), other_than=US)
        return writer.manager if writer else ""

    @pytest.mark.parametrize(
        ("owners", "expected"),
        [
            ([], ""),
            ([owner(US, "spec.model")], ""),
            ([owner("a", "spec.type")], ""),
            ([owner("a", "spec.model")], "a"),
            ([owner("a", "spec.model", time=EARLY), owner("b", "spec.model", time=LATE)], "b"),
            ([owner("a", "spec.model", time=LATE), owner("b", "spec.model", time=EARLY)], "a"),
            ([owner("a", "spec", time=EARLY), owner(US, "spec.model", time=LATE)], "a"),
        ],
    )
    def test_the_latest_other_writer_is_named(
        self, owners: list[JsonObject], expected: str
    ) -> None:
        assert self.blamed(*owners) == expected
