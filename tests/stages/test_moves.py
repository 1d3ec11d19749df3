"""What moves a plan after its review, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from reconciler.model.change import Action, State
from reconciler.model.document import JsonObject
from reconciler.model.identity import ObjectRef
from reconciler.model.sealed import SealedObject, SealedPlan, SealedSchema
from reconciler.stages.seal.moves import moves
from tests.stages.builders import REF, US, owner, stored

UID, OTHER = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
OBJECT = SealedObject(
    REF,
    State.CHANGED,
    Action.UPDATE,
    fields=("~ spec.model",),
    uid=UID,
    generation=3,
    writers="aa",
    content="c1",
    stored="s1",
    live="l1",
)
PLAN = SealedPlan(
    version="1.2.3",
    commit="a" * 40,
    dirty=False,
    environment="prod",
    cluster="prod-eu",
    cluster_uid=UID,
    settings="ss",
    schemas=(SealedSchema("providers", "v1", "dd"),),
    key_id="k1",
    objects=(OBJECT,),
)
EDIT = owner("kubectl-edit", "spec.model", operation="Update", time="2026-08-01T00:00:00Z")
LIVE = {REF: stored({"model": "x"}, owner(US, "spec.model"), EDIT).body()}


def how(now: SealedPlan, reviewed: SealedPlan = PLAN) -> list[tuple[ObjectRef | None, str]]:
    return [(moved.ref, moved.how) for moved in moves(reviewed, now, LIVE)]


def plan_with(**changes: Any) -> SealedPlan:
    return replace(PLAN, objects=(replace(OBJECT, **changes),))


def test_nothing_has_moved() -> None:
    assert how(PLAN) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"generation": 4, "writers": "bb", "live": "l2"}, "its spec was changed"),
        ({"writers": "bb", "live": "l2"}, "its fields, its labels or its annotations were written"),
        ({"live": "l2"}, "it was changed without a trace in its metadata"),
        ({"uid": OTHER, "generation": 1}, "it was deleted and created again"),
        ({"content": "c2"}, "its manifest has changed"),
        ({"stored": "s2"}, "the server would store something else: a webhook may add it"),
        ({"state": State.DRIFTED}, "it is drifted, and in the plan changed"),
        ({"force": True}, "apply would take fields from their owners"),
        (
            {"fields": ("+ spec.a",), "remove": ("spec.b",)},
            "apply would now change other fields: + spec.a, - spec.b, and in the plan ~ spec.model",
        ),
        ({"fields": ()}, "apply would now change other fields: none, and in the plan ~ spec.model"),
        (
            {"uid": "", "generation": 0, "writers": "", "live": "", "action": Action.CREATE},
            "it was deleted; apply would now create it, and the plan says to update it",
        ),
        (
            {"generation": 4, "action": Action.NONE, "state": State.HELD, "fields": ()},
            "its spec was changed; apply would now leave it as it is, and the plan says to update it",
        ),
        (
            {"content": "c2", "action": Action.NONE, "state": State.UNCHANGED, "fields": ()},
            "its manifest has changed; apply would now leave it as it is, and the plan says to update it",
        ),
        ({"action": Action.REFUSE}, "apply would now refuse it, and the plan says to update it"),
        ({"action": Action.SKIP}, "apply would now skip it, and the plan says to update it"),
    ],
)
def test_an_object_that_moved_is_named_with_what_happened(changes: Any, sentence: str) -> None:
    assert how(plan_with(**changes)) == [(REF, sentence)]


DONE = {"generation": 4, "writers": "bb", "action": Action.NONE, "state": State.UNCHANGED}


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
def test_what_an_earlier_apply_of_the_plan_has_done_is_no_move(action: Action) -> None:
    assert how(plan_with(**DONE), plan_with(action=action)) == []


def test_only_what_the_plan_was_to_do_can_be_done() -> None:
    assert how(plan_with(**DONE), plan_with(action=Action.NONE, state=State.DRIFTED)) != []
    assert how(plan_with(**DONE), plan_with(action=Action.DELETE)) != []


def test_an_object_that_the_plan_deletes_may_be_gone() -> None:
    assert how(replace(PLAN, objects=()), plan_with(action=Action.DELETE)) == []


def test_an_object_that_was_not_there_and_is() -> None:
    before = plan_with(uid="", generation=0, writers="", live="", action=Action.CREATE)
    assert how(PLAN, before) == [
        (REF, "it was created meanwhile; apply would now update it, and the plan says to create it")
    ]


def test_an_object_that_only_one_side_has() -> None:
    none = replace(PLAN, objects=())
    assert how(PLAN, none) == [(REF, "the plan does not have it, and apply would now update it")]
    assert how(none) == [(REF, "neither git nor the cluster has it")]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"cluster_uid": OTHER},
            f"the plan is for another cluster: this one has uid {OTHER}, not {UID}",
        ),
        ({"version": "1.3.0"}, "version 1.2.3 of the program wrote the plan, and this is 1.3.0"),
        (
            {"commit": "b" * 40},
            "the plan is of commit aaaaaaaaaaaa, and this is commit bbbbbbbbbbbb",
        ),
        ({"commit": ""}, "the plan is of commit aaaaaaaaaaaa, and this is files without git"),
        (
            {"dirty": True},
            "the plan is of commit aaaaaaaaaaaa, and this is commit aaaaaaaaaaaa with uncommitted changes",
        ),
        (
            {"settings": "tt"},
            "the policy or the namespaces of the environment have changed since the plan was made",
        ),
        (
            {"schemas": (SealedSchema("providers", "v1", "ee"),)},
            "the cluster has another schema of providers v1 than when the plan was made",
        ),
    ],
)
def test_what_decides_for_every_object_is_told_once(changes: Any, sentence: str) -> None:
    assert how(replace(PLAN, **changes)) == [(None, sentence)]


def test_who_wrote_it_last_is_named_only_if_somebody_did() -> None:
    (written,) = moves(PLAN, plan_with(generation=4), LIVE)
    assert str(written.by) == "kubectl-edit (Update)"
    (not_written,) = moves(PLAN, plan_with(content="c2"), LIVE)
    assert not_written.by is None
    (gone,) = moves(PLAN, plan_with(uid=""), {})
    assert gone.by is None


def test_an_unknown_cluster_is_not_another_one() -> None:
    assert how(replace(PLAN, cluster_uid="")) == []
    assert how(PLAN, replace(PLAN, cluster_uid="")) == []


UNKEYED = plan_with(content="", stored="", live="")


def test_without_the_key_on_one_side_the_commit_and_the_metadata_decide() -> None:
    without = replace(UNKEYED, key_id="")
    assert how(without) == how(PLAN, without) == []
    assert how(replace(plan_with(generation=4), key_id="")) == [(REF, "its spec was changed")]
    assert how(replace(plan_with(content="c2", live="l2", stored="s2"), key_id="k2")) == []


@pytest.mark.parametrize("sources", [{"dirty": True}, {"commit": ""}])
def test_a_plan_of_uncommitted_files_needs_its_key(sources: Any) -> None:
    """Nothing else says what they are."""
    reviewed = replace(PLAN, **sources)
    assert how(reviewed, reviewed) == []
    for key in ("", "k2"):
        ((ref, sentence),) = how(replace(UNKEYED, **sources, key_id=key), reviewed)
        assert ref is None
        assert sentence.startswith(
            "the plan was made from uncommitted files, and the fingerprint key is"
        )
    assert how(replace(UNKEYED, **sources, key_id=""), replace(UNKEYED, **sources, key_id=""))


def altered(value: object) -> Iterator[object]:
    match value:
        case bool():
            yield not value
        case State():
            yield State.MISSING
        case Action():
            yield Action.NONE
        case int():
            yield value + 1
        case str():
            yield f"{value}0"
        case tuple():
            yield (*value, "another") if not value or isinstance(value[0], str) else ()


IGNORED = {
    "cluster",
    "environment",
    "only",
    "key_id",
    "schemas",
}  # names; what the command takes from the plan


def test_whatever_differs_is_a_move() -> None:
    """A new attribute of a plan is compared, or this fails."""
    for attribute in fields(SealedObject):
        for other in altered(getattr(OBJECT, attribute.name)):
            assert how(plan_with(**{attribute.name: other})), attribute.name
    for attribute in fields(SealedPlan):
        if attribute.name not in IGNORED:
            for other in altered(getattr(PLAN, attribute.name)):
                assert how(replace(PLAN, **{attribute.name: other})), attribute.name


def test_many_fields_are_cut() -> None:
    many = tuple(f"+ spec.f{n:02}" for n in range(30))
    ((_, sentence),) = how(plan_with(fields=many))
    assert "+ spec.f09 and 20 more, and in the plan" in sentence


def test_a_live_object_that_others_broke_has_no_writer() -> None:
    broken: dict[ObjectRef, JsonObject] = {REF: {"metadata": {"managedFields": [None]}}}
    (moved,) = moves(PLAN, plan_with(generation=4), broken)
    assert moved.by is None
