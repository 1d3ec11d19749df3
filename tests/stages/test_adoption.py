"""What the plan says of objects whose fields it takes over, and of names that own nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.change import Action, Change, State
from reconciler.model.difference import Why
from reconciler.model.document import Document
from reconciler.model.observation import Observation, Observed
from reconciler.stages.plan import plan_object
from reconciler.stages.plan.adoption import unmatched_names
from tests.stages.builders import US, conflict, given, observation, owner, record, stored

SPEC = {"type": "claude", "model": "claude-sonnet-4-5"}
KUBECTL = "kubectl-client-side-apply"
THEIRS = owner(KUBECTL, "spec.type", "spec.model", "spec.baseURL", operation="Update")
OURS = owner(US, "spec.type", "spec.model")
LIVE = stored(SPEC | {"baseURL": "https://old.example.com"}, THEIRS)


def adopting(live: Document = LIVE, *conflicts: object) -> Observation:
    observed = observation(SPEC, live, stored(SPEC, OURS), *conflicts)  # type: ignore[arg-type]
    return replace(observed, adopted_from=(KUBECTL,), adoption=Document.of({"metadata": {}}))


def why(change: Change) -> dict[str, Why]:
    return {each.shown_path: each.why for each in change.differences}


def test_a_field_that_git_lacks_is_named_with_its_owner() -> None:
    change = plan_object(given(adopt_from=(KUBECTL,)), adopting())
    assert (change.state, change.action, change.force) == (State.ADOPTED, Action.UPDATE, False)
    (field,) = change.differences
    assert (field.why, field.by and field.by.manager) == (Why.ADOPT, KUBECTL)


def test_an_object_that_nobody_marks_and_nobody_adopts_from_is_taken_over_beside_its_owner() -> (
    None
):
    observed = observation(SPEC, stored(SPEC, THEIRS), stored(SPEC, OURS, THEIRS))
    change = plan_object(given(), observed)
    assert (change.state, change.adoption) == (State.ADOPTED, None)
    assert KUBECTL in change.hint


def test_a_field_of_ours_that_the_named_manager_took_has_drifted_nevertheless() -> None:
    live = stored(SPEC | {"model": "other"}, owner(US, "spec.type"), owner(KUBECTL, "spec.model"))
    change = plan_object(
        given(record("spec.type", "spec.model"), adopt_from=(KUBECTL,)), adopting(live)
    )
    assert (change.state, change.adopted_from) == (State.DRIFTED, (KUBECTL,))
    assert why(change) == {"spec.model": Why.DRIFT}


def test_a_conflict_with_somebody_else_refuses_the_object_and_moves_nothing() -> None:
    live = stored(
        {"type": "openai", "model": "x"},
        owner(KUBECTL, "spec.type"),
        owner("k9s", "spec.model", operation="Update"),
    )
    change = plan_object(
        given(adopt_from=(KUBECTL,)), adopting(live, conflict(".spec.model", "k9s"))
    )
    assert (change.state, change.action) == (State.CONFLICT, Action.REFUSE)
    assert "k9s" in change.reason


def test_drift_beside_an_adoption_is_reclaimed() -> None:
    live = stored(
        SPEC | {"model": "x", "baseURL": "https://old.example.com"},
        owner(KUBECTL, "spec.type", "spec.baseURL"),
        owner("k9s", "spec.model", operation="Update"),
    )
    observed = adopting(live, conflict(".spec.model", "k9s"))
    change = plan_object(given(record("spec.type", "spec.model"), adopt_from=(KUBECTL,)), observed)
    assert (change.state, change.action, change.force) == (State.DRIFTED, Action.UPDATE, True)
    assert why(change) == {"spec.baseURL": Why.ADOPT, "spec.model": Why.DRIFT}


def test_annotations_of_others_are_masked() -> None:
    live = stored(SPEC, owner(KUBECTL, "metadata.annotations.key"), annotations={"key": "sk-1"})
    (field,) = plan_object(given(adopt_from=(KUBECTL,)), adopting(live)).differences
    assert (field.shown_path, field.live.masked) == ("metadata.annotations.key", True)


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ((KUBECTL,), ""),
        (("kubectl",), f"did you mean {KUBECTL}?"),
        (("kubectl-client-side-aply",), f"did you mean {KUBECTL}?"),
        (("helm",), "nothing is left to adopt"),
        ((KUBECTL, "kubectl"), "nothing is left to adopt"),
    ],
)
def test_a_name_that_owns_nothing_is_told_with_the_nearest_one(
    names: tuple[str, ...], note: str
) -> None:
    observed = Observed((observation(SPEC, LIVE, LIVE),))
    notes = list(unmatched_names(names, observed, US))
    assert [note in text for text in notes] == [True] * bool(note)


def test_no_name_is_told_of_where_nothing_is_live_or_a_tool_marks_an_object() -> None:
    nothing = Observed((observation(SPEC, None, LIVE),))
    assert not list(unmatched_names(("helm",), nothing, US))
    marked = stored(SPEC, OURS, annotations={"meta.helm.sh/release-name": "x"})
    assert not list(unmatched_names(("helm",), Observed((observation(SPEC, marked, LIVE),)), US))
