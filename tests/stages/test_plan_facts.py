"""What a planned change tells of its object: what apply sends, what guards it, what is shown, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reconciler.kinds import KINDS
from reconciler.model.change import Action, State
from reconciler.model.difference import IgnoredField, Why
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import OnDrift
from reconciler.model.hold import ANNOTATION as HOLD
from reconciler.model.identity import ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observation, Observed
from reconciler.model.secret import KEY_BYTES, Keyring
from reconciler.stages.plan import plan, plan_object
from tests.stages.builders import (
    API_VERSION,
    REF,
    UID,
    US,
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


def with_metadata(before: Observation, **metadata: Any) -> Observation:
    """The same object, with more metadata in git."""
    body = before.manifest.document.body()
    body["metadata"] |= metadata
    return replace(before, manifest=replace(before.manifest, document=Document.of(body)))


class TestFacts:
    def test_a_change_has_what_apply_sends_and_what_guards_it(self) -> None:
        status = {"phase": "Error", "conditions": []}
        live = Document.of(stored(OLD, OURS).body() | {"status": status})
        adoption = Document.of({"metadata": {"managedFields": []}})
        observed = replace(
            observation(SPEC, live, stored(SPEC, OURS)),
            sent=Document.of({"sent": True}),
            warnings=("deprecated",),
            adoption=adoption,
            adopted_from=("helm",),
        )
        change = plan_object(replace(given(record()), keyring=KEYRING), observed)
        assert (change.ref, change.uid, change.resource_version) == (REF, UID, "7")
        assert change.body == observed.sent
        assert str(change.where) == "templates/omnia/claude.yaml.j2:1:1"
        assert change.content == KEYRING.digest(observed.manifest.document.text)
        assert (change.adoption, change.adopted_from) == (adoption, ("helm",))
        assert change.warnings[0] == "deprecated"
        judge = KINDS[REF.group_kind].readiness
        assert change.readiness == judge(live.body()) != judge(stored(OLD, OURS).body())

    def test_an_object_that_does_not_exist_has_no_guards_and_is_not_judged(self) -> None:
        change = plan_object(given(), observation(SPEC, None, stored(SPEC, OURS)))
        assert (change.uid, change.resource_version) == ("", "")
        assert (change.content, change.readiness, change.hold) == ("", None, None)

    def test_the_request_goes_to_the_version_that_git_names(self) -> None:
        observed = observation(SPEC, None, stored(SPEC, OURS))
        later = replace(observed.manifest, api_version=API_VERSION.replace("v1alpha1", "v2"))
        endpoint = plan_object(given(), replace(observed, manifest=later)).endpoint
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
        observed = replace(observation(SPEC, live, live), ignored=(rule,))
        known = given(record("spec.type", "spec.model", "spec.headers.X-Route"))
        change = plan_object(known, observed)
        assert (change.ignored, change.foreign, change.warnings) == ((rule,), (), ())


class TestOrder:
    def test_providers_come_before_models_and_names_in_order(self) -> None:
        names = [("Model", "b"), ("ModelProvider", "z"), ("Model", "a"), ("ModelProvider", "y")]
        waves = plan(given(), Observed(tuple(of_kind(*each) for each in names))).waves
        assert [[change.ref.name for change in wave] for wave in waves] == [["y", "z"], ["a", "b"]]


class TestNewObjects:
    def test_labels_and_annotations_of_git_are_shown_and_its_name_is_not(self) -> None:
        observed = observation({"type": "mock"}, None, stored(SPEC, OURS))
        marked = with_metadata(observed, labels={"team": "a"}, annotations={"note": "b"})
        shown = [field.shown_path for field in plan_object(given(), marked).differences]
        assert shown == ["metadata.annotations.note", "metadata.labels.team", "spec.type"]
        empty = with_metadata(observed, labels={}, annotations={})
        (field,) = plan_object(given(), empty).differences
        assert (field.shown_path, field.why) == ("spec.type", Why.CHANGE)

    def test_one_without_a_spec_is_new_too(self) -> None:
        observed = observation(SPEC, None, stored(SPEC, OURS))
        body = {k: v for k, v in observed.manifest.document.body().items() if k != "spec"}
        bare = replace(observed, manifest=replace(observed.manifest, document=Document.of(body)))
        change = plan_object(given(), bare)
        assert change.state is State.NEW
        assert [field.shown_path for field in change.differences] == ["spec"]

    def test_one_that_the_record_knows_was_deleted_by_someone(self) -> None:
        observed = observation(SPEC, None, stored(SPEC, OURS))
        change = plan_object(given(record("spec.type")), observed)
        assert change.reason == "someone else deleted it"
        assert {field.why for field in change.differences} == {Why.DRIFT}
        left = plan_object(given(record("spec.type"), on_drift=OnDrift.REFUSE), observed)
        assert (left.action, left.reason) == (Action.REFUSE, "someone else deleted it")
        assert "policy.onDrift: reclaim" in left.hint


def test_an_object_that_is_being_deleted_says_what_it_waits_for() -> None:
    live = stored(OLD, OURS, deletionTimestamp="2026-07-30T00:00:00Z")
    change = plan_object(given(), observation(SPEC, live, stored(SPEC, OURS)))
    assert change.reason == "it is being deleted"
    assert change.hint == "its finalizers must go first; the next run creates it again"


def test_a_held_object_is_left_alone() -> None:
    marks = {"annotations": {HOLD: "2026-12-01T00:00:00Z incident 7"}}
    live = stored(OLD, OURS, owner("k9s", f"metadata.annotations.{HOLD}"), **marks)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    observed = observation(SPEC, live, stored(SPEC, OURS, **marks))
    change = plan_object(replace(given(record("spec.type", "spec.model")), now=now), observed)
    assert (change.state, change.action) == (State.HELD, Action.SKIP)
    assert change.hold is not None
    assert change.hold.reason == "incident 7"
