"""Why a field differs, and what is done about it: the decision table of the plan."""

from __future__ import annotations

import pytest

from reconciler.errors import Cause, RefusalReason
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, Awaited, Prerequisite, State, preconditions
from reconciler.model.difference import Why
from reconciler.model.environment import OnConflict, OnDrift
from reconciler.model.observation import Observed, Orphan, Refusal
from reconciler.model.run import ClusterIdentity
from reconciler.stages.plan import plan, plan_object, record_lost
from tests.stages.builders import (
    REF,
    SET_ID,
    US,
    conflict,
    given,
    observation,
    owner,
    record,
    stored,
)

SPEC = {"type": "claude", "model": "claude-sonnet-4-5"}
OURS = owner(US, "spec.type", "spec.model")
OLD = {"type": "claude", "model": "claude-haiku-4-5"}
THEIRS = owner("kubectl-edit", "spec.model", operation="Update")


def test_what_the_server_would_not_change_is_unchanged() -> None:
    same = stored(SPEC, OURS)
    change = plan_object(given(record("spec.type", "spec.model")), observation(SPEC, same, same))
    assert (change.state, change.action) == (State.UNCHANGED, Action.NONE)
    assert change.differences == ()


def test_a_field_that_is_still_ours_was_changed_by_git() -> None:
    observed = observation(SPEC, stored(OLD, OURS), stored(SPEC, OURS))
    change = plan_object(given(record("spec.type", "spec.model")), observed)
    assert (change.state, change.action) == (State.CHANGED, Action.UPDATE)
    (field,) = change.differences
    assert (field.shown_path, field.why) == ("spec.model", Why.CHANGE)
    assert (field.live.text, field.predicted.text) == (
        '"claude-haiku-4-5"',
        '"claude-sonnet-4-5"',
    )


def test_a_difference_names_the_value_that_git_would_change_and_the_template_line() -> None:
    observed = observation(SPEC, stored(OLD, OURS), stored(SPEC, OURS))
    (field,) = plan_object(given(), observed).differences
    assert str(field.where) == "environments/prod/values.yaml:17:5"
    assert [str(place) for place in field.also] == ["templates/omnia/claude.yaml.j2:7:3"]


def test_a_field_that_was_ours_and_is_someone_elses_has_drifted() -> None:
    live = stored(OLD, owner(US, "spec.type"), THEIRS)
    observed = observation(SPEC, live, stored(SPEC, OURS), conflict(".spec.model", "kubectl-edit"))
    change = plan_object(given(record("spec.type", "spec.model")), observed)
    assert (change.state, change.action, change.force) == (State.DRIFTED, Action.UPDATE, True)
    (field,) = change.differences
    assert field.why is Why.DRIFT
    assert field.by is not None
    assert (field.by.manager, field.by.time) == ("kubectl-edit", "2026-07-30T02:14:00Z")


def test_a_field_that_was_ours_and_is_gone_was_removed_without_a_trace() -> None:
    live = stored({"type": "claude"}, owner(US, "spec.type"))
    change = plan_object(
        given(record("spec.type", "spec.model")), observation(SPEC, live, stored(SPEC, OURS))
    )
    assert (change.state, change.force) == (State.DRIFTED, False)
    (field,) = change.differences
    assert (field.why, field.by) == (Why.DRIFT, None)


def test_a_field_that_git_has_just_added_is_a_change() -> None:
    """Not in the record and not ours: managedFields alone could not tell it from a removal."""
    live = stored({"type": "claude"}, owner(US, "spec.type"))
    change = plan_object(given(record("spec.type")), observation(SPEC, live, stored(SPEC, OURS)))
    assert change.state is State.CHANGED


def test_drift_is_left_alone_where_the_policy_says_so() -> None:
    live = stored(OLD, owner(US, "spec.type"), THEIRS)
    observed = observation(SPEC, live, stored(SPEC, OURS), conflict(".spec.model", "kubectl-edit"))
    change = plan_object(
        given(record("spec.type", "spec.model"), on_drift=OnDrift.REFUSE), observed
    )
    assert (change.state, change.action) == (State.DRIFTED, Action.REFUSE)


class TestConflict:
    """Someone else owns a field that never was ours."""

    LIVE = stored(OLD, owner(US, "spec.type"), THEIRS)
    OBSERVED = observation(SPEC, LIVE, stored(SPEC, OURS), conflict(".spec.model", "kubectl-edit"))

    def test_it_is_refused_and_names_the_manager(self) -> None:
        change = plan_object(given(record("spec.type")), self.OBSERVED)
        assert (change.state, change.action, change.force) == (
            State.CONFLICT,
            Action.REFUSE,
            False,
        )
        assert "kubectl-edit" in change.reason
        assert change.differences[0].why is Why.CONFLICT

    @pytest.mark.parametrize(
        "policy", [{"on_conflict": OnConflict.TAKE}, {"adopt_from": ("kubectl-edit",)}]
    )
    def test_it_is_taken_where_the_policy_says_so(self, policy: dict[str, object]) -> None:
        change = plan_object(given(record("spec.type"), **policy), self.OBSERVED)
        assert (change.state, change.action, change.force) == (
            State.CONFLICT,
            Action.UPDATE,
            True,
        )

    def test_naming_another_manager_takes_nothing(self) -> None:
        change = plan_object(given(record("spec.type"), adopt_from=("helm",)), self.OBSERVED)
        assert change.action is Action.REFUSE

    def test_without_the_record_nobody_can_tell_and_nothing_is_forced(self) -> None:
        change = plan_object(given(None), self.OBSERVED)
        assert (change.state, change.action) == (State.CONFLICT, Action.REFUSE)
        assert change.differences[0].why is Why.UNKNOWN

    def test_one_foreign_field_among_drifted_ones_forces_nothing(self) -> None:
        """Force would take both."""
        live = stored(
            {"type": "openai", "model": "x"},
            owner("kubectl-edit", "spec.model", "spec.type", operation="Update"),
        )
        causes = (conflict(".spec.model", "kubectl-edit"), conflict(".spec.type", "kubectl-edit"))
        observed = observation(SPEC, live, stored(SPEC, OURS), *causes)
        change = plan_object(given(record("spec.model")), observed)
        assert {f.shown_path: f.why for f in change.differences} == {
            "spec.model": Why.DRIFT,
            "spec.type": Why.CONFLICT,
        }
        assert (change.action, change.force) == (Action.REFUSE, False)

    def test_a_field_that_others_lose_is_not_forced_where_the_server_does_not_list_it(self) -> None:
        live = stored(
            {"type": "openai", "model": "x"},
            owner("kubectl-edit", "spec.model", "spec.type", operation="Update"),
        )
        listed = conflict(".spec.model", "kubectl-edit")
        change = plan_object(
            given(record("spec.model")), observation(SPEC, live, stored(SPEC, OURS), listed)
        )
        assert (change.action, change.force) == (Action.REFUSE, False)


def test_an_object_that_someone_deleted_and_created_again_has_drifted() -> None:
    live = stored(OLD, owner("kubectl", "spec.model", "spec.type", operation="Update"))
    observed = observation(SPEC, live, stored(SPEC, OURS), conflict(".spec.model", "kubectl"))
    change = plan_object(given(record("spec.type", "spec.model", uid="another")), observed)
    assert (change.state, change.action, change.force) == (State.DRIFTED, Action.UPDATE, True)
    assert change.reason == "someone else deleted it and created it again, or restored it"


def test_an_object_that_is_not_there_is_new() -> None:
    change = plan_object(given(), observation(SPEC, None, stored(SPEC, OURS)))
    assert (change.state, change.action) == (State.NEW, Action.CREATE)
    guard = preconditions(change.uid, change.resource_version, force=change.force)
    assert guard == {"resourceVersion": "1"}
    assert [f.shown_path for f in change.differences] == ["spec.model", "spec.type"]


def test_an_object_of_the_record_that_is_not_there_was_deleted() -> None:
    change = plan_object(given(record("spec.type")), observation(SPEC, None, stored(SPEC, OURS)))
    assert (change.state, change.action) == (State.MISSING, Action.CREATE)


def test_an_object_that_is_being_deleted_is_left_to_its_finalizers() -> None:
    live = stored(OLD, OURS, deletionTimestamp="2026-07-30T00:00:00Z")
    change = plan_object(given(), observation(SPEC, live, stored(SPEC, OURS)))
    assert (change.state, change.action) == (State.WAITING, Action.SKIP)


@pytest.mark.parametrize(
    ("annotations", "tool"),
    [
        ({"argocd.argoproj.io/tracking-id": "app:x"}, "argocd"),
        ({"meta.helm.sh/release-name": "omnia"}, "helm"),
    ],
)
def test_an_object_of_another_tool_is_refused_unless_named(
    annotations: dict[str, str], tool: str
) -> None:
    live = stored(OLD, owner("other", "spec.type"), annotations=annotations)
    predicted = stored(SPEC, OURS, annotations=annotations)
    observed = observation(SPEC, live, predicted)
    assert plan_object(given(), observed).state is State.FOREIGN
    assert tool in plan_object(given(), observed).reason
    assert plan_object(given(adopt_from=(tool,)), observed).action is Action.UPDATE


@pytest.mark.parametrize(("label", "state"), [("mine", State.CHANGED), ("other", State.FOREIGN)])
def test_an_object_of_another_applyset_is_never_taken(label: str, state: State) -> None:
    """Two environments over one namespace would take turns on it; adoptFrom does not help."""
    labels = {PART_OF: SET_ID if label == "mine" else "applyset-other-v1"}
    live, predicted = stored(OLD, OURS, labels=labels), stored(SPEC, OURS, labels=labels)
    observed = observation(SPEC, live, predicted)
    assert plan_object(given(adopt_from=("applyset",)), observed).state is state


def test_what_others_added_beside_ours_is_told_with_its_writer_and_is_no_drift() -> None:
    spec = SPEC | {"headers": {"X-Route": "b"}}
    added = owner("k9s", "spec.headers.X-Route", operation="Update")
    live = stored(spec, OURS, added)
    change = plan_object(given(record("spec.type", "spec.model")), observation(SPEC, live, live))
    assert change.state is State.UNCHANGED
    (field,) = change.foreign
    assert (field.shown_path, field.live.text) == ("spec.headers.X-Route", '"(redacted)"')
    assert field.by is not None
    assert field.by.manager == "k9s"


def test_sensitive_values_never_leave_the_plan() -> None:
    canary = "canary-3f9a1c"
    before = SPEC | {"headers": {"Authorization": canary}}
    after = SPEC | {"headers": {"Authorization": canary + "2"}}
    ours = owner(US, "spec.type", "spec.model", "spec.headers.Authorization")
    observed = observation(after, stored(before, ours), stored(after, ours))
    change = plan_object(given(), observed)
    assert change.differences[0].live.masked
    assert change.differences[0].predicted.masked
    assert canary not in repr(change.differences)


def test_ownership_alone_can_make_an_apply_necessary() -> None:
    """Two managers own an equal field; giving ours up changes no value, but only an apply does it."""
    other = owner("helm", "spec.model")
    live = stored(SPEC, OURS, other)
    predicted = stored(SPEC, owner(US, "spec.type"), other)
    change = plan_object(given(), observation({"type": "claude"}, live, predicted))
    assert (change.state, change.action) == (State.CHANGED, Action.UPDATE)
    assert change.warnings == (
        "no longer in git, but still set by another owner: spec.model (helm)",
    )


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (RefusalReason.NO_NAMESPACE, State.WAITING),
        (RefusalReason.NO_KIND, State.WAITING),
        (RefusalReason.UNDECLARED, State.INVALID),
        (RefusalReason.INVALID, State.INVALID),
        (RefusalReason.FORBIDDEN, State.FAILED),
        (RefusalReason.FAILED, State.FAILED),
    ],
)
def test_trouble_skips_the_object_and_says_why(refusal: RefusalReason, state: State) -> None:
    from dataclasses import replace

    observed = replace(
        observation(SPEC, None, None), refusal=Refusal(refusal, "because", (), "do it")
    )
    change = plan_object(given(), observed)
    assert (change.state, change.action) == (state, Action.SKIP)
    assert (change.reason, change.hint) == ("because", "do it")
    assert (change.awaited is not None) is (state is State.WAITING)


def test_what_an_object_waits_for_is_named() -> None:
    from dataclasses import replace

    def awaited(refusal: Refusal) -> Awaited | None:
        observed = replace(observation(SPEC, None, None), refusal=refusal)
        return plan_object(given(), observed).awaited

    gone = Refusal(RefusalReason.NO_NAMESPACE, "not found")
    leaving = Refusal(
        RefusalReason.NO_NAMESPACE, "it ends", (Cause("", "NamespaceTerminating", ""),)
    )
    no_crd = Refusal(RefusalReason.NO_KIND, "not installed")
    assert awaited(gone) == Awaited(Prerequisite.NAMESPACE, REF.namespace)
    assert awaited(leaving) == Awaited(Prerequisite.NAMESPACE, REF.namespace, leaving=True)
    assert awaited(no_crd) == Awaited(Prerequisite.CRD, "providers.omnia.altairalabs.ai")


def test_an_object_gone_from_git_is_kept_and_told() -> None:
    made = plan(given(), Observed((), orphans=(Orphan(REF, stored(SPEC, OURS)),)))
    assert [(c.ref, c.state, c.action) for c in made.changes] == [(REF, State.KEPT, Action.SKIP)]
    assert not made.writes


@pytest.mark.parametrize(
    ("cluster", "command"),
    [
        (
            ClusterIdentity("prod-eu", context="prod-eu"),
            f"kubectl --context prod-eu delete providers.omnia.altairalabs.ai -n {REF.namespace} {REF.name}",
        ),
        (
            ClusterIdentity("directory:a b", folder="a b"),
            f"rm 'a b/{REF.namespace}/providers.omnia.altairalabs.ai/{REF.name}.yaml'",
        ),
    ],
)
def test_the_command_that_deletes_it_is_for_this_cluster(
    cluster: ClusterIdentity, command: str
) -> None:
    from dataclasses import replace

    kept = Observed((), orphans=(Orphan(REF, stored(SPEC, OURS)),))
    (change,) = plan(replace(given(), cluster=cluster), kept).changes
    assert change.hint == command


def test_the_record_is_lost_only_where_objects_of_ours_are_there() -> None:
    ours = Observed((observation(SPEC, stored(SPEC, OURS), stored(SPEC, OURS)),))
    nothing = Observed((observation(SPEC, None, stored(SPEC, OURS)),))
    assert record_lost(ours, None, US, ())
    assert not record_lost(nothing, None, US, ())
    assert not record_lost(ours, record("spec.type"), US, ())


@pytest.mark.parametrize(("label", "lost"), [("own", True), ("own-elsewhere", True), ("of", False)])
def test_an_object_of_another_set_does_not_say_that_the_record_is_lost(
    label: str, lost: bool
) -> None:
    live = stored(SPEC, OURS, labels={PART_OF: label})
    observed = Observed((observation(SPEC, live, stored(SPEC, OURS)),))
    assert record_lost(observed, None, US, ("own", "own-elsewhere")) is lost


class TestShared:
    """A field that is ours and someone else's too: adopted from kubectl, or both wrote the same value."""

    SHARED = owner("kubectl-client-side-apply", "spec.type", "spec.model", operation="Update")
    OBSERVED = observation(
        SPEC,
        stored(OLD, OURS, SHARED),
        stored(SPEC, OURS),
        conflict(".spec.model", "kubectl-client-side-apply"),
    )

    def test_git_moves_it_and_takes_it(self) -> None:
        """Without force the apply would be refused for ever, and the diff would promise what never comes."""
        change = plan_object(given(record("spec.type", "spec.model")), self.OBSERVED)
        assert (change.state, change.action, change.force) == (State.CHANGED, Action.UPDATE, True)

    def test_it_is_taken_without_a_record_too_for_our_entry_says_that_it_is_ours(self) -> None:
        change = plan_object(given(None), self.OBSERVED)
        assert (change.action, change.force) == (Action.UPDATE, True)

    def test_a_policy_of_leaving_alone_leaves_it_alone(self) -> None:
        change = plan_object(given(record("spec.model"), on_drift=OnDrift.REFUSE), self.OBSERVED)
        assert change.action is Action.REFUSE


@pytest.mark.parametrize(
    ("policy", "updates"),
    [({}, 4), ({"on_drift": OnDrift.REFUSE}, 0), ({"on_conflict": OnConflict.TAKE}, 6)],
)
def test_an_update_that_is_not_forced_has_no_conflict(
    policy: dict[str, object], updates: int
) -> None:
    """Else apply would send what the server has just refused."""
    changes = [
        plan_object(given(known, **policy), conflicting)
        for known in (None, record("spec.type"), record("spec.type", "spec.model"))
        for conflicting in (TestConflict.OBSERVED, TestShared.OBSERVED)
    ]
    assert [c.force for c in changes if c.action is Action.UPDATE] == [True] * updates


def test_what_leaves_git_and_stays_in_the_cluster_is_told() -> None:
    """It drifted, and then git dropped it: nobody would ever hear of it again."""
    left = owner("kubectl-edit", "spec.defaults.maxTokens", operation="Update")
    spec = SPEC | {"defaults": {"maxTokens": 999}}
    live = stored(spec, OURS, left)
    known = record("spec.type", "spec.model", "spec.defaults.maxTokens")
    change = plan_object(given(known), observation(SPEC, live, live))
    assert change.state is State.UNCHANGED
    assert change.warnings == (
        "no longer in git, but still set by another owner: spec.defaults.maxTokens (kubectl-edit)",
    )


def test_an_object_that_others_make_contradict_itself_is_told() -> None:
    """The contract holds for what git says, and not for what the cluster ends up with."""
    ours = {"type": "vllm", "model": "m", "baseURL": "http://vllm.omnia.svc:8000/v1"}
    both = ours | {"credential": {"filePath": "/var/run/../key"}}
    entry = owner(US, "spec.type", "spec.model", "spec.baseURL")
    theirs = owner("other", "spec.credential.filePath", operation="Update")
    live = stored(both, entry, theirs)
    change = plan_object(given(record()), observation(ours, live, live))
    assert any("with the fields of others" in warning for warning in change.warnings)
