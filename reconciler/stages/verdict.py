"""Decides the exit code of an environment and whether it is in sync, and lists the reasons. Pure."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import ExitCode, worst
from reconciler.model import reasons as reason
from reconciler.model.change import AS_IN_GIT, Action, Result, State
from reconciler.model.difference import Why
from reconciler.model.environment import ExtraFields, FailOn
from reconciler.model.finding import Finding, Severity
from reconciler.model.readiness import ReadyState
from reconciler.model.rotation import Rotation
from reconciler.model.run import EnvironmentRun, Forecast
from reconciler.model.secret import SecretState
from reconciler.model.stamp import Stamped, StampResult
from reconciler.model.verbs import APPLY, Flow, Verb

# The states that fail `diff`. Changes in git that are not applied yet do not fail `drift`.
_DIFFERENCES = {
    State.NEW: reason.NEW,
    State.ADOPTED: reason.TO_ADOPT,
    State.CHANGED: reason.CHANGED,
    State.DRIFTED: "drift",
    State.MISSING: "objects deleted from outside",
    State.CONFLICT: "conflicts",
    State.FOREIGN: "objects of another tool",
    State.HELD: reason.HELD,
    State.REMOVED: reason.TO_DELETE,
}
_NOT_OBSERVED = {
    State.WAITING: reason.WAITING,
    State.INVALID: "refused by the cluster",
    State.FAILED: "not observed",
}
_DRIFT = {State.DRIFTED, State.MISSING}
_CONFLICT = {State.CONFLICT, State.FOREIGN}
_WORDS = {
    FailOn.DRIFT: "drift",
    FailOn.CONFLICT: "conflict",
    FailOn.MISSING_SECRET: "missing key",
    FailOn.ROTATION_OPEN: reason.ROTATION_OPEN,
    FailOn.NOT_READY: reason.NOT_READY,
    FailOn.UNCHECKED: reason.NOT_CHECKED,
    FailOn.EXTRA_FIELDS: "extra fields",
    FailOn.UNMANAGED: "unmanaged objects",
    FailOn.LIVE_POLICY: "forbidden live values",
    FailOn.HELD: reason.HELD,
}
_DONE = AS_IN_GIT | {Result.PRUNED}
_REFUSED = "refused"
_UNCOMMITTED = "uncommitted changes"
_OVERRIDDEN = "values that the cluster overrides"
_ANOTHER_KEY = "consumers with another key"


def with_verdict(
    verb: Verb,
    fail_on: frozenset[FailOn],
    environment: EnvironmentRun,
    severity: Severity = Severity.ERROR,
) -> EnvironmentRun:
    """The environment with the reasons why the run failed, and the worst exit code among them.

    A review also gets what an apply of the same plan would end with.

    Findings of this `severity` or a higher one make it invalid.
    """
    environment = replace(environment, not_in_sync=not_in_sync(environment))
    if environment.error:
        return replace(environment, exit_code=environment.error.exit_code)
    reasons = _reasons(verb, fail_on, environment, severity)
    forecast = None
    if verb.flow is Flow.REVIEW:
        ahead = _reasons(APPLY.as_dry_run(), fail_on, environment)
        forecast = Forecast(worst(list(ahead.values())), tuple(ahead)) if ahead else None
    return replace(
        environment,
        exit_code=worst(list(reasons.values())),
        exit_reasons=tuple(reasons),
        forecast=forecast,
    )


def _reasons(
    verb: Verb,
    fail_on: frozenset[FailOn],
    environment: EnvironmentRun,
    severity: Severity = Severity.ERROR,
) -> dict[str, ExitCode]:
    """Why the run of a verb fails, with the exit code of each reason."""
    if verb.dry_run and (stopped := _stopped(environment)):  # the apply would do nothing else
        return stopped
    reasons: dict[str, ExitCode] = {}
    reasons |= _invalid(environment.findings, severity)
    states = {change.state for change in environment.changes}
    if State.INVALID in states:
        reasons[_NOT_OBSERVED[State.INVALID]] = verb.refusal_code
    if State.FAILED in states:
        reasons[_NOT_OBSERVED[State.FAILED]] = ExitCode.PARTIAL
    if any(row.reading.state is SecretState.ERROR for row in environment.secrets):
        reasons[reason.UNREADABLE] = ExitCode.PARTIAL
    if State.WAITING in states:
        reasons[_NOT_OBSERVED[State.WAITING]] = ExitCode.PARTIAL
    reasons |= _applied(environment)
    if verb.dry_run and any(change.action is Action.REFUSE for change in environment.changes):
        reasons[_REFUSED] = ExitCode.SAFETY  # as the apply would
    reasons |= _stamped(environment.stamps)
    if verb.fails_on_differences:
        reasons |= {_DIFFERENCES[s]: ExitCode.DIFFERENCES for s in _DIFFERENCES if s in states}
    if _is_overridden(environment) and verb.flow is not Flow.WATCH:
        reasons[_OVERRIDDEN] = verb.failure_code  # apply cannot correct it
    reasons |= _failing(verb, fail_on & verb.fails_on | verb.fails_always, environment)
    return reasons


def _stopped(environment: EnvironmentRun) -> dict[str, ExitCode]:
    """Why an apply would refuse the revision."""
    if environment.uncommitted:
        return {_UNCOMMITTED: ExitCode.USAGE}
    if environment.unproven:
        return {f"not proven in {name}": ExitCode.SAFETY for name in environment.unproven}
    if environment.newer:
        return {f"without {environment.newer}, which was applied": ExitCode.SAFETY}
    return {}


def _invalid(findings: tuple[Finding, ...], severity: Severity) -> dict[str, ExitCode]:
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return {"invalid": ExitCode.INVALID}
    order = list(Severity)
    failing = [s for s in order[: order.index(severity) + 1] if s in severities]
    return {f"{failing[0]}s": ExitCode.INVALID} if failing else {}


def _applied(environment: EnvironmentRun) -> dict[str, ExitCode]:
    planned = {change.ref for change in environment.changes if change.action.writes}
    results = {outcome.result for outcome in environment.outcomes}
    reasons = {}
    if Result.REFUSED in results:
        reasons[_REFUSED] = ExitCode.SAFETY
    if Result.FAILED in results:
        reasons["failed"] = ExitCode.PARTIAL
    if any(o.result is Result.SKIPPED and o.ref in planned for o in environment.outcomes):
        reasons["not done"] = (
            ExitCode.PARTIAL
        )  # after a failure elsewhere, or because the run was interrupted
    return reasons


def _stamped(stamps: tuple[Stamped, ...]) -> dict[str, ExitCode]:
    """A provider whose operator does not know of the new key keeps the old one."""
    results = {stamp.result for stamp in stamps}
    reasons = {}
    if StampResult.REFUSED in results:
        reasons["stamp refused"] = ExitCode.SAFETY
    if StampResult.FAILED in results:
        reasons["stamp failed"] = ExitCode.PARTIAL
    return reasons


def not_in_sync(environment: EnvironmentRun) -> tuple[str, ...]:
    """Why the environment is not in sync; () if it is. No other place defines this.

    In sync: every object of git equals the live one on our fields, nothing that others set beside them matters, every
    reference resolves, consumers read the value that operators read, no rotation is open, the policy holds for what is
    live, and all of that was looked at, which a run with `--only` does not do. A field of others that decides where
    prompts and keys go matters even if the policy only reports it.
    """
    states = {change.state for change in environment.changes}
    unequal = _DIFFERENCES | _NOT_OBSERVED
    words = [word for state, word in unequal.items() if state in states]
    words += _losses(environment)
    if any(row.differs for row in environment.consumer_secrets):
        words.append(_ANOTHER_KEY)
    if any(field.tolerated for change in environment.changes for field in change.foreign):
        words.append(reason.REPORTED)
    if _is_overridden(environment):
        words.append(_OVERRIDDEN)
    if environment.only:
        words.append(reason.LIMITED)
    met = _met(environment) - {FailOn.DRIFT, FailOn.CONFLICT, FailOn.NOT_READY}
    return tuple(dict.fromkeys([*words, *(_WORDS[word] for word in FailOn if word in met)]))


def in_sync_after(environment: EnvironmentRun) -> bool:
    """Whether an environment is in sync after an apply: it has done all of the plan, and nothing else is left."""
    gone = {each.ref for each in environment.outcomes if each.result in _DONE}
    left = any(
        change.state in _DIFFERENCES and change.ref not in gone for change in environment.changes
    )
    allowed = {*_DIFFERENCES.values(), _ANOTHER_KEY}
    return not left and set(not_in_sync(_of_revision(environment))) <= allowed


def is_proven(environment: EnvironmentRun) -> bool:
    """Whether a run that only reads proves the revision; the keys of consumers do not matter for this."""
    return set(not_in_sync(_of_revision(environment))) <= {_ANOTHER_KEY}


def _of_revision(environment: EnvironmentRun) -> EnvironmentRun:
    """The environment without the unchecked places that hold no object of the revision."""
    unchecked = tuple(each for each in environment.unchecked if not each.elsewhere)
    return replace(environment, unchecked=unchecked)


def _failing(
    verb: Verb, fail_on: frozenset[FailOn], environment: EnvironmentRun
) -> dict[str, ExitCode]:
    """The losses and the conditions of `failOn` that are met."""
    met = _met(environment) & fail_on
    lost = [word for word, by in _losses(environment).items() if by in fail_on]
    words = [*lost, *(_WORDS[word] for word in FailOn if word in met)]
    return dict.fromkeys(words, verb.failure_code)


def _losses(environment: EnvironmentRun) -> dict[str, FailOn]:
    """What a comparison needs and the run lacks, each with the value of `failOn` that fails the run."""
    record = environment.record
    losses = {}
    if record and record.lost:
        losses["record unreadable" if record.unreadable else "record lost"] = FailOn.DRIFT
    if record and record.key_lost:
        losses["fingerprint key lost"] = FailOn.ROTATION_OPEN
    if any(row.rotation is Rotation.BASELINE_RESET for row in environment.secrets):
        losses[reason.KEY_REPLACED] = FailOn.ROTATION_OPEN
    return losses


def _met(environment: EnvironmentRun) -> set[FailOn]:
    """Every condition that holds, whether it fails the run or not."""
    states = {change.state for change in environment.changes}
    secrets = environment.secrets
    wrong = [row.wrong for row in secrets] + [row.wrong for row in environment.consumer_secrets]
    extra = [field for change in environment.changes for field in change.foreign]
    reasons = {each.why for change in environment.changes for each in change.differences}
    readiness = [change.readiness for change in environment.changes if change.readiness]
    judged = [bool(environment.live_findings), *(bool(u.findings) for u in environment.unmanaged)]
    conditions = {
        FailOn.DRIFT: bool(states & _DRIFT) or _is_overridden(environment),
        FailOn.CONFLICT: bool(states & _CONFLICT) or Why.ADOPT in reasons,
        FailOn.MISSING_SECRET: any(wrong),
        FailOn.ROTATION_OPEN: any(row.open for row in secrets),
        FailOn.NOT_READY: any(each.state is ReadyState.NOT_READY for each in readiness),
        FailOn.UNCHECKED: bool(environment.unchecked),
        FailOn.EXTRA_FIELDS: any(field.policy is ExtraFields.FAIL for field in extra),
        FailOn.UNMANAGED: any(each.fails for each in environment.unmanaged),
        FailOn.LIVE_POLICY: any(judged),
        FailOn.HELD: any(change.hold for change in environment.changes),
    }
    return {word for word, holds in conditions.items() if holds}


def _is_overridden(environment: EnvironmentRun) -> bool:
    return any(change.overridden for change in environment.changes)
