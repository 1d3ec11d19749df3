"""What a plan says of objects that apply leaves alone: kept, held, of another ApplySet, refused by the server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.crds import catalogue
from reconciler.errors import RefusalReason
from reconciler.kinds import KINDS
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, Change, Prerequisite, State
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import ExtraFields, OnDrift
from reconciler.model.hold import ANNOTATION
from reconciler.model.observation import Observed, Orphan, Refusal
from reconciler.model.run import ClusterIdentity
from reconciler.stages.plan import plan, plan_object
from reconciler.stages.plan.holds import with_hold
from reconciler.stages.plan.inputs import PlanInput
from reconciler.stages.plan.refusals import with_refusals
from tests.stages.builders import REF, UID, US, given, observation, owner, record, stored

SPEC: JsonObject = {"type": "claude", "model": "claude-sonnet-4-5"}
OURS = owner(US, "spec.type", "spec.model")
CRD = {REF.group_kind: catalogue.load(KINDS[REF.group_kind].endpoint.crd_name)}
NOW = datetime(2026, 8, 1, tzinfo=UTC)
UNTIL = "2026-08-02T00:00:00Z incident"


class TestKept:
    def kept(self, inputs: PlanInput, live: Document) -> Change:
        (change,) = plan(inputs, Observed((), orphans=(Orphan(REF, live),))).changes
        return change

    def test_it_has_what_guards_its_deletion(self) -> None:
        live = Document.of(stored(SPEC, OURS).body() | {"status": {"phase": "Error"}})
        change = self.kept(given(), live)
        assert (change.uid, change.resource_version) == (UID, "7")
        assert change.endpoint == KINDS[REF.group_kind].endpoint
        assert change.readiness == KINDS[REF.group_kind].readiness(live.body())
        assert change.readiness != KINDS[REF.group_kind].readiness({})

    def test_without_a_uid_there_is_no_guard(self) -> None:
        change = self.kept(given(), stored(SPEC, OURS, uid=None, resourceVersion=None))
        assert (change.uid, change.resource_version) == ("", "")

    def test_it_says_what_keeps_it(self) -> None:
        now = replace(given(), now=NOW)
        change = self.kept(now, stored(SPEC, OURS))
        assert change.reason == (
            "no longer in git; this run does not prune, so it stays in the cluster"
        )
        held = self.kept(now, stored(SPEC, OURS, annotations={ANNOTATION: UNTIL}))
        assert held.reason == "no longer in git; it is held, so it stays in the cluster"
        assert held.hint == ""
        wrong = self.kept(now, stored(SPEC, OURS, annotations={ANNOTATION: "soon"}))
        assert wrong.reason.startswith(
            f"no longer in git; its annotation {ANNOTATION} cannot be used: "
        )

    def test_fields_of_others_that_decide_are_told_if_it_was_ours(self) -> None:
        spec = SPEC | {"baseURL": "https://b.example.com", "headers": {"X": "1"}, "note": "x"}
        theirs = owner("k9s", "spec.baseURL", "spec.headers.X", "spec.note", operation="Update")
        live = stored(spec, OURS, theirs)
        assert self.kept(given(), live).foreign == ()
        removing = given(record("spec.type"), extra_fields=(("spec.headers*", ExtraFields.REMOVE),))
        foreign = {each.shown_path: each.policy for each in self.kept(removing, live).foreign}
        assert set(foreign) == {"spec.baseURL", "spec.headers.X"}
        assert set(foreign.values()) == {ExtraFields.FAIL}, "apply takes nothing out of it"
        reporting = given(record("spec.type"), extra_fields=(("spec.*", ExtraFields.REPORT),))
        policies = {each.policy for each in self.kept(reporting, live).foreign}
        assert policies == {ExtraFields.REPORT}

    def test_an_empty_mapping_of_ours_does_not_own_what_others_add_to_it(self) -> None:
        """Only its type says that it is not owned as a whole."""
        ours = owner(US, "spec.type", "spec.model", "spec.headers")
        live = stored(SPEC | {"headers": {"X": "1"}}, ours)
        known = given(record("spec.type"))
        assert self.kept(known, live).foreign == ()
        (field,) = self.kept(replace(known, crds=CRD), live).foreign
        assert field.shown_path == "spec.headers.X"


class TestHeld:
    CHANGE = plan_object(given(), observation(SPEC, None, stored(SPEC, OURS)))

    def held(self, value: str) -> Change:
        live = stored(SPEC, OURS, annotations={ANNOTATION: value})
        predicted = stored(SPEC | {"model": "x"}, OURS)
        inputs = replace(given(), now=NOW)
        hold = plan_object(inputs, observation(SPEC, live, predicted)).hold
        change = replace(
            self.CHANGE,
            reason="why",
            hint="what",
            force=True,
            remove=(("spec", "headers"),),
            adoption=Document.of({}),
            adopted_from=("helm",),
            hold=hold,
        )
        return with_hold(change)

    def test_nothing_is_left_that_apply_would_do(self) -> None:
        change = self.held(UNTIL)
        assert (change.state, change.action) == (State.HELD, Action.SKIP)
        assert (change.reason, change.hint, change.force) == ("", "", False)
        assert (change.remove, change.adoption, change.adopted_from) == ((), None, ())

    def test_an_annotation_that_cannot_be_used_says_what_to_do(self) -> None:
        change = self.held("soon")
        assert (change.state, change.action) == (State.HELD, Action.REFUSE)
        assert change.reason.startswith(f"its annotation {ANNOTATION} cannot be used: ")
        assert change.hint == "correct the annotation, or release the object"


class TestOfAnotherSet:
    def refused(self, inputs: PlanInput) -> Change:
        label = {"labels": {PART_OF: "applyset-x-v1"}}
        live = stored(SPEC, OURS, **label)
        change = plan_object(inputs, observation(SPEC, live, stored(SPEC, OURS, **label)))
        assert (change.state, change.action) == (State.FOREIGN, Action.REFUSE)
        return change

    def test_of_this_environment_in_another_home(self) -> None:
        change = self.refused(replace(given(), other_homes={"applyset-x-v1": "old"}))
        assert change.reason == (
            f"it belongs to the record of this environment in old, by its label {PART_OF}: did `home` move?"
        )
        assert change.hint == (
            "write home: old again, or hand the object over by removing the label"
        )

    def test_of_an_environment_that_is_known(self) -> None:
        change = self.refused(replace(given(), environments={"applyset-x-v1": "staging"}))
        assert change.reason == f"it belongs to the environment staging, by its label {PART_OF}"
        assert change.hint == (
            "use different namespaces for the environments, or hand the object over by removing the label"
        )

    @pytest.mark.parametrize(
        "cluster", [None, ClusterIdentity("directory:a", folder="a")], ids=["none", "folder"]
    )
    def test_of_one_that_nobody_knows(self, cluster: ClusterIdentity | None) -> None:
        change = self.refused(replace(given(), cluster=cluster))
        assert change.reason == (
            f"it belongs to another ApplySet, by its label {PART_OF}: another environment?"
        )
        assert change.hint == (
            "use different namespaces for the environments, or hand the object over by removing the label"
        )

    def test_the_command_that_names_it_is_for_this_cluster(self) -> None:
        change = self.refused(replace(given(), cluster=ClusterIdentity("eu", context="eu")))
        assert change.hint.endswith(
            "; kubectl --context eu get configmaps -A -l applyset.kubernetes.io/id=applyset-x-v1"
            " names the other one"
        )


def test_what_the_policy_leaves_says_how_to_end_it() -> None:
    inputs = given(record("spec.type"), on_drift=OnDrift.REFUSE)
    change = plan_object(inputs, observation(SPEC, None, stored(SPEC, OURS)))
    assert change.hint == "write the live values into git, or apply with policy.onDrift: reclaim"


def test_a_refused_create_is_in_the_plan_as_a_dry_run_would_have_shown_it() -> None:
    made = plan(given(), Observed((observation(SPEC, None, stored(SPEC, OURS)),)))
    (new,) = made.changes
    second, third = (replace(new, ref=replace(REF, name=name)) for name in ("second", "third"))
    both = replace(made, waves=((new, second), (third,)))
    absent = Refusal(RefusalReason.NO_NAMESPACE, "no namespace", (), "create it")
    unreachable = Refusal(RefusalReason.FAILED, "timeout")
    after, refs = with_refusals(both, {REF: absent, third.ref: unreachable})
    assert refs == {REF}, "what failed on the way may exist, so it stays a create"
    (first, *_), _ = after.waves
    assert (first.state, first.action) == (State.WAITING, Action.SKIP)
    assert (first.reason, first.hint) == ("no namespace", "create it")
    assert first.awaited is not None
    assert first.awaited.type is Prerequisite.NAMESPACE
    assert [wave[1:] for wave in after.waves] == [(second,), ()]
    assert after.waves[1] == (third,)


class TestOverridden:
    """With the types of the CRD."""

    def overridden(self, stored_spec: JsonObject, *, crds: bool = True) -> tuple[object, ...]:
        observed = observation(SPEC, None, stored(stored_spec, OURS))
        inputs = replace(given(), crds=CRD) if crds else given()
        (change,) = plan(inputs, Observed((observed,))).changes
        return change.overridden

    def test_a_field_that_the_cluster_sets_to_another_value(self) -> None:
        assert self.overridden(SPEC) == ()
        assert self.overridden(SPEC | {"model": "x"}) == (("spec", "model"),)
        assert self.overridden(SPEC | {"model": "x"}, crds=False) == (("spec", "model"),)

    def test_what_was_not_observed_or_is_proved_overrides_nothing(self) -> None:
        live = stored(SPEC | {"model": "x"}, OURS)
        objects = (observation(SPEC, live, live), observation(SPEC, None, None))
        for each in objects:
            (change,) = plan(given(), Observed((each,))).changes
            assert change.overridden == ()
