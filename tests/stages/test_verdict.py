"""Exit codes: the worst of what was found, with its reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import ExitCode, worst
from reconciler.model.change import Action, Change, Outcome, Result, State
from reconciler.model.difference import FieldValue, ForeignField
from reconciler.model.environment import DEFAULT_FAIL_ON, ExtraFields, FailOn
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import Endpoint
from reconciler.model.location import Location
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.record.rotations import Opening, RecordedRotation
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.run import EnvironmentRun, RunError
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.model.unchecked import Unchecked
from reconciler.model.verbs import APPLY, DIFF, DRIFT, VALIDATE, VERBS, Verb
from reconciler.stages.verdict import with_verdict
from tests.stages.builders import REF

ENDPOINT = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
CLEAN = EnvironmentRun("prod", ExitCode.OK)


def change(state: State, readiness: Readiness | None = None) -> EnvironmentRun:
    changed = Change(REF, ENDPOINT, state, Action.NONE, readiness=readiness)
    return replace(CLEAN, changes=(changed,))


def secret(state: SecretState, rotation: Rotation = Rotation.NONE, **kind: bool) -> EnvironmentRun:
    reference = SecretReference("omnia", "claude", "spec.credential.secretRef", ("KEY",), **kind)
    row = SecretRow(REF, reference, SecretReading(state, "KEY"), rotation)
    return replace(CLEAN, secrets=(row,))


def opened(environment: EnvironmentRun) -> EnvironmentRun:
    """The same, while a rotation of the Secret is open."""
    event = RecordedRotation("hs1:k:1", Opening("2026-07-24T03:07:00Z"))
    return replace(
        environment, secrets=tuple(replace(row, event=event) for row in environment.secrets)
    )


def outcome(result: Result) -> EnvironmentRun:
    return replace(CLEAN, outcomes=(Outcome(REF, result),))


def code(verb: Verb, environment_run: EnvironmentRun, *fail_on: FailOn) -> ExitCode:
    return with_verdict(verb, frozenset(fail_on) or DEFAULT_FAIL_ON, environment_run).exit_code


@pytest.mark.parametrize("verb", list(VERBS.values()))
def test_nothing_found_is_zero(verb: Verb) -> None:
    assert code(verb, CLEAN) is ExitCode.OK


@pytest.mark.parametrize(
    ("state", "diff", "drift", "apply"),
    [
        (State.UNCHANGED, 0, 0, 0),
        (State.NEW, 1, 0, 0),
        (State.CHANGED, 1, 0, 0),
        (State.DRIFTED, 1, 1, 0),
        (State.MISSING, 1, 1, 0),
        (State.FOREIGN, 1, 1, 0),
        (State.CONFLICT, 1, 1, 0),
        (State.REMOVED, 1, 0, 0),
        (State.KEPT, 0, 0, 0),
        (State.ADOPTED, 1, 0, 0),
        (State.HELD, 1, 0, 0),  # without a hold in the change; see `test_holds`
        (State.WAITING, 6, 6, 6),
        (State.FAILED, 6, 6, 6),
        (State.INVALID, 3, 3, 6),
    ],
)
def test_the_state_of_an_object_decides_by_command(
    state: State, diff: int, drift: int, apply: int
) -> None:
    codes = [code(c, change(state)) for c in (DIFF, DRIFT, APPLY)]
    assert codes == [diff, drift, apply]


def test_a_dry_run_ends_as_the_apply_would() -> None:
    refused = replace(change(State.CONFLICT).changes[0], action=Action.REFUSE)
    environment_run = replace(CLEAN, changes=(refused,))
    ended = with_verdict(APPLY.as_dry_run(), DEFAULT_FAIL_ON, environment_run)
    assert (ended.exit_code, ended.exit_reasons) == (ExitCode.SAFETY, ("refused",))
    taken = replace(environment_run, changes=(replace(refused, action=Action.UPDATE),))
    assert code(APPLY.as_dry_run(), taken) is ExitCode.OK


@pytest.mark.parametrize(
    ("environment_run", "expected"),
    [
        (replace(CLEAN, changes=(Change(REF, ENDPOINT, State.CONFLICT, Action.REFUSE),)), 8),
        (replace(CLEAN, changes=(Change(REF, ENDPOINT, State.CONFLICT, Action.UPDATE),)), None),
        (change(State.NEW), None),
        (change(State.WAITING), 6),
        (change(State.INVALID), 6),
        (change(State.FAILED), 6),
        (secret(SecretState.MISSING_KEY), 6),
        (replace(change(State.FAILED), uncommitted=True), 2),  # it stops before it reads anything
    ],
)
def test_a_review_says_what_the_apply_would_end_with(
    environment_run: EnvironmentRun, expected: int | None
) -> None:
    ended = with_verdict(DIFF, DEFAULT_FAIL_ON, environment_run)
    assert (ended.forecast.exit_code if ended.forecast else None) == expected
    dry = with_verdict(APPLY.as_dry_run(), DEFAULT_FAIL_ON, environment_run)
    assert dry.exit_code == (expected or 0)
    assert dry.exit_reasons == (ended.forecast.reasons if ended.forecast else ())
    for verb in (APPLY, APPLY.as_dry_run(), DRIFT, VALIDATE):
        assert with_verdict(verb, DEFAULT_FAIL_ON, environment_run).forecast is None


def test_every_state_has_its_row() -> None:
    assert len(State) == 14


@pytest.mark.parametrize(
    ("result", "expected"),
    [(Result.CREATED, 0), (Result.REFUSED, 8), (Result.FAILED, 6), (Result.UNCHANGED, 0)],
)
def test_the_outcomes_of_an_apply_decide(result: Result, expected: int) -> None:
    assert code(APPLY, outcome(result)) == expected


@pytest.mark.parametrize(
    ("environment_run", "diff", "drift", "apply"),
    [
        (secret(SecretState.MISSING_SECRET), 1, 1, 6),
        (secret(SecretState.MISSING_KEY), 1, 1, 6),
        (secret(SecretState.EMPTY), 1, 1, 6),
        (secret(SecretState.MISSING_SECRET, optional=True), 0, 0, 0),
        (secret(SecretState.FORBIDDEN), 0, 0, 0),
        (secret(SecretState.UNAVAILABLE), 0, 0, 0),
        (secret(SecretState.OK, Rotation.ROTATED), 0, 1, 0),
        (secret(SecretState.OK, Rotation.FIRST_SEEN), 0, 0, 0),
        (secret(SecretState.OK, Rotation.PICKED_UP), 0, 0, 0),
        (secret(SecretState.OK, Rotation.ACKNOWLEDGED), 0, 0, 0),
        (secret(SecretState.OK, Rotation.BACK), 0, 0, 0),
        (opened(secret(SecretState.OK, Rotation.OTHER_KEY)), 0, 1, 0),
        (opened(secret(SecretState.OK, Rotation.BASELINE_RESET)), 0, 1, 0),
        (opened(secret(SecretState.MISSING_KEY, optional=True)), 0, 1, 0),
        (secret(SecretState.OK, Rotation.BASELINE_RESET), 0, 1, 0),
    ],
)
def test_secrets_decide_by_command(
    environment_run: EnvironmentRun, diff: int, drift: int, apply: int
) -> None:
    codes = [code(c, environment_run) for c in (DIFF, DRIFT, APPLY)]
    assert codes == [diff, drift, apply]


def test_what_was_not_looked_at_fails_a_watch_and_never_a_review() -> None:
    environment_run = replace(
        CLEAN, unchecked=(Unchecked("Secret", "llm/openai", "no permission"),)
    )
    assert [code(verb, environment_run) for verb in (DIFF, DRIFT, APPLY)] == [0, 1, 0]
    assert code(DRIFT, environment_run, FailOn.DRIFT) == 0
    assert code(DIFF, environment_run, FailOn.UNCHECKED) == 0


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(ExtraFields.REPORT, [0, 0, 0]), (ExtraFields.FAIL, [1, 1, 6])],
)
def test_fields_that_others_added_fail_every_run_that_compares(
    policy: ExtraFields, expected: list[int]
) -> None:
    extra = ForeignField(("spec", "baseURL"), FieldValue.of("x"), None, policy=policy)
    environment_run = change(State.UNCHANGED)
    environment_run = replace(
        environment_run, changes=(replace(environment_run.changes[0], foreign=(extra,)),)
    )
    assert [code(verb, environment_run) for verb in (DIFF, DRIFT, APPLY)] == expected
    assert code(DIFF, environment_run, FailOn.DRIFT) == 0


def test_not_ready_counts_only_where_it_is_named() -> None:
    environment_run = change(State.UNCHANGED, Readiness(ReadyState.NOT_READY))
    assert code(DRIFT, environment_run) == 0
    assert code(DRIFT, environment_run, FailOn.NOT_READY) == 1
    assert code(APPLY, environment_run, FailOn.NOT_READY) == 6
    unknown = change(State.UNCHANGED, Readiness(ReadyState.NOT_JUDGED))
    assert code(DRIFT, unknown, FailOn.NOT_READY) == 0


def test_an_error_among_the_findings_is_invalid_and_a_warning_is_not() -> None:
    def finding(severity: Severity) -> EnvironmentRun:
        return replace(CLEAN, findings=(Finding("K8S001", severity, "m", Location("f")),))

    assert code(VALIDATE, finding(Severity.ERROR)) is ExitCode.INVALID
    assert code(VALIDATE, finding(Severity.WARNING)) is ExitCode.OK


def test_the_reasons_say_what_decided() -> None:
    environment_run = replace(
        change(State.DRIFTED), secrets=secret(SecretState.OK, Rotation.ROTATED).secrets
    )
    judged = with_verdict(DRIFT, DEFAULT_FAIL_ON, environment_run)
    assert judged.exit_reasons == ("drift", "open rotation")


def test_a_problem_keeps_its_own_code() -> None:
    environment_run = replace(CLEAN, error=RunError("no answer", exit_code=ExitCode.CLUSTER))
    assert code(APPLY, environment_run) is ExitCode.CLUSTER


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 1], 1),
        ([1, 3], 3),
        ([3, 2], 2),
        ([2, 9], 9),
        ([9, 6], 6),
        ([6, 8], 8),
        ([8, 7], 7),
        ([7, 5], 5),
        ([5, 70], 70),
    ],
)
def test_of_several_environments_the_worst_decides(codes: list[int], expected: int) -> None:
    assert worst([ExitCode(c) for c in codes]) == expected
