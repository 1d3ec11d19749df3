"""Which new object of git is one that git had under another name: only what fits exactly one on both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.change import Change, State
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Observed, Orphan
from reconciler.stages.plan import plan
from reconciler.stages.plan.renames import with_renames
from tests.stages.builders import REF, given, manifest, observation, stored

OLD = replace(REF, name="old")
SPEC = {"type": "claude", "model": "m"}
NEW = observation(SPEC, None, stored(SPEC))


def change(spec: Any, *, ref: ObjectRef = REF, state: State = State.NEW) -> Change:
    """A change with the body that apply sends."""
    (made,) = plan(given(), Observed((NEW,))).changes
    return replace(made, ref=ref, state=state, body=manifest(spec).document)


def renames(
    changes: list[Change], orphans: dict[ObjectRef, Any]
) -> dict[ObjectRef, ObjectRef | None]:
    old = tuple(Orphan(ref, stored(spec)) for ref, spec in orphans.items())
    return {each.ref: each.renamed for each in with_renames(changes, Observed((), orphans=old))}


def test_both_changes_have_the_other_name() -> None:
    changes = plan(given(), Observed((NEW,), orphans=(Orphan(OLD, stored(SPEC)),))).changes
    assert {each.ref: each.renamed for each in changes} == {REF: OLD, OLD: REF}


@pytest.mark.parametrize(
    "live",
    [SPEC, SPEC | {"mode": "default"}, SPEC | {"defaults": {"maxTokens": 1, "temperature": 2}}],
    ids=str,
)
def test_the_server_may_have_added_defaults(live: Any) -> None:
    desired = SPEC | ({"defaults": {"maxTokens": 1}} if "defaults" in live else {})
    assert renames([change(desired)], {OLD: live}) == {REF: OLD}


@pytest.mark.parametrize(
    "live",
    [
        {},
        {"type": "claude"},
        SPEC | {"model": "other"},
        SPEC | {"model": ["m"]},
        SPEC | {"model": {"m": "m"}},
    ],
    ids=str,
)
def test_another_spec_is_another_object(live: Any) -> None:
    assert renames([change(SPEC)], {OLD: live}) == {REF: None}


def test_a_value_in_place_of_a_mapping_is_another_object() -> None:
    desired = SPEC | {"defaults": {"maxTokens": 1}}
    assert renames([change(desired)], {OLD: SPEC | {"defaults": "maxTokens"}}) == {REF: None}


def test_another_kind_is_another_object() -> None:
    assert renames([change(SPEC)], {replace(OLD, kind="Model"): SPEC}) == {REF: None}


def test_an_empty_spec_says_nothing() -> None:
    assert renames([change({})], {OLD: SPEC}) == {REF: None}


def test_an_object_that_exists_has_not_been_renamed() -> None:
    assert renames([change(SPEC, state=State.CHANGED)], {OLD: SPEC}) == {REF: None}
    assert renames([replace(change(SPEC), body=None)], {OLD: SPEC}) == {REF: None}


def test_where_several_would_fit_none_does() -> None:
    second = replace(REF, name="second")
    both = [change(SPEC), change(SPEC, ref=second)]
    assert renames(both, {OLD: SPEC}) == {REF: None, second: None}
    assert renames([change(SPEC)], {OLD: SPEC, replace(OLD, name="older"): SPEC}) == {REF: None}


def test_another_pair_beside_several_is_still_told() -> None:
    third, old_third = replace(REF, name="third"), replace(OLD, name="old-third")
    other = SPEC | {"model": "other"}
    changes = [change(SPEC), change(other, ref=third)]
    older = replace(OLD, name="older")
    assert renames(changes, {OLD: SPEC, older: SPEC, old_third: other}) == {
        REF: None,
        third: old_third,
    }


def test_every_pair_is_told() -> None:
    third, old_third = replace(REF, name="third"), replace(OLD, name="old-third")
    other = SPEC | {"model": "other"}
    changes = [change(SPEC), change(other, ref=third)]
    assert renames(changes, {OLD: SPEC, old_third: other}) == {REF: OLD, third: old_third}
