"""An environment as a `View`: entries, verdict and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from reconciler.errors import ExitCode
from reconciler.frozen import dataclass
from reconciler.model.change import PENDING, State
from reconciler.model.finding import Finding, Severity, errors_in
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.unchecked import FINGERPRINT_KEY, ROTATIONS, SECRET, Unchecked
from reconciler.model.verbs import Flow
from reconciler.report import Style
from reconciler.reports._answer import answer, noun, severities
from reconciler.reports._changes import about_changes, writes
from reconciler.reports._commands import apply_command, command_line
from reconciler.reports._consumers import totals
from reconciler.reports._entries import Entry, Level
from reconciler.reports._facts import facts
from reconciler.reports._ignored import tally
from reconciler.reports._impact import about_impact
from reconciler.reports._live import about_live
from reconciler.reports._renames import with_old_names
from reconciler.reports._resolution import about_resolution
from reconciler.reports._review import about_review
from reconciler.reports._secrets import about_secrets, labels
from reconciler.reports._settings import about_settings
from reconciler.reports._stamps import about_stamps
from reconciler.reports._together import shown_once
from reconciler.reports._waiting import about_waiting
from reconciler.reports._words import count, literal, phrase

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
        notes: what was not checked, and why.
        warnings: on the connection to the cluster.
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
    warnings: tuple[str, ...] = ()
    following: str = ""
    minor: str = ""


def view(run: Run, environment: EnvironmentRun, style: Style) -> View:
    settings = tuple(about_settings(environment))
    entries = list(_entries(run, environment, style))
    entries.sort(key=lambda entry: -entry.level)
    return View(
        name=environment.name,
        level=_level(run, environment, [*settings, *entries]),
        verdict=answer(run, environment, [*settings, *entries]),
        facts=tuple(facts(run, environment, style)),
        tally=tuple(_tally(run, environment)),
        settings=settings,
        entries=tuple(entries),
        notes=tuple(_notes(run, environment)),
        warnings=tuple(map(literal, environment.warnings)),
        following=_following(run, environment, style),
        minor=severities(_minor(environment)) if _minor(environment) else "",
    )


def _entries(run: Run, environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    yield from _errors(environment)
    yield from about_review(environment, style)
    if run.verb.flow is Flow.IMPACT:
        yield from about_impact(environment, style)
        return
    changes = with_old_names(about_changes(run.verb, environment, style), environment)
    yield from shown_once(changes, environment, style)
    yield from about_waiting(environment, style)
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


def _notes(run: Run, environment: EnvironmentRun) -> Iterator[str]:
    if environment.record and environment.record.lost:
        why = "cannot be read" if environment.record.unreadable else "is lost"
        yield f"the cause of each difference: the record of the last apply {why}"
    yield from map(literal, environment.notes)
    for each in _unchecked(run, environment):
        hint = f"; {literal(each.hint)}" if each.hint else ""
        yield f"{noun(each.subject)} {literal(each.name)}: {phrase(each.reason)}{hint}"


def _minor(environment: EnvironmentRun) -> tuple[Finding, ...]:
    return tuple(d for d in environment.findings if d.severity is not Severity.ERROR)


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
    if ignored := tally(environment):
        yield ignored
    if environment.unmanaged:
        yield count(len(environment.unmanaged), "unmanaged object")
    if environment.plan_id and writes(environment):
        yield f"plan {literal(environment.plan_id)}"
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
    stopped = environment.error or errors_in(environment.findings) or environment.observed
    if stopped or not writes(environment):
        return ""
    if run.verb.flow is Flow.REVIEW or run.verb.dry_run:
        return apply_command(style, environment)
    if run.verb.flow is Flow.WATCH and any(c.state in PENDING for c in environment.changes):
        return command_line(style, "diff", environment.name)
    return ""
