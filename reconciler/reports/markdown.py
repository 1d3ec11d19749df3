"""Markdown: a pull-request comment and a job summary.

The verdict first, then what needs attention, then the rest, folded. A forge refuses a comment beyond its limit, so a
large report loses detail instead of being cut: first the values, then the fields, then all but the counts. The whole
report has one level of detail, so that its parts can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import IntEnum
from typing import Final

from reconciler.model.finding import Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import DIFF, Flow, Verb
from reconciler.report import ReportFormat, Style
from reconciler.reports._changes import changed_fields, name_of
from reconciler.reports._consumers import by_root, totals
from reconciler.reports._entries import Entry, FieldLine, Level, names_in
from reconciler.reports._exit import exit_line
from reconciler.reports._findings import FindingGroup, details, headline, together
from reconciler.reports._gfm import comment, fence, folded, prose, span, table
from reconciler.reports._overview import HEADS, overview
from reconciler.reports._verdict import View, view
from reconciler.reports._words import count, plain, short
from reconciler.text.printable import no_commands

LIMIT: Final = 60_000  # characters; GitHub refuses more than 65,536
_SPARE: Final = 1_000  # for the last lines, which are not measured
_NOTES: Final = 20
_HEADINGS: Final = 100  # entries that need attention, if there is room only for headings

_ICONS: Final = {Level.QUIET: "✅", Level.CHANGE: "✏️", Level.LOOK: "⚠️", Level.BAD: "⛔"}
_POINTER: Final = "The text and JSON reports of this run are complete."


class Detail(IntEnum):
    COUNTS = 0
    FIELDS = 1
    FULL = 2


def marker(verb: Verb, environment: str | None = None) -> str:
    """The first line of a comment, which identifies it; without an environment, the comment about several.

    An apply has the marker of the diff before it, so that its outcome replaces the diff.
    """
    name = DIFF.name if verb.flow is Flow.CHANGE else verb.name
    subject = name if environment is None else f"{name}:{environment}"
    return comment(f"reconciler:{subject}").replace("%3A", ":")


def render(run: Run, style: Style) -> str:
    lasting = replace(style, now="")  # "2 h ago" would be wrong tomorrow
    views = [view(run, environment, lasting) for environment in run.environments]
    for detail in reversed(Detail):
        text = "\n\n".join(_blocks(run, views, detail))
        if len(text) <= LIMIT - _SPARE:
            return text + "\n"
    return "\n\n".join(_fitting(_blocks(run, views, Detail.COUNTS))) + "\n"


def _blocks(run: Run, views: list[View], detail: Detail) -> Iterator[str]:
    """The report, without commands to a CI system: their replacement makes a block longer."""
    return map(no_commands, _report(run, views, detail))


def _fitting(blocks: Iterator[str]) -> Iterator[str]:
    """As many complete blocks as there is room for, and the number of the others."""
    room = LIMIT - _SPARE
    for number, block in enumerate(blocks):
        room -= len(block) + 2
        if room < 0:
            left = 1 + sum(1 for _ in blocks)
            yield f"{count(left, 'more block')} left out after the first {number:,}. {_POINTER}"
            return
        yield block


def _report(run: Run, views: list[View], detail: Detail) -> Iterator[str]:
    first = [marker(run.verb, views[0].name)] if len(views) == 1 else []
    if rows := overview(run, views):
        cells = [(_ICONS[v.level], span(v.name), code, prose(text)) for v, code, text in rows]
        yield table(("", *HEADS), cells)
    for shown, environment in zip(views, run.environments, strict=True):
        title = f"### {_ICONS[shown.level]} {span(shown.name)}: {prose(shown.verdict)}"
        yield "\n".join([*first, title, " · ".join(map(prose, shown.facts))])
        yield from _attention(shown.settings, detail)
        if detail is not Detail.COUNTS and run.verb.flow is not Flow.CHECK:
            yield from _objects(shown, environment)
        if shown.tally:
            yield " · ".join(map(prose, shown.tally))
        yield from _attention(shown.entries, detail)
        yield from _rest(shown, detail)
        yield from _notes(shown)
    yield from _findings(together(run.environments), detail, several=len(views) > 1)
    if detail is not Detail.FULL:
        yield f"Shown without {'values' if detail is Detail.FIELDS else 'fields'}, to fit. {_POINTER}"
    following = [prose(shown.following) for shown in views if shown.following]
    yield " · ".join([prose(exit_line(run)), *(f"next: {command}" for command in following)])


def _objects(shown: View, environment: EnvironmentRun) -> Iterator[str]:
    """One row per object that has an entry."""
    rows: dict[ObjectRef, list[Entry]] = {}
    for entry in shown.entries:
        if entry.level is not Level.QUIET:
            for owner in entry.owners:
                rows.setdefault(owner, []).append(entry)
    watched = {row.owner for row in environment.secrets}
    names, consumers = names_in(environment), by_root(environment)
    if rows:
        used = any(ref in consumers for ref in rows)
        heads = ("", "object", "state", "fields", *(("consumers",) if used else ()), "Secret")
        cells = [
            _row(name_of(ref, names), entries, "ok" if ref in watched else "")
            for ref, entries in rows.items()
        ]
        users = [prose(totals(consumers.get(ref, ()))) for ref in rows]
        yield table(
            heads,
            [
                (*row[:-1], *((count_of,) if used else ()), row[-1])
                for row, count_of in zip(cells, users, strict=True)
            ],
        )


def _row(subject: str, entries: list[Entry], fine: str) -> tuple[str, ...]:
    objects = [entry for entry in entries if not entry.secret]
    secrets = [_word(entry, Level.LOOK) for entry in entries if entry.secret]
    return (
        _ICONS[max(entry.level for entry in entries)],
        prose(subject),
        ", ".join(dict.fromkeys(_word(entry) for entry in objects)),
        ", ".join(filter(None, (prose(changed_fields(entry)) for entry in objects))),
        ", ".join(secrets) or fine,
    )


def _word(entry: Entry, bold: Level = Level.BAD) -> str:
    text = entry.label.lower()
    return f"**{text}**" if entry.level >= bold else text


def _attention(shown: tuple[Entry, ...], detail: Detail) -> Iterator[str]:
    entries = [entry for entry in shown if entry.level >= Level.LOOK]
    few = entries if detail is not Detail.COUNTS else entries[:_HEADINGS]
    for entry in few:
        time = f" · {prose(entry.time)}" if entry.time else ""
        title = f"**{_ICONS[entry.level]} {entry.label} · {prose(entry.subject)}**{time}"
        yield "\n\n".join([title, *_body(entry, detail)])
    if len(few) < len(entries):
        yield f"and {len(entries) - len(few):,} more"


def _body(entry: Entry, detail: Detail) -> Iterator[str]:
    sentences = entry.essential + (() if detail is Detail.COUNTS else entry.sentences)
    if sentences:
        yield "  \n".join(prose(text[:1].upper() + text[1:]) for text in sentences)
    if detail is Detail.COUNTS:
        return
    if entry.fields and detail is Detail.FULL:
        yield fence((line for field in entry.fields for line in _field(field)), "diff")
    elif entry.fields:
        yield f"fields: {prose(changed_fields(entry))}"
    if entry.quoted and detail is Detail.FULL:
        yield fence((short(text, 2000) for text in entry.quoted), "text")
    if entry.actions:
        yield "\n".join(f"- {verb}: {prose(sentence)}" for verb, sentence in entry.actions)


def _field(field: FieldLine) -> Iterator[str]:
    if field.before is not None:
        yield f"{'=' if field.sign == '=' else '-'} {field.path}: {short(field.before)}"
    if field.after is not None and field.sign != "=":
        yield f"+ {field.path}: {short(field.after)}"
    note = ", ".join(text for text in (plain(field.note), field.where) if text)
    if note:
        yield f"#   {note}"


def _rest(shown: View, detail: Detail) -> Iterator[str]:
    """The changes that need no attention, collapsed."""
    entries = [e for e in shown.entries if e.level is Level.CHANGE and not e.secret]
    if not entries or detail is Detail.COUNTS:
        return
    number = sum(len(entry.fields) for entry in entries)
    fields = f", {count(number, 'field')}" if number else ""
    lines = [line for entry in entries for line in _changes(entry, detail)]
    objects = {owner for entry in entries for owner in entry.owners}
    yield folded(f"{count(len(objects), 'object')}{fields}", fence(lines, "diff"))


def _changes(entry: Entry, detail: Detail) -> Iterator[str]:
    yield f"# {entry.label} {plain(entry.subject)}"
    for field in entry.fields:
        yield from _field(field) if detail is Detail.FULL else [f"{field.sign} {field.path}"]
    yield from (f"#   {plain(sentence)}" for sentence in entry.sentences)
    if detail is Detail.FULL:
        yield from (f"#   {short(text)}" for text in entry.quoted)


def _notes(shown: View) -> Iterator[str]:
    lines = [*_first("warning", shown.warnings), *_first("not checked", shown.notes)]
    if lines:
        yield "  \n".join(lines)


def _first(label: str, texts: tuple[str, ...]) -> Iterator[str]:
    """The first lines of a kind, and how many more there are."""
    yield from (f"{label}: {prose(text)}" for text in texts[:_NOTES])
    if len(texts) > _NOTES:
        yield f"{label}: {len(texts) - _NOTES:,} more"


def _findings(
    findings: tuple[FindingGroup, ...], detail: Detail, *, several: bool
) -> Iterator[str]:
    """Errors, and the other findings collapsed. With less room each has one line, or none: the verdict counts them."""
    errors = [f for f in findings if f.finding.severity is Severity.ERROR]
    others = [f for f in findings if f.finding.severity is not Severity.ERROR]
    if detail is Detail.COUNTS:
        return
    if errors:
        yield fence(_lines(errors, detail, several=several), "text")
    if others:
        noun = f"{count(len(others), 'finding')} that {'stops' if len(others) == 1 else 'stop'} nothing"
        yield folded(noun, fence(_lines(others, detail, several=several), "text"))


def _lines(findings: list[FindingGroup], detail: Detail, *, several: bool) -> Iterator[str]:
    for number, finding in enumerate(findings):
        where, mark, message = headline(finding.finding)
        if number and detail is Detail.FULL:
            yield ""
        yield f"{where}: {mark} {message}"
        if detail is Detail.FULL:
            yield from details(finding, several=several)


FORMAT = ReportFormat("markdown", render)
