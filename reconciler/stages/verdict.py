"""The exit code of one environment, and why, in words. Pure."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import ExitCode, worst
from reconciler.model.change import Outcome, Result, State
from reconciler.model.environment import FailOn
from reconciler.model.finding import Finding, Severity
from reconciler.model.readiness import ReadyState
from reconciler.model.rotation import Rotation
from reconciler.model.run import Command, EnvironmentRun
from reconciler.model.secret import SecretState

# A pull request that would change nothing has none of these; what is waiting in git never fails `drift`.
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
}
# What `apply` cannot mend by applying.
_FAILS_APPLY = frozenset({FailOn.MISSING_SECRET, FailOn.NOT_READY})


def with_verdict(
    command: Command,
    fail_on: frozenset[FailOn],
    seen: EnvironmentRun,
    severity: Severity = Severity.ERROR,
) -> EnvironmentRun:
    """The run with its exit code, the worst of what was found, and every reason for a code other than 0.

    Findings of a `severity`, and of a worse one, make it invalid.
    """
    if seen.error:
        return replace(seen, exit_code=seen.error.exit_code)
    reasons: dict[str, ExitCode] = {}
    reasons |= _invalid(seen.findings, severity)
    states = {change.state for change in seen.changes}
    if State.INVALID in states:
        invalid = ExitCode.PARTIAL if command is Command.APPLY else ExitCode.INVALID
        reasons["refused by the cluster"] = invalid
    if State.FAILED in states:
        reasons["not observed"] = ExitCode.PARTIAL
    if any(row.reading.state is SecretState.ERROR for row in seen.secrets):
        reasons["a Secret that cannot be read"] = ExitCode.PARTIAL
    if State.WAITING in states:
        reasons["waiting for what is not there"] = ExitCode.PARTIAL
    if command is Command.APPLY:
        reasons |= _applied(seen.outcomes)
    elif command is Command.DIFF:
        reasons |= {_DIFFERENCES[s]: ExitCode.DIFFERENCES for s in _DIFFERENCES if s in states}
    reasons |= _failing(command, fail_on, seen, states)
    return replace(seen, exit_code=worst(list(reasons.values())), exit_reasons=tuple(reasons))


def _invalid(findings: tuple[Finding, ...], severity: Severity) -> dict[str, ExitCode]:
    found = {d.severity for d in findings}
    if Severity.ERROR in found:
        return {"invalid": ExitCode.INVALID}
    order = list(Severity)
    failing = [s for s in order[: order.index(severity) + 1] if s in found]
    return {f"{failing[0]}s": ExitCode.INVALID} if failing else {}


def _applied(outcomes: tuple[Outcome, ...]) -> dict[str, ExitCode]:
    results = {outcome.result for outcome in outcomes}
    reasons = {}
    if Result.REFUSED in results:
        reasons["refused"] = ExitCode.SAFETY
    if Result.FAILED in results:
        reasons["failed"] = ExitCode.PARTIAL
    return reasons


def _failing(
    command: Command, fail_on: frozenset[FailOn], seen: EnvironmentRun, states: set[State]
) -> dict[str, ExitCode]:
    """The words of failOn that hold."""
    held = {FailOn.MISSING_SECRET} if any(row.wrong for row in seen.secrets) else set()
    if command is Command.DRIFT and seen.record:
        held |= {FailOn.DRIFT} if seen.record.lost else set()
        held |= {FailOn.ROTATION_OPEN} if seen.record.key_lost else set()
    if command is not Command.DIFF:
        if any(row.rotation is Rotation.ROTATED for row in seen.secrets):
            held.add(FailOn.ROTATION_OPEN)
        if any(c.readiness and c.readiness.state is ReadyState.NOT_READY for c in seen.changes):
            held.add(FailOn.NOT_READY)
        held |= {word for state, word in (_DRIFT | _CONFLICT).items() if state in states}
    if command is Command.APPLY:
        held &= _FAILS_APPLY
    code = ExitCode.PARTIAL if command is Command.APPLY else ExitCode.DIFFERENCES
    return {_WORDS[word]: code for word in FailOn if word in held & fail_on}
