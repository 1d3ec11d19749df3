"""Decides the exit code of an environment, and lists the reasons. Pure."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import ExitCode, worst
from reconciler.model.change import Outcome, Result, State
from reconciler.model.environment import FailOn
from reconciler.model.finding import Finding, Severity
from reconciler.model.readiness import ReadyState
from reconciler.model.run import EnvironmentRun
from reconciler.model.secret import SecretState
from reconciler.model.stamp import Stamped, StampResult
from reconciler.model.verbs import Verb

# The states that fail `diff`. Changes in git that are not applied yet do not fail `drift`.
_DIFFERENCES = {
    State.NEW: "new objects",
    State.CHANGED: "changes",
    State.DRIFTED: "drift",
    State.MISSING: "objects deleted from outside",
    State.CONFLICT: "conflicts",
    State.FOREIGN: "objects of another tool",
}
_DRIFT = {State.DRIFTED: FailOn.DRIFT, State.MISSING: FailOn.DRIFT}
_CONFLICT = {State.CONFLICT: FailOn.CONFLICT, State.FOREIGN: FailOn.CONFLICT}
_WORDS = {
    FailOn.DRIFT: "drift",
    FailOn.CONFLICT: "conflict",
    FailOn.MISSING_SECRET: "missing key",
    FailOn.ROTATION_OPEN: "open rotation",
    FailOn.NOT_READY: "not ready",
    FailOn.UNCHECKED: "not checked",
    FailOn.EXTRA_FIELDS: "extra fields",
    FailOn.UNMANAGED: "unmanaged objects",
}


def with_verdict(
    verb: Verb,
    fail_on: frozenset[FailOn],
    environment: EnvironmentRun,
    severity: Severity = Severity.ERROR,
) -> EnvironmentRun:
    """The environment with the reasons why the run failed, and the worst exit code among them.

    Findings of this `severity` or a higher one make it invalid.
    """
    if environment.error:
        return replace(environment, exit_code=environment.error.exit_code)
    reasons: dict[str, ExitCode] = {}
    reasons |= _invalid(environment.findings, severity)
    states = {change.state for change in environment.changes}
    if State.INVALID in states:
        reasons["refused by the cluster"] = verb.refusal_code
    if State.FAILED in states:
        reasons["not observed"] = ExitCode.PARTIAL
    if any(row.reading.state is SecretState.ERROR for row in environment.secrets):
        reasons["a Secret that cannot be read"] = ExitCode.PARTIAL
    if State.WAITING in states:
        reasons["waiting for a namespace or a CRD"] = ExitCode.PARTIAL
    reasons |= _applied(environment.outcomes)
    reasons |= _stamped(environment.stamps)
    if verb.fails_on_differences:
        reasons |= {_DIFFERENCES[s]: ExitCode.DIFFERENCES for s in _DIFFERENCES if s in states}
    reasons |= _failing(verb, fail_on & verb.fails_on, environment, states)
    return replace(
        environment, exit_code=worst(list(reasons.values())), exit_reasons=tuple(reasons)
    )


def _invalid(findings: tuple[Finding, ...], severity: Severity) -> dict[str, ExitCode]:
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return {"invalid": ExitCode.INVALID}
    order = list(Severity)
    failing = [s for s in order[: order.index(severity) + 1] if s in severities]
    return {f"{failing[0]}s": ExitCode.INVALID} if failing else {}


def _applied(outcomes: tuple[Outcome, ...]) -> dict[str, ExitCode]:
    results = {outcome.result for outcome in outcomes}
    reasons = {}
    if Result.REFUSED in results:
        reasons["refused"] = ExitCode.SAFETY
    if Result.FAILED in results:
        reasons["failed"] = ExitCode.PARTIAL
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


def _failing(
    verb: Verb, fail_on: frozenset[FailOn], environment: EnvironmentRun, states: set[State]
) -> dict[str, ExitCode]:
    """The conditions of `failOn` that are met."""
    states_that_fail = _DRIFT | _CONFLICT
    holds = {word for state, word in states_that_fail.items() if state in states}
    if any(row.wrong for row in environment.secrets):
        holds.add(FailOn.MISSING_SECRET)
    if environment.record and environment.record.lost:
        holds.add(FailOn.DRIFT)
    if environment.record and environment.record.key_lost:
        holds.add(FailOn.ROTATION_OPEN)
    if any(row.open for row in environment.secrets):
        holds.add(FailOn.ROTATION_OPEN)
    if any(c.readiness and c.readiness.state is ReadyState.NOT_READY for c in environment.changes):
        holds.add(FailOn.NOT_READY)
    if environment.unchecked:
        holds.add(FailOn.UNCHECKED)
    return {_WORDS[word]: verb.failure_code for word in FailOn if word in holds & fail_on}
