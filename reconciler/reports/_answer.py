"""The answer of a report about one environment, in one line: its verdict."""

from __future__ import annotations

from collections import Counter
from typing import Final

from reconciler.errors import ExitCode
from reconciler.model import reasons as reason
from reconciler.model.change import PENDING, Action, Prerequisite, Result, State
from reconciler.model.finding import Finding, Severity, errors_in
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.unchecked import ROTATIONS
from reconciler.model.verbs import Flow
from reconciler.reports._changes import writes
from reconciler.reports._consumers import totals
from reconciler.reports._entries import Entry, Level
from reconciler.reports._stamps import stamped
from reconciler.reports._words import count, listed, phrase, word

# Reasons that the verdict of a watch says in its own words.
_WAIT: Final = (reason.NEW, reason.CHANGED, reason.TO_ADOPT, reason.TO_DELETE)
_LEFT_OUT: Final = (reason.NOT_CHECKED, reason.LIMITED)


def answer(run: Run, environment: EnvironmentRun, entries: list[Entry]) -> str:
    """The verdict, and what `--only` left out of it."""
    return _verdict(run, environment, entries) + _unselected(environment)


def _verdict(run: Run, environment: EnvironmentRun, entries: list[Entry]) -> str:
    if environment.error:
        return _stopped(environment)
    if environment.exit_code is ExitCode.USAGE:
        return f"cannot be used: {severities(environment.findings)}"
    is_new = environment.trust and environment.trust.is_new
    if run.verb.flow is Flow.CHECK or is_new:
        opening = "a new environment, only validated: " if is_new else ""
        return f"{opening}{severities(environment.findings)}"
    if errors_in(environment.findings):
        return f"the desired state is invalid: {severities(environment.findings)}"
    attention = sum(entry.level >= Level.LOOK for entry in entries)
    needs = f"{count(attention, 'finding')} {'needs' if attention == 1 else 'need'} attention"
    parts = (
        _moves(run, environment),
        _waiting(run, environment),
        stamped(run, environment),
        _unknown(run, environment),
    )
    moves = ", ".join(filter(None, parts))
    if run.verb.flow is Flow.WATCH and not attention:
        return _settled(environment)
    return f"{moves}, {needs}" if moves and attention else needs if attention else moves


def _stopped(environment: EnvironmentRun) -> str:
    """The verdict on an environment that an error stopped."""
    if environment.moved:
        return f"not as reviewed: {count(len(environment.moved), 'difference')}"
    return ", ".join(map(phrase, environment.exit_reasons)) or "stopped before the end"


def _unselected(environment: EnvironmentRun) -> str:
    """What `--only` left out, for the end of a verdict: `, 9 others not checked (--only)`."""
    if not environment.only or environment.error or errors_in(environment.findings):
        return ""
    left = environment.objects - len(environment.only)
    return f", {count(left, 'other') if left > 0 else 'anything else'} not checked (--only)"


def _settled(environment: EnvironmentRun) -> str:
    """The verdict of a watch without drift; git may have changes that are not applied yet."""
    waiting = sum(c.state in PENDING for c in environment.changes)
    left_out = _left_out(environment)
    own_words = (*_WAIT, *_LEFT_OUT, reason.REPORTED)
    others = [reason for reason in environment.not_in_sync if reason not in own_words]
    if others:
        return f"not in sync: {listed(map(phrase, others))}" + (f"; {left_out}" if left_out else "")
    reported = _only_reported(environment)
    if not waiting:
        number = len(environment.only)
        subject = f"{count(number, 'selected object')} in sync" if number else "in sync"
        return ", ".join(filter(None, (subject, reported and f"but {reported}", left_out)))
    waits = "waits" if waiting == 1 else "wait"
    waiting_for = f"no drift; {count(waiting, 'object')} in git {waits} for apply"
    return "; ".join(filter(None, (waiting_for, reported, left_out)))


def _only_reported(environment: EnvironmentRun) -> str:
    """Added fields that decide where prompts and keys go and that the policy only reports; "" for none."""
    number = sum(field.tolerated for change in environment.changes for field in change.foreign)
    if not number:
        return ""
    decides = "decides" if number == 1 else "decide"
    return f"{count(number, 'added field')} {decides} where prompts and keys go (only reported)"


def _moves(run: Run, environment: EnvironmentRun) -> str:
    """How many objects changed, or would change."""
    number = writes(environment)
    if run.verb.flow is Flow.IMPACT:
        return totals(environment.affected) or "no consumers"
    if run.verb.writes_objects:
        numbers = Counter(outcome.result for outcome in environment.outcomes)
        del numbers[Result.UNCHANGED]
        done = ", ".join(f"{numbers[r]:,} {r.value}" for r in Result if numbers[r])
        applied = ": the plan is already applied" if environment.reviewed else ""
        return done or f"nothing to do{applied}"
    if run.verb.dry_run and run.verb.compares_objects:
        return f"dry run: {count(number, 'object')} would change"
    if run.verb.flow is Flow.REVIEW and number:
        return f"{count(number, 'object')} {'changes' if number == 1 else 'change'}"
    return "nothing to change" if run.verb.flow is Flow.REVIEW and not _left(environment) else ""


def _left(environment: EnvironmentRun) -> bool:
    """Whether a difference from git, certain or possible, would remain after an apply."""
    unknown = (State.WAITING, State.INVALID, State.FAILED)
    return any(c.action is Action.REFUSE or c.state in unknown for c in environment.changes)


def _waiting(run: Run, environment: EnvironmentRun) -> str:
    """How many objects wait for something that the cluster lacks; an apply says that it skipped them."""
    number = sum(change.awaited is not None for change in environment.changes)
    if not number or run.verb.writes_objects:
        return ""
    types = dict.fromkeys(c.awaited.type for c in environment.changes if c.awaited)
    things = listed(
        "a namespace" if t is Prerequisite.NAMESPACE else "a CRD" for t in sorted(types)
    )
    return f"{count(number, 'object')} {'waits' if number == 1 else 'wait'} for {things}"


def _unknown(run: Run, environment: EnvironmentRun) -> str:
    """What is unknown because the record is lost; an apply writes a new record."""
    if all(each.subject != ROTATIONS for each in environment.unchecked):
        return ""
    if run.verb.flow is Flow.STAMP:
        return "no rotation can be detected"
    return "rotations before this run are unknown" if run.verb.flow is Flow.CHANGE else ""


def _left_out(environment: EnvironmentRun) -> str:
    """What was not checked, for the verdict: `1 Secret not checked: no permission`; "" for nothing."""
    numbers = Counter(each.subject for each in environment.unchecked)
    if not numbers:
        return ""
    counted = listed(count(number, noun(subject)) for subject, number in numbers.items())
    reasons = dict.fromkeys(each.reason for each in environment.unchecked)
    return f"{counted} not checked: {listed(map(phrase, reasons))}"


def severities(findings: tuple[Finding, ...]) -> str:
    """`2 errors, 1 warning`; `no findings`."""
    numbers = Counter(finding.severity for finding in findings)
    return ", ".join(count(numbers[s], s.value) for s in Severity if numbers[s]) or "no findings"


def noun(subject: str) -> str:
    """An unchecked thing, as a noun for a sentence."""
    return word(subject) if subject[:1].isupper() else phrase(subject)
