"""Apply does what the plan says: in order, each object for itself, and every outcome is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import (
    BadAnswer,
    ClusterError,
    RefusalReason,
    Refused,
    Unauthenticated,
    Unreachable,
)
from reconciler.kinds import KINDS
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Outcome, Plan, Result, State
from reconciler.model.environment import Policy
from reconciler.model.manifest import Manifest
from reconciler.model.record import Record
from reconciler.model.secret import Keyring
from reconciler.ports import Cluster
from reconciler.stages.apply import AppliedAs, Done, apply
from reconciler.stages.observe import observe
from reconciler.stages.plan import plan
from reconciler.stages.plan.inputs import PlanInput
from tests.fakes import Fault, FaultyCluster, Signals
from tests.stages.builders import SET_ID, US
from tests.stages.live import GATEWAY, GO, MODEL, edited, live, made, observe_input, opened, put

APPLIED_AS = AppliedAs(US, "c" * 40, "2026-08-01T12:00:00Z")
KEYRING = Keyring(bytes(32))
CLAUDE = made()
OTHER = made(name="other")
GATEWAYS = (made(GATEWAY, "gateway", "llm"), made(GATEWAY, "second", "llm"))
MODELS = (made(MODEL, "fast", "llm"), made(MODEL, "a-model", "llm"))


def planned(cluster: Cluster, *manifests: Manifest) -> Plan:
    given = PlanInput(KINDS, Policy(), US, SET_ID, None, keyring=KEYRING)
    return plan(given, observe(observe_input(cluster, *manifests), cluster, GO))


def results(done: tuple[Done, ...]) -> dict[str, Result]:
    return {each.outcome.ref.name: each.outcome.result for each in done}


def outcome(done: tuple[Done, ...], name: str = "claude") -> Outcome:
    return next(each.outcome for each in done if each.outcome.ref.name == name)


def test_providers_go_out_before_models(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    todo = planned(cluster, *MODELS, *GATEWAYS, CLAUDE)
    done = apply(todo, cluster, APPLIED_AS, GO)
    assert set(results(done).values()) == {Result.CREATED}
    kinds = [call.kind for call in cluster.of("apply")]
    assert len(kinds) == 5
    assert kinds.index("Model") > max(
        place for place, kind in enumerate(kinds) if kind == "ModelProvider"
    )


def test_there_is_one_outcome_per_change_in_the_order_of_the_plan(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    todo = planned(cluster, *MODELS, *GATEWAYS, CLAUDE, OTHER)
    done = apply(todo, cluster, APPLIED_AS, GO)
    assert [each.outcome.ref for each in done] == [change.ref for change in todo.changes]


@pytest.mark.parametrize(
    "error",
    [
        ClusterError("something else", hint="look"),
        Unreachable("no answer within 60 s", hint="look"),
        Unauthenticated("the server does not know who asks", hint="look"),
        BadAnswer("half an object", hint="look"),
        *(
            Refused(refusal, f"because it is {refusal}", hint="look")
            for refusal in RefusalReason
            if refusal
            not in (RefusalReason.STALE, RefusalReason.EXISTS, RefusalReason.FIELD_CONFLICT)
        ),
    ],
    ids=lambda error: getattr(error, "refusal", type(error).__name__),
)
def test_one_object_that_fails_stops_no_other(tmp_path: Path, error: ClusterError) -> None:
    cluster = FaultyCluster(opened(tmp_path), Fault(error, "apply", name="gateway"))
    todo = planned(cluster, *GATEWAYS, *MODELS, CLAUDE)
    done = apply(todo, cluster, APPLIED_AS, GO)
    assert results(done) == {
        "gateway": Result.FAILED,
        "second": Result.CREATED,
        "claude": Result.CREATED,
        "fast": Result.CREATED,
        "a-model": Result.CREATED,
    }
    result = outcome(done, "gateway")
    assert (result.message, result.hint) == (error.message, "look")
    assert {each.outcome.ref.name for each in done if each.recorded is None} == {"gateway"}


def test_a_login_that_is_lost_on_the_way_leaves_every_outcome_told(tmp_path: Path) -> None:
    fault = Fault(Unauthenticated("the token has run out"), "apply", kind="Model")
    cluster = FaultyCluster(opened(tmp_path), fault)
    done = apply(planned(cluster, *GATEWAYS, *MODELS), cluster, APPLIED_AS, GO)
    assert results(done) == {
        "gateway": Result.CREATED,
        "second": Result.CREATED,
        "fast": Result.FAILED,
        "a-model": Result.FAILED,
    }


@pytest.mark.parametrize(
    "refusal", [RefusalReason.STALE, RefusalReason.EXISTS, RefusalReason.FIELD_CONFLICT]
)
def test_what_has_moved_since_it_was_seen_is_refused_with_a_way_on(
    tmp_path: Path, refusal: RefusalReason
) -> None:
    cluster = FaultyCluster(opened(tmp_path), Fault(Refused(refusal, "moved"), "apply"))
    result = outcome(apply(planned(cluster, CLAUDE), cluster, APPLIED_AS, GO))
    assert result.result is Result.REFUSED
    assert result.message == "it has changed since it was observed: moved"
    assert "run the command again" in result.hint


class TestPreconditions:
    """Between the look and the write somebody else was quicker."""

    def test_an_object_that_was_deleted_does_not_come_back_by_accident(
        self, tmp_path: Path
    ) -> None:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE)
        todo = planned(cluster, made(model="two"))
        cluster.delete(todo.changes[0].endpoint, "omnia", "claude", uid=todo.changes[0].uid)
        done = apply(todo, cluster, APPLIED_AS, GO)
        assert results(done) == {"claude": Result.REFUSED}
        assert cluster.get(todo.changes[0].endpoint, "omnia", "claude") is None

    def test_an_object_that_appeared_is_not_taken_over(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        todo = planned(cluster, CLAUDE)
        put(cluster, made(model="theirs"))
        done = apply(todo, cluster, APPLIED_AS, GO)
        assert results(done) == {"claude": Result.REFUSED}
        assert live(cluster, CLAUDE)["spec"]["model"] == "theirs"

    def test_a_field_that_was_taken_meanwhile_is_not_forced(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE)
        todo = planned(cluster, made(model="two"))
        edited(cluster, CLAUDE, "kubectl-edit", model="theirs")
        done = apply(todo, cluster, APPLIED_AS, GO)
        assert results(done) == {"claude": Result.REFUSED}
        assert "kubectl-edit" in outcome(done).message
        assert live(cluster, CLAUDE)["spec"]["model"] == "theirs"


class TestWhatIsNotWritten:
    """An action that is no write asks the cluster nothing."""

    def test_what_is_in_sync_is_unchanged(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        put(cluster.inner, CLAUDE)
        done = apply(planned(cluster, CLAUDE), cluster, APPLIED_AS, GO)
        assert results(done) == {"claude": Result.UNCHANGED}
        assert cluster.of("apply") == []

    def test_a_conflict_is_refused_with_the_plans_own_reason(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        endpoint = KINDS[CLAUDE.ref.group_kind].endpoint
        theirs = made(model="theirs").document
        cluster.inner.apply(endpoint, theirs, manager="team-b")
        todo = planned(cluster, CLAUDE, OTHER)
        done = apply(todo, cluster, APPLIED_AS, GO)
        assert results(done) == {"claude": Result.REFUSED, "other": Result.CREATED}
        result = outcome(done)
        assert (result.message, result.hint) == (todo.changes[0].reason, todo.changes[0].hint)
        assert "team-b" in result.message

    @pytest.mark.parametrize(
        ("namespace", "state"), [("not-there", State.WAITING), ("omnia", State.INVALID)]
    )
    def test_what_waits_or_is_invalid_is_skipped(
        self, tmp_path: Path, namespace: str, state: State
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        kind = "no-such-type" if state is State.INVALID else "mock"
        todo = planned(cluster, made(name="away", namespace=namespace, type=kind))
        assert todo.changes[0].state is state
        done = apply(todo, cluster, APPLIED_AS, GO)
        assert results(done) == {"away": Result.SKIPPED}
        assert outcome(done, "away").message == todo.changes[0].reason != ""
        assert cluster.of("apply") == []


def test_what_is_recorded_is_what_the_cluster_answered(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    (done,) = apply(planned(cluster, CLAUDE), cluster, APPLIED_AS, GO)
    assert done.recorded is not None
    assert done.recorded.uid == live(cluster, CLAUDE)["metadata"]["uid"]
    assert (done.recorded.revision, done.recorded.applied) == (APPLIED_AS.revision, APPLIED_AS.now)
    assert done.recorded.digest == KEYRING.digest(CLAUDE.document.text)
    owned = done.recorded.owned.body()
    assert owned["f:spec"] == {"f:model": {}, "f:type": {}}
    assert owned["f:metadata"] == {"f:labels": {f"f:{PART_OF}": {}}}


def test_a_reclaimed_field_is_sent_with_force_and_the_version_that_was_seen(
    tmp_path: Path,
) -> None:
    inner = opened(tmp_path)
    (first,) = apply(planned(inner, CLAUDE), inner, APPLIED_AS, GO)
    assert first.recorded is not None
    edited(inner, CLAUDE, "kubectl-edit", model="theirs")
    cluster = FaultyCluster(inner)
    record = Record("prod", objects={CLAUDE.ref: first.recorded})
    given = PlanInput(KINDS, Policy(), US, SET_ID, record)
    body = live(inner, CLAUDE)["metadata"]
    todo = plan(given, observe(observe_input(cluster, CLAUDE), cluster, GO))
    done = apply(todo, cluster, APPLIED_AS, GO)
    assert results(done) == {"claude": Result.CONFIGURED}
    (call,) = cluster.of("apply")
    assert call.force
    assert call.body is not None
    sent = call.body.body()["metadata"]
    assert (sent["uid"], sent["resourceVersion"]) == (body["uid"], body["resourceVersion"])
    assert live(inner, CLAUDE)["spec"]["model"] == "one"


def test_what_the_server_says_beside_its_answer_is_told(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path), says=("spec.old is deprecated",))
    (done,) = apply(planned(cluster, CLAUDE), cluster, APPLIED_AS, GO)
    assert done.outcome.warnings == ("spec.old is deprecated",)


def test_a_run_that_is_asked_to_stop_begins_no_object_and_tells_each(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    put(cluster.inner, OTHER)
    todo = planned(cluster, CLAUDE, OTHER)
    done = apply(todo, cluster, APPLIED_AS, Signals(requested=True))
    assert results(done) == {"claude": Result.SKIPPED, "other": Result.UNCHANGED}
    assert outcome(done).message == "interrupted before it was applied"
    assert cluster.of("apply") == []


def test_an_empty_plan_does_nothing(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    assert apply(Plan(()), cluster, APPLIED_AS, GO) == ()
    assert cluster.calls == []
