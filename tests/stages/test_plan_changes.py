"""What a planned change tells: its facts, its words, its order, and what it leaves to others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.errors import Cause
from reconciler.kinds import KINDS
from reconciler.model.change import Action, State
from reconciler.model.difference import IgnoredField, Why
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import OnDrift
from reconciler.model.identity import ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observation, Observed
from reconciler.model.secret import KEY_BYTES, Keyring
from reconciler.stages.plan import plan, plan_object, record_lost
from tests.stages.builders import (
    API_VERSION,
    REF,
    UID,
    US,
    conflict,
    given,
    manifest,
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


def of_kind(kind: str, name: str) -> Observation:
    """A new object of a kind."""
    group, version = "agent.flokoa.ai", "agent.flokoa.ai/v1alpha1"
    ref = ObjectRef(group, kind, "llm", name)
    body = Document.of(
        {
            "apiVersion": version,
            "kind": kind,
            "metadata": {"name": name, "namespace": "llm"},
            "spec": {},
        }
    )
    origins = manifest(SPEC).origins
    return Observation(Manifest(ref, version, body, origins), body, None, body)


def with_metadata(observed: Observation, **metadata: Any) -> Observation:
    """The same object, with more metadata in git."""
    body = observed.manifest.document.body()
    body["metadata"] |= metadata
    return replace(observed, manifest=replace(observed.manifest, document=Document.of(body)))


class TestFacts:
    def test_a_change_has_what_apply_sends_and_what_guards_it(self) -> None:
        status = {"conditions": [{"type": "Ready", "status": "False", "message": "no key"}]}
        live = Document.of(stored(OLD, OURS).body() | {"status": status})
        adoption = Document.of({"metadata": {"managedFields": []}})
        seen = replace(
            observation(SPEC, live, stored(SPEC, OURS)),
            sent=Document.of({"sent": True}),
            warnings=("deprecated",),
            adoption=adoption,
            adopted_from=("helm",),
        )
        change = plan_object(replace(given(record()), keyring=KEYRING), seen)
        assert (change.ref, change.uid, change.resource_version) == (REF, UID, "7")
        assert change.body == seen.sent
        assert str(change.where) == "templates/omnia/claude.yaml.j2:1:1"
        assert change.content == KEYRING.digest(seen.manifest.document.text)
        assert (change.adoption, change.adopted_from) == (adoption, ("helm",))
        assert change.warnings[0] == "deprecated"
        assert change.readiness == KINDS[REF.group_kind].readiness(live.body())

    def test_an_object_that_does_not_exist_has_no_guards_and_is_not_judged(self) -> None:
        change = plan_object(given(), observation(SPEC, None, stored(SPEC, OURS)))
        assert (change.uid, change.resource_version) == ("", "")
        assert (change.content, change.readiness, change.hold) == ("", None, None)

    def test_the_request_goes_to_the_version_that_git_names(self) -> None:
        seen = observation(SPEC, None, stored(SPEC, OURS))
        later = replace(seen.manifest, api_version=API_VERSION.replace("v1alpha1", "v2"))
        endpoint = plan_object(given(), replace(seen, manifest=later)).endpoint
        assert endpoint == replace(KINDS[REF.group_kind].endpoint, version="v2")

    def test_what_was_not_observed_is_skipped(self) -> None:
        change = plan_object(given(), observation(SPEC, stored(OLD, OURS), None))
        assert (change.state, change.action) == (State.FAILED, Action.SKIP)
        assert change.reason == "not observed"

    def test_ignored_fields_are_told_and_no_fields_of_others(self) -> None:
        spec = SPEC | {"headers": {"X-Route": "b"}}
        theirs = owner("k9s", "spec.headers.X-Route", operation="Update")
        live = stored(spec, OURS, theirs)
        path = ("spec", "headers", "X-Route")
        rule = IgnoredField(path, "k9s")
        seen = replace(observation(SPEC, live, live), ignored=(rule,))
        known = given(record("spec.type", "spec.model", "spec.headers.X-Route"))
        change = plan_object(known, seen)
        assert (change.ignored, change.foreign, change.warnings) == ((rule,), (), ())


class TestOrder:
    def test_providers_come_before_models_and_names_in_order(self) -> None:
        names = [("Model", "b"), ("ModelProvider", "z"), ("Model", "a"), ("ModelProvider", "y")]
        waves = plan(given(), Observed(tuple(of_kind(*each) for each in names))).waves
        assert [[change.ref.name for change in wave] for wave in waves] == [["y", "z"], ["a", "b"]]


class TestNewObjects:
    def test_labels_and_annotations_of_git_are_shown_and_its_name_is_not(self) -> None:
        seen = observation({"type": "mock"}, None, stored(SPEC, OURS))
        marked = with_metadata(seen, labels={"team": "a"}, annotations={"note": "b"})
        shown = [field.shown_path for field in plan_object(given(), marked).differences]
        assert shown == ["metadata.annotations.note", "metadata.labels.team", "spec.type"]
        empty = with_metadata(seen, labels={}, annotations={})
        (field,) = plan_object(given(), empty).differences
        assert (field.shown_path, field.why) == ("spec.type", Why.CHANGE)

    def test_one_without_a_spec_is_new_too(self) -> None:
        seen = observation(SPEC, None, stored(SPEC, OURS))
        body = {k: v for k, v in seen.manifest.document.body().items() if k != "spec"}
        bare = replace(seen, manifest=replace(seen.manifest, document=Document.of(body)))
        change = plan_object(given(), bare)
        assert change.state is State.NEW
        assert [field.shown_path for field in change.differences] == ["spec"]

    def test_one_that_the_record_knows_was_deleted_by_someone(self) -> None:
        seen = observation(SPEC, None, stored(SPEC, OURS))
        change = plan_object(given(record("spec.type")), seen)
        assert change.reason == "someone else deleted it"
        assert {field.why for field in change.differences} == {Why.DRIFT}
        left = plan_object(given(record("spec.type"), on_drift=OnDrift.REFUSE), seen)
        assert (left.action, left.reason) == (Action.REFUSE, "someone else deleted it")
        assert "policy.onDrift: reclaim" in left.hint


def test_an_object_that_is_being_deleted_says_what_it_waits_for() -> None:
    live = stored(OLD, OURS, deletionTimestamp="2026-07-30T00:00:00Z")
    change = plan_object(given(), observation(SPEC, live, stored(SPEC, OURS)))
    assert change.reason == "it is being deleted"
    assert change.hint == "its finalizers must go first; the next run creates it again"


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
        seen = observation(SPEC, self.LIVE, stored(SPEC, OURS, **MARKS))
        assert plan_object(given(known), seen).state is State.FOREIGN


class TestOwnershipAlone:
    LIVE = stored(SPEC, OURS)
    SEEN = observation(SPEC, LIVE, stored(SPEC, owner(US, "spec.type")))

    def test_the_reason_says_that_no_value_changes(self) -> None:
        change = plan_object(given(record("spec.type", "spec.model")), self.SEEN)
        assert (change.state, change.action) == (State.CHANGED, Action.UPDATE)
        assert change.reason == "only the ownership of fields changes"

    def test_a_changed_value_needs_no_reason(self) -> None:
        seen = observation(SPEC, stored(OLD, OURS), stored(SPEC, OURS))
        assert plan_object(given(record("spec.type", "spec.model")), seen).reason == ""

    def test_who_only_observes_owns_nothing(self) -> None:
        observing = replace(given(record("spec.type", "spec.model")), observes=True)
        assert plan_object(observing, self.SEEN).state is State.UNCHANGED


class TestAdopted:
    LIVE = stored(SPEC, owner("zeta", "spec.model"), owner("alpha", "spec.type"))
    SEEN = observation(SPEC, LIVE, stored(SPEC, OURS))

    def test_managers_that_keep_a_share_are_named(self) -> None:
        change = plan_object(given(), self.SEEN)
        assert (change.state, change.action) == (State.ADOPTED, Action.UPDATE)
        assert change.hint == (
            "name alpha, zeta in policy.adoptFrom: a shared field stays if git removes it"
        )

    def test_those_whose_fields_are_moved_are_not(self) -> None:
        moved = replace(self.SEEN, adopted_from=("alpha", "zeta"))
        change = plan_object(given(), moved)
        assert (change.state, change.hint) == (State.ADOPTED, "")
        known = plan_object(given(record("spec.type")), moved)
        assert known.state is State.ADOPTED, "also where the record knows the object"


class TestConflicts:
    def seen(self, *causes: Cause) -> Observation:
        live = stored(OLD, owner(US, "spec.type"), owner("b", "spec.model", operation="Update"))
        return observation(SPEC, live, stored(SPEC, OURS), *causes)

    def test_every_manager_is_named_once_and_in_order(self) -> None:
        causes = (conflict(".spec.model", "b"), conflict(".spec.model", "a"))
        change = plan_object(given(record("spec.type")), self.seen(*causes, causes[0]))
        assert change.reason == "owned by a, b, and it was never ours"
        assert change.hint == (
            "let a, b release the fields, write the live values into git, or add it to policy.adoptFrom"
        )

    def test_without_a_record_nobody_knows_whose_it_was(self) -> None:
        change = plan_object(given(None), self.seen(conflict(".spec.model", "b")))
        assert change.reason == (
            "owned by b, and without a record it is unknown whether it was ours"
        )

    def test_the_named_field_alone_is_taken(self) -> None:
        seen, known = self.seen(conflict(".spec.model", "b")), record("spec.type")
        taking = replace(given(known), take=frozenset({".spec.model"}))
        assert plan_object(taking, seen).force
        other = replace(given(known), take=frozenset({".spec.type"}))
        assert plan_object(other, seen).action is Action.REFUSE

    def test_one_of_two_managers_in_adopt_from_takes_nothing(self) -> None:
        causes = (conflict(".spec.model", "b"), conflict(".spec.model", "a"))
        change = plan_object(given(record("spec.type"), adopt_from=("a",)), self.seen(*causes))
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
    assert record_lost(Observed(objects), None, manager) is lost
