"""An environment as a `View`: entries, verdict and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.errors import ExitCode
from reconciler.model.change import Result, State
from reconciler.model.finding import Finding, Severity, errors_in
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.unchecked import FINGERPRINT_KEY, ROTATIONS, SECRET, Unchecked
from reconciler.model.verbs import Flow
from reconciler.report import Style
from reconciler.reports._changes import about_changes, command_line, writes
from reconciler.reports._consumers import totals
from reconciler.reports._entries import Entry, Level
from reconciler.reports._impact import about_impact
from reconciler.reports._live import about_live
from reconciler.reports._resolution import about_resolution
from reconciler.reports._secrets import about_secrets, labels
from reconciler.reports._settings import about_settings
from reconciler.reports._stamps import about_stamps, stamped
from reconciler.reports._words import count, listed, literal, phrase, when, word

# Reasons that the verdict of a watch says in its own words.
_WAIT: Final = ("new objects", "changes")
_LEFT_OUT: Final = ("not checked", "limited by --only")
_REPORTED: Final = "extra fields, only reported"
# A review reports no rotations, and needs no permission to read Secrets.
_NOT_REVIEWED: Final = (SECRET, FINGERPRINT_KEY, ROTATIONS)


@dataclass(frozen=True, slots=True)
class View:
    """An environment as a report shows it; all texts are sentences of `_words`.

    Attributes:
        facts: the commit, the last apply and the cluster.
        tally: the numbers of objects and Secret keys by state.
        settings: what comes before all else, see `about_settings`.
        entries: sorted by level, highest first.
        following: the command to run next, "" for none.
        minor: the number of findings that fail nothing: "3 warnings".
    """

    name: str
    level: Level
    verdict: str
    facts: tuple[str, ...]
    tally: tuple[str, ...]
    settings: tuple[Entry, ...]
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    following: str = ""
    minor: str = ""


def view(run: Run, environment: EnvironmentRun, style: Style) -> View:
    settings = tuple(about_settings(environment))
    entries = list(_entries(run, environment, style))
    entries.sort(key=lambda entry: -entry.level)
    return View(
        name=environment.name,
        level=_level(run, environment, [*settings, *entries]),
        verdict=_verdict(run, environment, [*settings, *entries]) + _unselected(environment),
        facts=tuple(_facts(run, environment, style)),
        tally=tuple(_tally(run, environment)),
        settings=settings,
        entries=tuple(entries),
        notes=tuple(_notes(run, environment)),
        following=_following(run, environment, style),
        minor=severities(_minor(environment)) if _minor(environment) else "",
    )


def _entries(run: Run, environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    yield from _errors(environment)
    if run.verb.flow is Flow.IMPACT:
        yield from about_impact(environment, style)
        return
    yield from about_changes(run.verb, environment, style)
    yield from about_stamps(run, environment)
    yield from about_secrets(run, environment, style)
    yield from about_live(environment, style)
    yield from about_resolution(environment, style)


def _level(run: Run, environment: EnvironmentRun, entries: list[Entry]) -> Level:
    if environment.exit_code > ExitCode.DIFFERENCES or errors_in(environment.findings):
        return Level.BAD
    left_out = Level.LOOK if any(_unchecked(run, environment)) else Level.QUIET
    return max((left_out, *(entry.level for entry in entries)))


def _unchecked(run: Run, environment: EnvironmentRun) -> Iterator[Unchecked]:
    """What to report as not checked; a review reports no rotations."""
    for each in environment.unchecked:
        if run.verb.needs_fingerprints or each.subject not in _NOT_REVIEWED:
            yield each


def severities(findings: tuple[Finding, ...]) -> str:
    """`2 errors, 1 warning`; `no findings`."""
    numbers = Counter(finding.severity for finding in findings)
    return ", ".join(count(numbers[s], s.value) for s in Severity if numbers[s]) or "no findings"


def _notes(run: Run, environment: EnvironmentRun) -> Iterator[str]:
    if environment.record and environment.record.lost:
        why = "cannot be read" if environment.record.unreadable else "is lost"
        yield f"the cause of each difference: the record of the last apply {why}"
    yield from map(literal, environment.notes)
    for each in _unchecked(run, environment):
        hint = f"; {literal(each.hint)}" if each.hint else ""
        yield f"{_noun(each.subject)} {literal(each.name)}: {phrase(each.reason)}{hint}"


def _noun(subject: str) -> str:
    return word(subject) if subject[:1].isupper() else phrase(subject)


def _left_out(environment: EnvironmentRun) -> str:
    """What was not looked at, for the verdict: `1 Secret not checked: no permission`; "" for nothing."""
    numbers = Counter(each.subject for each in environment.unchecked)
    if not numbers:
        return ""
    counted = listed(count(number, _noun(subject)) for subject, number in numbers.items())
    reasons = dict.fromkeys(each.reason for each in environment.unchecked)
    return f"{counted} not checked: {listed(map(phrase, reasons))}"


def _minor(environment: EnvironmentRun) -> tuple[Finding, ...]:
    return tuple(d for d in environment.findings if d.severity is not Severity.ERROR)


def _verdict(run: Run, environment: EnvironmentRun, entries: list[Entry]) -> str:
    if environment.error:
        return "stopped before the end"
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
    parts = (_moves(run, environment), stamped(run, environment), _unknown(run, environment))
    moves = ", ".join(filter(None, parts))
    if run.verb.flow is Flow.WATCH and not attention:
        return _settled(environment)
    return f"{moves}, {needs}" if moves and attention else needs if attention else moves


def _unselected(environment: EnvironmentRun) -> str:
    """What `--only` left out, for the end of a verdict: `, 9 others not checked (--only)`."""
    if not environment.only or environment.error or errors_in(environment.findings):
        return ""
    left = environment.objects - len(environment.only)
    return f", {count(left, 'other') if left > 0 else 'anything else'} not checked (--only)"


def _settled(environment: EnvironmentRun) -> str:
    """The verdict of a watch without drift; git may have changes that are not applied yet."""
    waiting = sum(c.state in (State.NEW, State.CHANGED) for c in environment.changes)
    left_out = _left_out(environment)
    own_words = (*_WAIT, *_LEFT_OUT, _REPORTED)
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
    """The fields of others that matter and that the policy only reports; "" for none."""
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
        return (
            ", ".join(f"{numbers[r]:,} {r.value}" for r in Result if numbers[r]) or "nothing to do"
        )
    if run.verb.dry_run and run.verb.compares_objects:
        return f"dry run: {count(number, 'object')} would change"
    if run.verb.flow is Flow.REVIEW and number:
        return f"{count(number, 'object')} {'changes' if number == 1 else 'change'}"
    return "nothing to change" if run.verb.flow is Flow.REVIEW else ""


def _unknown(run: Run, environment: EnvironmentRun) -> str:
    """What nobody can know without a record, which an apply replaces with a new one."""
    if all(each.subject != ROTATIONS for each in environment.unchecked):
        return ""
    if run.verb.flow is Flow.STAMP:
        return "no rotation can be detected"
    return "rotations before this run are unknown" if run.verb.flow is Flow.CHANGE else ""


def _facts(run: Run, environment: EnvironmentRun, style: Style) -> Iterator[str]:
    revision, record = environment.revision or run.revision, environment.record
    commit = literal(revision.short)
    if record is None:
        yield f"git {commit}" if revision.commit else commit
    elif record.unreadable:
        yield f"{commit}, the record of the last apply cannot be read"
    elif record.lost:
        yield f"{commit}, the record of the last apply is lost"
    elif not record.applied:
        yield f"{commit}, never applied {'completely' if record.partial else 'before'}"
    else:
        commit_before, _, dirty = record.revision.partition("+")
        before = literal(Revision(commit_before, dirty=bool(dirty)).short)
        time = when(record.applied, style)
        if run.verb.flow is Flow.WATCH:
            yield f"applied {before}, {time}"
            yield f"git {commit}" if revision.commit else commit
        else:
            yield f"{commit} onto {before}, applied {time}"
    if environment.cluster:
        yield f"cluster {literal(environment.cluster.name)}"
    if environment.trust and not environment.trust.is_new:
        yield f"settings of {literal(environment.trust.base.short)}"


def _tally(run: Run, environment: EnvironmentRun) -> Iterator[str]:
    unread = environment.error or environment.exit_code is ExitCode.USAGE
    if unread and not environment.objects:
        return
    if run.verb.flow is Flow.CHECK or not environment.changes:
        files = f" ({count(environment.files, 'file')})" if environment.files else ""
        yield f"{count(environment.objects, 'object')}{files}"
    else:
        numbers = Counter(change.state for change in environment.changes)
        states = ", ".join(f"{numbers[s]:,} {s.value}" for s in State if numbers[s])
        yield f"{count(len(environment.changes), 'object')}: {states}"
    if environment.secrets:
        yield f"{count(len(environment.secrets), 'Secret key')}: {labels(environment.secrets)}"
    if run.verb.flow is not Flow.IMPACT and (affected := totals(environment.affected)):
        yield f"affected: {affected}"
    if environment.unmanaged:
        yield count(len(environment.unmanaged), "unmanaged object")
    if environment.schemas and run.verb.flow is Flow.CHECK:
        yield "CRDs: " + ", ".join(
            f"{literal(s.crd)} {literal(s.label)}" for s in environment.schemas
        )


def _errors(environment: EnvironmentRun) -> Iterator[Entry]:
    error = environment.error
    if error:
        places = (("at", error.where), ("fix", error.hint))
        yield Entry(
            label="STOPPED",
            level=Level.BAD,
            subject=literal(environment.name),
            quoted=tuple(line.strip() for line in error.message.splitlines()),
            actions=tuple((verb, literal(text)) for verb, text in places if text),
        )


def _following(run: Run, environment: EnvironmentRun, style: Style) -> str:
    stopped = environment.error or errors_in(environment.findings)
    if stopped or not writes(environment):
        return ""
    if run.verb.flow is Flow.REVIEW or run.verb.dry_run:
        return command_line(style, "apply", environment.name)
    if run.verb.flow is Flow.WATCH and any(
        c.state in (State.NEW, State.CHANGED) for c in environment.changes
    ):
        return command_line(style, "diff", environment.name)
    return ""
