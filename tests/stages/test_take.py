"""`--take`: fields of others that one run takes over, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import UsageError
from reconciler.model.change import Action, Change, State
from reconciler.model.environment import OnDrift
from reconciler.model.observation import Observation, Observed
from reconciler.stages.plan import plan_object
from reconciler.stages.plan.take import field_name, refuse_unheld
from tests.stages.builders import US, conflict, given, observation, owner, record, stored

SPEC = {"type": "claude", "model": "claude-sonnet-4-5"}
OURS = owner(US, "spec.type", "spec.model")
THEIRS = owner("k9s", "spec.type", "spec.model", operation="Update")
LIVE = stored({"type": "openai", "model": "x"}, THEIRS)
MODEL, TYPE = conflict(".spec.model", "k9s"), conflict(".spec.type", "k9s")


def planned(observed: Observation, *take: str, **policy: object) -> Change:
    inputs = replace(given(record("metadata.x"), **policy), take=frozenset(map(field_name, take)))
    return plan_object(inputs, observed)


def test_a_field_that_was_never_ours_is_taken_if_it_is_named() -> None:
    live = stored(SPEC | {"model": "x"}, owner("k9s", "spec.model", operation="Update"))
    observed = observation(SPEC, live, stored(SPEC, OURS), MODEL)
    assert planned(observed).action is Action.REFUSE
    change = planned(observed, "spec.model")
    assert (change.state, change.action, change.force) == (State.CONFLICT, Action.UPDATE, True)


def test_another_field_in_conflict_refuses_the_object_nevertheless() -> None:
    observed = observation(SPEC, LIVE, stored(SPEC, OURS), MODEL, TYPE)
    assert planned(observed, "spec.model").action is Action.REFUSE
    assert planned(observed, "spec.model", "spec.type").action is Action.UPDATE


def test_a_field_that_others_lose_and_the_server_does_not_list_is_not_taken() -> None:
    observed = observation(SPEC, LIVE, stored(SPEC, OURS), MODEL)
    assert planned(observed, "spec.model").action is Action.REFUSE


@pytest.mark.parametrize(
    ("take", "action"),
    [((), Action.REFUSE), (("spec.model",), Action.UPDATE), (("spec.type",), Action.REFUSE)],
)
def test_drift_that_the_policy_leaves_is_taken_if_it_is_named(
    take: tuple[str, ...], action: Action
) -> None:
    live = stored(SPEC | {"model": "x"}, owner(US, "spec.type"), owner("k9s", "spec.model"))
    observed = observation(SPEC, live, stored(SPEC, OURS), MODEL)
    inputs = given(record("spec.type", "spec.model"), on_drift=OnDrift.REFUSE)
    taking = replace(inputs, take=frozenset(map(field_name, take)))
    assert plan_object(taking, observed).action is action


def test_one_of_two_drifted_fields_is_not_enough() -> None:
    observed = observation(SPEC, LIVE, stored(SPEC, OURS), MODEL, TYPE)
    inputs = given(record("spec.type", "spec.model"), on_drift=OnDrift.REFUSE)
    taking = replace(inputs, take=frozenset({".spec.model"}))
    both = replace(inputs, take=frozenset({".spec.model", ".spec.type"}))
    assert plan_object(taking, observed).action is Action.REFUSE
    assert plan_object(both, observed).action is Action.UPDATE


def test_an_object_of_another_tool_is_refused_whatever_is_taken() -> None:
    live = stored(SPEC | {"model": "x"}, THEIRS, annotations={"meta.helm.sh/release-name": "x"})
    observed = observation(SPEC, live, stored(SPEC, OURS), MODEL)
    inputs = replace(given(), take=frozenset({".spec.model"}))
    assert plan_object(inputs, observed).state is State.FOREIGN


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("spec.model", ".spec.model"),
        (".spec.model", ".spec.model"),
        ("spec.headers[X-Team]", ".spec.headers.X-Team"),
        ("metadata.labels[a.b/c]", ".metadata.labels.a.b/c"),
        ('spec.parts[name="a"].value', '.spec.parts[name="a"].value'),
    ],
)
def test_a_field_is_named_as_reports_and_the_server_print_it(text: str, field: str) -> None:
    assert field_name(text) == field


def test_a_field_that_nobody_else_holds_is_an_error_with_the_nearest_one() -> None:
    observation_of = observation(SPEC, LIVE, stored(SPEC, OURS), MODEL)
    observed, changes = Observed((observation_of,)), (planned(observation_of),)
    refuse_unheld(frozenset({".spec.model"}), observed, changes)
    refuse_unheld(frozenset(), observed, changes)
    with pytest.raises(UsageError) as caught:
        refuse_unheld(frozenset({".spec.modle"}), observed, changes)
    assert caught.value.hint == "did you mean spec.model?"
    assert str(caught.value) == (
        "--take spec.modle: no other field manager owns this field with another value than git"
    )
    with pytest.raises(UsageError) as caught:
        refuse_unheld(frozenset({".spec.baseURL"}), Observed(), ())
    assert caught.value.hint == "apply without --take"


def test_a_field_that_differs_through_others_can_be_taken_though_nothing_conflicts() -> None:
    """It drifted, so it was ours: the server lists no conflict where nobody owns it any more."""
    gone = stored({"type": "claude"}, owner(US, "spec.type"))
    drifted = plan_object(
        given(record("spec.type", "spec.model")), observation(SPEC, gone, stored(SPEC, OURS))
    )
    refuse_unheld(frozenset({".spec.model"}), Observed(), (drifted,))
    moved = observation(SPEC, stored(SPEC | {"model": "x"}, OURS), stored(SPEC, OURS))
    changed = plan_object(given(record("spec.type", "spec.model")), moved)
    with pytest.raises(UsageError):
        refuse_unheld(frozenset({".spec.model"}), Observed(), (changed,))


def test_a_field_in_conflict_can_be_taken_beside_one_that_drifted() -> None:
    observation_of = observation(SPEC, LIVE, stored(SPEC, OURS), MODEL)
    gone = stored({"model": "claude-sonnet-4-5"}, owner(US, "spec.model"))
    drifted = plan_object(
        given(record("spec.type", "spec.model")), observation(SPEC, gone, stored(SPEC, OURS))
    )
    held = frozenset({".spec.model", ".spec.type"})
    refuse_unheld(held, Observed((observation_of,)), (drifted,))
    with pytest.raises(UsageError) as caught:
        refuse_unheld(frozenset({".spec.zzz"}), Observed((observation_of,)), ())
    assert caught.value.hint == "it can take spec.model"
