"""Who owned a field, who owns it and who will: what decides between a change in git, drift and a conflict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.errors import Cause
from reconciler.model.difference import Why
from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.model.record import RecordedObject
from reconciler.semantics.ownership.atoms import root_atom
from reconciler.stages.plan.ownership import Ownership, OwnershipInput
from tests.semantics import sources
from tests.stages.builders import REF, UID, US, conflict, owner, record, stored

WRITTEN = "2026-07-30T02:14:00Z"  # the time of an entry of `owner`
LATER = "2026-07-31T00:00:00Z"
MODEL: FieldPath = ("spec", "model")


def known(*paths: str, **more: Any) -> RecordedObject:
    return replace(record(*paths).objects[REF], **more)


def ownership(
    *live: JsonObject,
    then: tuple[JsonObject, ...] | None = None,
    conflicts: tuple[Cause, ...] = (),
    **more: Any,
) -> Ownership:
    """Of an object with these owners; apply leaves those of `then`, or the same."""
    spec = {"model": "m", "type": "claude", "ref": {"name": "a", "more": "b"}}
    metadata = {"uid": more.pop("uid", UID)}
    inputs = OwnershipInput(
        US,
        more.pop("known", None),
        conflicts,
        stored(spec, *live, **metadata).body(),
        stored(more.pop("spec", spec), *(live if then is None else then), **metadata).body(),
        **more,
    )
    return Ownership.of(inputs)


def test_a_field_of_ours_that_differs_was_changed_by_git() -> None:
    assert ownership(owner(US, "spec.model"), known=known("spec.model")).cause(MODEL) == (
        Why.CHANGE,
        None,
    )


@pytest.mark.parametrize(
    ("entry", "content", "drift"),
    [
        ({"digest": "d"}, "d", True),
        ({"digest": "d"}, "e", False),
        ({"digest": ""}, "", False),
        ({"written": WRITTEN}, "", False),
        ({"written": LATER}, "", True),
        ({"written": ""}, "", False),
        ({"digest": "d", "written": WRITTEN}, "d", True),
        ({"digest": "d", "written": LATER}, "e", True),
    ],
    ids=str,
)
def test_a_field_of_ours_is_drift_if_git_has_not_moved_or_somebody_applied_as_us(
    entry: dict[str, str], content: str, drift: bool
) -> None:
    ours = ownership(
        owner("kubectl", "spec.type"),
        owner(US, "spec.model"),
        known=known("spec.model", **entry),
        content=content,
    )
    why, by = ours.cause(MODEL)
    assert why is (Why.DRIFT if drift else Why.CHANGE)
    assert (by.manager if by else None) == (US if drift else None)


def test_a_field_that_was_ours_is_drift_by_its_writer() -> None:
    lost = ownership(
        owner("kubectl-edit", "spec.model", operation="Update"),
        owner(US, "spec.type"),
        known=known("spec.model", "spec.type"),
    )
    why, by = lost.cause(MODEL)
    assert (why, by.manager if by else "") == (Why.DRIFT, "kubectl-edit")
    assert lost.writer_of(MODEL) == by
    ours = lost.writer_of(("spec", "type"))
    assert (ours.manager if ours else "") == US
    assert lost.writer_of(("spec", "nobody")) is None


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (".spec.model", Why.CONFLICT),
        (".spec", Why.CONFLICT),
        (".spec.model.name", Why.CHANGE),
        (".spec.type", Why.CHANGE),
        ("", Why.CHANGE),
    ],
)
def test_a_field_that_never_was_ours_is_a_conflict_if_it_or_a_field_around_it_is_in_conflict(
    field: str, why: Why
) -> None:
    theirs = ownership(
        owner("kubectl", "spec.model"),
        conflicts=(conflict(field, "kubectl"),),
        known=known("spec.type"),
    )
    assert theirs.cause(MODEL)[0] is why


def test_without_a_record_a_conflict_beside_fields_of_ours_is_unclear() -> None:
    theirs = owner("kubectl", "spec.model")
    conflicts = (conflict(".spec.model", "kubectl"),)
    unclear = ownership(owner(US, "spec.type"), theirs, conflicts=conflicts)
    assert (unclear.unrecorded, unclear.never_ours) == (True, False)
    assert unclear.cause(MODEL)[0] is Why.UNKNOWN
    foreign = ownership(theirs, conflicts=conflicts)
    assert (foreign.unrecorded, foreign.never_ours) == (False, True)
    assert foreign.cause(MODEL)[0] is Why.CONFLICT


@pytest.mark.parametrize(
    ("ours", "recorded", "uid", "recreated"),
    [
        (False, True, "another", True),
        (False, True, UID, False),
        (True, True, "another", False),
        (False, False, "another", False),
    ],
)
def test_an_object_is_recreated_if_it_has_another_uid_and_nothing_of_ours(
    ours: bool, recorded: bool, uid: str, recreated: bool
) -> None:
    live = (owner(US, "spec.model"),) if ours else (owner("kubectl", "spec.model"),)
    owned = ownership(*live, known=known("spec.model") if recorded else None, uid=uid)
    assert owned.recreated is recreated


def test_an_atomic_mapping_is_owned_with_all_below_it_and_an_empty_one_is_not() -> None:
    atom = root_atom(sources.sink().schema)
    ours = owner(US, "spec.ref", "spec.settings")
    owned = ownership(ours, owner("kubectl", "spec.settings"), known=known(), atom=atom)
    assert owned.cause(("spec", "ref", "key"))[0] is Why.CHANGE
    assert owned.writer_of(("spec", "ref", "key")) is not None
    assert owned.writer_of(("spec", "settings", "name")) is None


def test_what_is_ours_after_an_apply() -> None:
    owned = ownership(then=(owner(US, "spec.model", "spec.ref.name"),))
    assert owned.will_be_ours(MODEL)
    assert not owned.will_be_ours(("spec", "type"))
    assert owned.root_of(("spec", "ref", "more", "below")) == ("spec", "ref", "more")
    assert owned.root_of(("status", "phase")) == ("status",)
    assert owned.root_of(MODEL) == MODEL


def test_an_apply_may_force_what_is_or_was_ours_and_nothing_else() -> None:
    theirs = owner("kubectl", "spec.model", "spec.type", operation="Update")
    ours = owner(US, "spec.model", "spec.type")
    listed = (conflict(".spec.model", "kubectl"),)

    def forced(*recorded: str, conflicts: tuple[Cause, ...] = listed, left: str = "") -> bool:
        then = (ours, *((owner("kubectl", left, operation="Update"),) if left else ()))
        return ownership(theirs, then=then, conflicts=conflicts, known=known(*recorded)).all_ours()

    assert forced("spec.model", "spec.type")
    assert forced("spec.model", left="spec.type"), "it stays theirs"
    assert not forced("spec.model"), "the server did not list spec.type"
    assert not forced("spec.model", conflicts=())
    assert not forced("spec.type", left="spec.type")


def test_what_several_others_lose_counts_and_not_what_we_give_up() -> None:
    live = (
        owner(US, "spec.ref"),
        owner("a", "spec.model", operation="Update"),
        owner("b", "spec.type", operation="Update"),
    )
    then = (owner(US, "spec.model", "spec.type"),)
    assert ownership(*live, then=then, known=known("spec.model", "spec.type")).all_ours()
    assert not ownership(*live, then=then, known=known("spec.type")).all_ours()
    assert not ownership(*live, then=then, known=known("spec.model")).all_ours()


def test_what_git_drops_and_somebody_else_owns_is_left_behind() -> None:
    live = (
        owner(US, "spec.model", "spec.type", "metadata.labels.a"),
        owner("kubectl", "spec.model"),
    )
    then = (owner("kubectl", "spec.model"),)
    left = ownership(*live, then=then, spec={"model": "m"}, known=known("spec.model"))
    assert left.left_behind(stored({"model": "m", "type": "x"}).body()) == ("spec.model (kubectl)",)
    assert left.left_behind(stored({}).body()) == ()


def test_a_label_that_somebody_else_keeps_is_not_told() -> None:
    live = (owner(US, "metadata.labels.a"), owner("kubectl", "metadata.labels.a"))
    left = ownership(*live, then=(live[1],), known=known())
    assert left.left_behind(stored({}, labels={"a": "1"}).body()) == ()
