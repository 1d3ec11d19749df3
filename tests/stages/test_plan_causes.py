"""Why a planned change is made or refused: drift, conflicts, other tools, adoption, and the words for each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.crds import catalogue
from reconciler.errors import Cause
from reconciler.kinds import KINDS
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, State
from reconciler.model.difference import Why
from reconciler.model.document import JsonObject
from reconciler.model.environment import OnDrift
from reconciler.model.observation import Observation, Observed
from reconciler.model.secret import KEY_BYTES, Keyring
from reconciler.stages.plan import plan_object, record_lost
from tests.stages.builders import (
    REF,
    US,
    conflict,
    given,
    observation,
    owner,
    record,
    stored,
)

SPEC: JsonObject = {"type": "claude", "model": "claude-sonnet-4-5"}
OLD: JsonObject = {"type": "claude", "model": "claude-haiku-4-5"}
OURS = owner(US, "spec.type", "spec.model")
MARKS: JsonObject = {"annotations": {"meta.helm.sh/release-name": "omnia"}}
KEYRING = Keyring(b"k" * KEY_BYTES)


class TestOtherTools:
    LIVE = stored(OLD, owner("helm", "spec.type"), **MARKS)

    def test_its_objects_are_compared_beside_it(self) -> None:
        predicted = stored(SPEC, OURS, **MARKS)
        observing = replace(given(), observes=True)
        assert (
            plan_object(observing, observation(SPEC, self.LIVE, predicted)).state is State.ADOPTED
        )

    def test_an_object_of_ours_that_carries_its_mark_stays_ours(self) -> None:
        live, predicted = (stored(spec, OURS, **MARKS) for spec in (OLD, SPEC))
        assert plan_object(given(), observation(SPEC, live, predicted)).state is State.CHANGED

    def test_one_that_it_created_again_is_not_taken_back(self) -> None:
        known = record("spec.type", "spec.model", uid="another")
        observed = observation(SPEC, self.LIVE, stored(SPEC, OURS, **MARKS))
        assert plan_object(given(known), observed).state is State.FOREIGN

    def test_the_refusal_names_the_tool_and_its_mark(self) -> None:
        change = plan_object(given(), observation(SPEC, self.LIVE, stored(SPEC, OURS, **MARKS)))
        assert change.reason.startswith("helm manages it (")
        assert change.action is Action.REFUSE
        assert "meta.helm.sh/release-name" in change.reason
        assert change.hint == "remove it from helm first, or name helm in policy.adoptFrom"

    def test_the_home_of_another_applyset_is_named(self) -> None:
        label = {"labels": {PART_OF: "applyset-other-v1"}}
        observed = observation(SPEC, stored(OLD, OURS, **label), stored(SPEC, OURS, **label))
        moved = replace(given(), other_homes={"applyset-other-v1": "old-home"})
        assert plan_object(moved, observed).hint.startswith("write home: old-home again, or ")


class TestDrift:
    TAKEN = stored(OLD, owner(US, "spec.type"), owner("k9s", "spec.model", operation="Update"))

    def test_drift_needs_no_reason_beside_its_fields(self) -> None:
        observed = observation(SPEC, self.TAKEN, stored(SPEC, OURS), conflict(".spec.model", "k9s"))
        change = plan_object(given(record("spec.type", "spec.model")), observed)
        assert (change.state, change.reason) == (State.DRIFTED, "")

    def test_a_named_field_is_reclaimed_where_drift_is_left_alone(self) -> None:
        observed = observation(SPEC, self.TAKEN, stored(SPEC, OURS), conflict(".spec.model", "k9s"))
        known = given(record("spec.type", "spec.model"), on_drift=OnDrift.REFUSE)
        assert plan_object(known, observed).action is Action.REFUSE
        taking = replace(known, take=frozenset({".spec.model"}))
        assert plan_object(taking, observed).action is Action.UPDATE

    def test_what_was_applied_from_the_same_git_and_differs_was_changed_by_someone(self) -> None:
        """They applied it under our name: managedFields cannot tell."""
        observed = observation(SPEC, stored(OLD, OURS), stored(SPEC, OURS))
        content = KEYRING.digest(observed.manifest.document.text)
        known = record("spec.type", "spec.model")
        same = replace(known, objects={REF: replace(known.objects[REF], digest=content)})
        change = plan_object(replace(given(same), keyring=KEYRING), observed)
        assert change.state is State.DRIFTED
        moved = replace(known, objects={REF: replace(known.objects[REF], digest="0" * 32)})
        change = plan_object(replace(given(moved), keyring=KEYRING), observed)
        assert change.state is State.CHANGED

    def test_a_field_below_an_atomic_one_of_ours_is_ours(self) -> None:
        """Only the schema says that the list is owned as a whole."""
        ours = owner(US, "spec.type", "spec.capabilities")
        git, before = (SPEC | {"capabilities": words} for words in (["text", "tools"], ["text"]))
        observed = observation(git, stored(before, ours), stored(git, ours))
        crds = {REF.group_kind: catalogue.load(KINDS[REF.group_kind].endpoint.crd_name)}
        change = plan_object(replace(given(record()), crds=crds), observed)
        assert change.state is State.CHANGED
        assert {field.why for field in change.differences} == {Why.CHANGE}


class TestOwnershipAlone:
    LIVE = stored(SPEC, OURS)
    OBSERVED = observation(SPEC, LIVE, stored(SPEC, owner(US, "spec.type")))

    def test_the_reason_says_that_no_value_changes(self) -> None:
        change = plan_object(given(record("spec.type", "spec.model")), self.OBSERVED)
        assert (change.state, change.action) == (State.CHANGED, Action.UPDATE)
        assert change.reason == "only the ownership of fields changes"

    def test_a_changed_value_needs_no_reason(self) -> None:
        observed = observation(SPEC, stored(OLD, OURS), stored(SPEC, OURS))
        assert plan_object(given(record("spec.type", "spec.model")), observed).reason == ""

    def test_what_somebody_else_did_to_it_is_drift(self) -> None:
        """Though no value differs: they would keep a field that git removes, and nobody would meet a conflict."""
        took = stored(
            SPEC, owner(US, "spec.type"), owner("kubectl-edit", "spec.model", operation="Update")
        )
        known = given(record("spec.type", "spec.model"))
        change = plan_object(known, observation(SPEC, took, stored(SPEC, OURS)))
        assert (change.state, change.action, change.force) == (State.DRIFTED, Action.UPDATE, False)
        assert change.reason == (
            "spec.model is no longer ours: kubectl-edit (Update) wrote the same value"
        )
        nobody = plan_object(
            known, observation(SPEC, stored(SPEC, owner(US, "spec.type")), stored(SPEC, OURS))
        )
        assert nobody.reason == "spec.model is no longer ours, with the same value"
        both = stored(SPEC, owner(US, "spec.other"))
        reason = plan_object(known, observation(SPEC, both, stored(SPEC, OURS))).reason
        assert reason in {
            "spec.model, spec.type are no longer ours, with the same value",
            "spec.type, spec.model are no longer ours, with the same value",
        }
        wiped = plan_object(known, observation(SPEC, stored(SPEC), stored(SPEC, OURS)))
        assert wiped.state is State.DRIFTED
        assert wiped.reason.startswith("someone removed our entry from its managedFields")
        refusing = replace(known, policy=replace(known.policy, on_drift=OnDrift.REFUSE))
        refused = plan_object(refusing, observation(SPEC, stored(SPEC), stored(SPEC, OURS)))
        assert (refused.action, refused.reason) == (Action.REFUSE, wiped.reason)

    def test_who_only_observes_owns_nothing(self) -> None:
        observing = replace(given(record("spec.type", "spec.model")), observes=True)
        assert plan_object(observing, self.OBSERVED).state is State.UNCHANGED


class TestAdopted:
    LIVE = stored(SPEC, owner("zeta", "spec.model"), owner("alpha", "spec.type"))
    OBSERVED = observation(SPEC, LIVE, stored(SPEC, OURS))

    def test_managers_that_keep_a_share_are_named(self) -> None:
        change = plan_object(given(), self.OBSERVED)
        assert (change.state, change.action) == (State.ADOPTED, Action.UPDATE)
        assert change.hint == (
            "name alpha, zeta in policy.adoptFrom: a shared field stays if git removes it"
        )

    def test_those_whose_fields_are_moved_are_not(self) -> None:
        moved = replace(self.OBSERVED, adopted_from=("alpha", "zeta"))
        change = plan_object(given(), moved)
        assert (change.state, change.hint) == (State.ADOPTED, "")
        known = plan_object(given(record("spec.type")), moved)
        assert known.state is State.ADOPTED, "also where the record knows the object"

    def test_neither_are_we_nor_a_manager_of_other_fields(self) -> None:
        owners = (owner("alpha", "spec.model"), owner("beta", "spec.baseURL"))
        live = stored(SPEC | {"baseURL": "https://a.example.com"}, OURS, *owners)
        observed = replace(observation(SPEC, live, live), adopted_from=("zeta",))
        hint = plan_object(given(record("spec.type", "spec.model")), observed).hint
        assert hint.startswith("name alpha in policy.adoptFrom")


class TestConflicts:
    def observed(self, *causes: Cause) -> Observation:
        live = stored(OLD, owner(US, "spec.type"), owner("b", "spec.model", operation="Update"))
        return observation(SPEC, live, stored(SPEC, OURS), *causes)

    def test_every_manager_is_named_once_and_in_order(self) -> None:
        causes = (conflict(".spec.model", "b"), conflict(".spec.model", "a"))
        change = plan_object(given(record("spec.type")), self.observed(*causes, causes[0]))
        assert change.reason == "owned by a, b, and it was never ours"
        assert change.hint == (
            "let a, b release the fields, write the live values into git, or add it to policy.adoptFrom"
        )

    def test_without_a_record_nobody_knows_whose_it_was(self) -> None:
        change = plan_object(given(None), self.observed(conflict(".spec.model", "b")))
        assert change.reason == (
            "owned by b, and without a record it is unknown whether it was ours"
        )

    def test_a_manager_without_a_name_is_another_one(self) -> None:
        change = plan_object(given(record("spec.type")), self.observed(conflict(".spec.model", "")))
        assert change.reason == "owned by another manager, and it was never ours"

    def test_a_change_beside_it_is_no_drift(self) -> None:
        policy = {"on_drift": OnDrift.REFUSE, "adopt_from": ("b",)}
        observed = self.observed(conflict(".spec.model", "b"))
        assert plan_object(given(record("spec.type"), **policy), observed).force

    def test_the_named_field_alone_is_taken(self) -> None:
        observed, known = self.observed(conflict(".spec.model", "b")), record("spec.type")
        taking = replace(given(known), take=frozenset({".spec.model"}))
        assert plan_object(taking, observed).force
        other = replace(given(known), take=frozenset({".spec.type"}))
        assert plan_object(other, observed).action is Action.REFUSE

    def test_one_of_two_managers_in_adopt_from_takes_nothing(self) -> None:
        causes = (conflict(".spec.model", "b"), conflict(".spec.model", "a"))
        change = plan_object(given(record("spec.type"), adopt_from=("a",)), self.observed(*causes))
        assert change.action is Action.REFUSE

    def test_drift_beside_it_is_left_alone_where_the_policy_says_so(self) -> None:
        """Even where the conflict could be taken: force would take the drifted field too."""
        live = stored(
            {"type": "openai", "model": "x"},
            owner("b", "spec.model", "spec.type", operation="Update"),
        )
        causes = (conflict(".spec.model", "b"), conflict(".spec.type", "b"))
        policy = {"on_drift": OnDrift.REFUSE, "adopt_from": ("b",)}
        change = plan_object(
            given(record("spec.model"), **policy),
            observation(SPEC, live, stored(SPEC, OURS), *causes),
        )
        assert (change.state, change.action) == (State.CONFLICT, Action.REFUSE)
        assert change.reason == "someone else changed it, and policy.onDrift is refuse"


class TestSideEffects:
    THEIRS = owner("other", "spec.credential.filePath", operation="Update")

    def test_a_contradiction_that_others_make_is_told_with_its_field(self) -> None:
        ours = {"type": "vllm", "model": "m", "baseURL": "http://vllm.omnia.svc:8000/v1"}
        live = stored(ours | {"credential": {"filePath": "/var/run/../key"}}, OURS, self.THEIRS)
        (warning,) = plan_object(given(record()), observation(ours, live, live)).warnings
        assert warning.startswith("with the fields of others, spec.credential.filePath: ")

    def test_every_field_that_stays_is_named(self) -> None:
        left = owner("a", "spec.baseURL", "spec.model", operation="Update")
        live = stored(
            {"type": "mock", "model": "m", "baseURL": "https://a.example.com"}, OURS, left
        )
        known = record("spec.type", "spec.model", "spec.baseURL")
        predicted = stored(live.body()["spec"], owner(US, "spec.type"), left)
        observed = observation({"type": "mock"}, live, predicted)
        (warning,) = plan_object(given(known), observed).warnings
        _, _, names = warning.partition("another owner: ")
        assert sorted(names.split(", ")) == ["spec.baseURL (a)", "spec.model (a)"]

    def test_one_that_git_has_as_well_is_validation_s_to_tell(self) -> None:
        both = {"type": "vllm", "model": "m", "credential": {"filePath": "/var/run/../key"}}
        live = stored(both, OURS, self.THEIRS)
        assert plan_object(given(record()), observation(both, live, live)).warnings == ()


@pytest.mark.parametrize(("manager", "lost"), [(US, True), ("other", False)])
def test_the_record_is_lost_if_any_object_has_fields_of_this_manager(
    manager: str, lost: bool
) -> None:
    objects = (
        observation(SPEC, None, stored(SPEC, OURS)),
        observation(SPEC, stored(SPEC, owner("helm", "spec.type")), stored(SPEC, OURS)),
        observation(SPEC, stored(SPEC, OURS), stored(SPEC, OURS)),
    )
    assert record_lost(Observed(objects), None, manager, ()) is lost
