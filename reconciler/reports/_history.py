"""The history of an environment, from reports or from the record, as text and as JSON (`history.schema.json`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler.model.document import JsonObject
from reconciler.model.history import Event, History
from reconciler.model.identity import SECRET, Names
from reconciler.model.record import Record, SecretKey
from reconciler.model.record.history import ADDED, Part, RecordedRun
from reconciler.model.record.rotations import Closing, RecordedRotation
from reconciler.model.revision import Revision
from reconciler.model.run import Run
from reconciler.model.secret import SecretState
from reconciler.model.verbs import Flow
from reconciler.report import Style
from reconciler.reports._changes import changed_fields, name_of
from reconciler.reports._codec import encode
from reconciler.reports._entries import Entry, Level
from reconciler.reports._json_text import json_text
from reconciler.reports._news import State, news
from reconciler.reports._secrets import STATES
from reconciler.reports._verdict import view
from reconciler.reports._words import clean, count, literal, phrase, plain, short, when

SCHEMA_VERSION: Final = "1"
_LINES: Final = 10  # of one sort in one event, as text
_LONGEST: Final = 160  # characters of a line
_REVISION: Final = 7


def events_of_reports(reports: Iterable[tuple[str, str, Run, Run | None]]) -> tuple[Event, ...]:
    """The events of reports over one environment, the newest first.

    Args:
        reports: the oldest first: the commit that added each, its time, its run, and the report that it replaced.
    """
    events = [_event(*report) for report in reports]
    return tuple(reversed(events))


def with_history(run: Run, reports: Iterable[Run]) -> Run:
    """The newest run of some reports, with the history of each environment that is in several of them."""
    in_order = sorted(reports, key=lambda report: report.finished)
    environments = tuple(
        replace(each, history=_history_of(each.name, in_order)) for each in run.environments
    )
    return replace(run, environments=environments)


def _history_of(name: str, reports: Iterable[Run]) -> tuple[Event, ...]:
    """The events of one environment, the newest first; () if there is only the event of its newest report."""
    singles = [(run, each) for run in reports for each in run.environments if each.name == name]
    events = [event for _, single in singles for event in single.history]
    before: Run | None = None
    for run, single in singles:
        alone = replace(run, environments=(single,))
        if not single.history:  # which has the run itself, too
            events.append(_event("", run.finished, alone, before))
        before = alone
    # A run is in several reports if some of them are of several; what began depends on the others.
    distinct: dict[Event, Event] = {}
    for event in events:
        distinct.setdefault(replace(event, changed=(), began=(), resolved=()), event)
    newest_first = sorted(distinct.values(), key=lambda event: event.time, reverse=True)
    return tuple(newest_first) if len(newest_first) > 1 else ()


def _event(commit: str, time: str, run: Run, before: Run | None) -> Event:
    (environment,) = run.environments
    # The order is that of the branch, whatever the clocks of the runs said.
    known: State = news(replace(before, finished=""), {}).state if before else {}
    fresh = news(run, known)
    shown = view(run, environment, Style())
    revision = environment.revision or run.revision
    return Event(
        time,
        run.verb.name,
        f"{revision.commit}+dirty" if revision.dirty else revision.commit,
        plain(shown.verdict),
        commit,
        tuple(_changes(shown.entries))
        if run.verb.flow is Flow.CHANGE and run.verb.writes_objects
        else (),
        tuple(str(issue["message"]) for issue in (*fresh.began, *fresh.changed)),
        tuple(str(issue["message"]) for issue in fresh.ended),
    )


def _changes(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.level is Level.CHANGE and not entry.secret:
            fields = plain(changed_fields(entry))
            yield f"{entry.label} {plain(entry.subject)}" + (f": {fields}" if fields else "")


def events_of_record(record: Record) -> tuple[Event, ...]:
    """The events that the record remembers, the newest first: of runs with news, and of rotations."""
    runs = record.history
    events = [_of_run(run, before) for before, run in zip((None, *runs), runs, strict=False)]
    for key, secret in sorted(record.secrets.items()):
        for rotation in secret.rotations:
            events += _of_rotation(key, rotation)
    if record.applied and not any(event.time == record.applied for event in events):
        events.append(Event(record.applied, "apply", record.revision, "everything applied"))
    return tuple(sorted(events, key=lambda event: event.time, reverse=True))


_UNDONE: Final[Mapping[str, str]] = {"drifted": "RESTORED", "missing": "RECREATED"}  # by an apply


def _of_run(run: RecordedRun, before: RecordedRun | None) -> Event:
    applies = run.command == "apply"
    refs = [each.ref for each in run.objects] + [each.ref for each in run.parts]
    names = Names.among(ref.group_kind for ref in refs)
    words = _UNDONE if applies else {}
    lines = [
        f"{words.get(each.state, each.state.upper())} {plain(name_of(each.ref, names))}"
        for each in run.objects
    ]
    lines += [f"and {run.more:,} more"] if run.more > 0 else []
    known = applies and before is not None and before.left == run.left
    parts = [] if known else [_part(part, names) for part in run.parts]
    parts += [f"and {run.more_parts:,} more fields or keys"] if parts and run.more_parts > 0 else []
    number = len(run.objects) + max(0, run.more)
    verdicts = [f"{count(number, 'object')} written"] if applies else []
    verdicts += [] if known else _outcome(run)
    verdict = ", ".join(verdicts) or "in order again"
    changed, began = (lines, parts) if applies else ([], lines + parts)
    return Event(
        run.time, run.command, run.revision, verdict, changed=tuple(changed), began=tuple(began)
    )


def _part(part: Part, names: Names) -> str:
    """`ADDED Provider llm/claude: spec.baseURL`, or `NO SECRET Secret llm/openai [api-key]`."""
    if part.ref.group_kind != SECRET.group_kind:
        return f"{part.state.upper()} {plain(name_of(part.ref, names))}: {part.name}"
    label = next(
        (STATES[each][0] for each in SecretState if each == part.state), part.state.upper()
    )
    return f"{label} Secret {part.ref.namespace}/{part.ref.name} [{part.name}]"


def _outcome(run: RecordedRun) -> list[str]:
    """The changes by others and the missing keys, in a few words."""
    others, keys = run.changed_by_others, sum(each.state != ADDED for each in run.parts)
    words = [f"{count(others, 'object')} changed by others"] if others else []
    return words + ([f"{count(keys, 'key')} missing or unusable"] if keys else [])


def _of_rotation(key: SecretKey, rotation: RecordedRotation) -> Iterator[Event]:
    opened, closed = rotation.opened, rotation.closed
    subject = f"Secret {key.namespace}/{key.name} [{key.key}]"
    yield Event(opened.time, "rotation", opened.revision, f"{subject} has another value")
    if closed and closed.time:
        yield Event(closed.time, "rotation", closed.revision, f"{subject}: {_end(closed)}")


def _end(closed: Closing) -> str:
    how = plain(phrase(closed.how)).replace("-", " ")
    return f"{how}: {closed.reason}" if closed.reason else how


def history_json(history: History) -> str:
    body: JsonObject = encode(history)
    return json_text({"schemaVersion": SCHEMA_VERSION, **body})


def history_text(history: History, style: Style) -> str:
    head = f"{clean(history.environment)}  {count(len(history.events), 'event')} in {clean(history.source)}"
    blocks = ["\n".join(_lines(event, style)) for event in history.events]
    end = [] if history.complete else ["older ones: --limit NUMBER"]
    return "\n\n".join([head, *blocks, *end]) + "\n"


def _lines(event: Event, style: Style) -> Iterator[str]:
    parts = [
        plain(when(event.time, style)),
        clean(event.what),
        _short(event.revision),
        clean(event.verdict),
    ]
    yield "  ".join(filter(None, parts))
    for word, lines in (("", event.changed), ("began", event.began), ("resolved", event.resolved)):
        yield from _few(word, lines, style)
    if event.commit:
        yield f"  report     {clean(event.commit[:12])}"


def _few(word: str, lines: Sequence[str], style: Style) -> Iterator[str]:
    few = lines if style.verbose else lines[:_LINES]
    for line in few:
        yield f"  {word:<10} {short(line, _LONGEST)}" if word else f"  {short(line, _LONGEST)}"
    if len(few) < len(lines):
        yield f"  {word:<10} {len(lines) - len(few):,} more: -v".rstrip()


def _short(revision: str) -> str:
    commit, _, dirty = revision.partition("+")
    return plain(literal(Revision(commit, dirty=bool(dirty)).short)) if commit else ""
