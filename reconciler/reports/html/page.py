"""What the page shows, as values for its template: texts are data or sentences of `_words`, never markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.model.history import Event as Report
from reconciler.model.identity import Names, ObjectRef
from reconciler.model.impact import Affected, Consequence
from reconciler.model.readiness import ReadyState
from reconciler.model.revision import Revision
from reconciler.model.rotation import SecretRow
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._entries import Entry, Level, names_in
from reconciler.reports._exit import exit_line
from reconciler.reports._findings import details, headline, together
from reconciler.reports._secrets import label_of, level_of, user_of
from reconciler.reports._verdict import View, view
from reconciler.reports._words import literal, plain, when
from reconciler.reports.html.graph import Graph, graph
from reconciler.reports.html.timeline import Event, Timeline, events, report_level, timeline

_LINES = 50  # of one report in the history
_READY = {ReadyState.READY: "ready", ReadyState.NOT_READY: "not ready"}


@dataclass(frozen=True, slots=True)
class Cell:
    """The state of an object in one environment.

    Attributes:
        words: the labels of its entries, in small letters.
        anchor: the id of the first entry about it; "" if there is nothing more to say.
    """

    words: str
    level: Level
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An object in each environment; None where it does not exist."""

    name: str
    cells: tuple[Cell | None, ...]
    level: Level


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with its id."""

    entry: Entry
    anchor: str

    @property
    def sides(self) -> tuple[str, str]:
        """The names of the two columns of values."""
        names = next((field.names for field in self.entry.fields if any(field.names)), None)
        return (names[0].strip(), names[1].strip()) if names else ("before", "after")


@dataclass(frozen=True, slots=True)
class SecretLine:
    """A Secret key and who needs it; `since` is a time or ""."""

    name: str
    label: str
    level: Level
    since: str
    owner: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What one of several reports told of an environment; `lines` has a word and a text each."""

    event: Report
    revision: str
    level: Level
    summary: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ConsumerLine:
    """A consumer of an object or a Secret, and what a change and a rotation do to it."""

    root: str
    consumer: str
    path: str
    on_change: str
    on_rotation: str


@dataclass(frozen=True, slots=True)
class Section:
    """One environment of the page."""

    anchor: str
    view: View
    entries: tuple[Shown, ...]
    secrets: tuple[SecretLine, ...]
    events: tuple[Event, ...]
    timeline: Timeline | None
    history: tuple[ReportLine, ...]
    graph: Graph | None
    consumers: tuple[ConsumerLine, ...]


@dataclass(frozen=True, slots=True)
class FindingBlock:
    """A finding as a compiler prints it."""

    where: str
    mark: str
    severity: str
    message: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page; the worst level and the sections are in the order of the run."""

    title: str
    command: str
    level: Level
    sections: tuple[Section, ...]
    rows: tuple[Row, ...]
    states: tuple[str, ...]
    findings: tuple[FindingBlock, ...]
    exit_line: str
    started: str
    finished: str
    version: str


def page(run: Run, style: Style) -> Page:
    lasting = replace(style, now="", verbose=True)  # "2 h ago" would be wrong tomorrow
    sections = tuple(
        _section(run, environment, lasting, number)
        for number, environment in enumerate(run.environments)
    )
    rows = tuple(_rows(run, sections))
    words = {cell.words for row in rows for cell in row.cells if cell}
    verdicts = "; ".join(f"{each.view.name}: {plain(each.view.verdict)}" for each in sections)
    return Page(
        title=f"reconciler {run.verb.name}: {verdicts}",
        command=f"{run.verb.name} --dry-run" if run.verb.dry_run else run.verb.name,
        level=max((each.view.level for each in sections), default=Level.QUIET),
        sections=sections,
        rows=rows,
        states=tuple(sorted({word for text in words for word in text.split(", ")})),
        findings=tuple(_findings(run)),
        exit_line=exit_line(run),
        started=run.started,
        finished=run.finished,
        version=run.version,
    )


def _section(run: Run, environment: EnvironmentRun, style: Style, number: int) -> Section:
    shown = view(run, environment, style)
    names = names_in(environment)
    entries = (*shown.settings, *shown.entries)
    return Section(
        anchor=f"env-{number}",
        view=shown,
        entries=tuple(Shown(entry, f"e{number}-{n}") for n, entry in enumerate(entries)),
        secrets=tuple(_secret(row, names, style) for row in environment.secrets),
        events=events(environment, names, style),
        timeline=timeline(environment, run.finished),
        history=tuple(map(_report, environment.history)),
        graph=graph(environment, names),
        consumers=tuple(_consumer(row, names) for row in environment.affected),
    )


def _speaks(entry: Entry) -> bool:
    """Whether an entry says more than its label."""
    more = (entry.fields, entry.sentences, entry.essential, entry.quoted, entry.actions)
    return entry.level > Level.QUIET or any(more)


def _rows(run: Run, sections: tuple[Section, ...]) -> Iterator[Row]:
    """The objects of all environments, those that need attention first."""
    names = names_in(*run.environments)
    columns = [
        _cells(environment, section)
        for environment, section in zip(run.environments, sections, strict=True)
    ]
    refs = dict.fromkeys(ref for column in columns for ref in column)
    rows = [
        Row(
            name_of(ref, names),
            tuple(column.get(ref) for column in columns),
            max(column[ref].level for column in columns if ref in column),
        )
        for ref in refs
    ]
    yield from sorted(rows, key=lambda row: -row.level)


def _cells(environment: EnvironmentRun, section: Section) -> dict[ObjectRef, Cell]:
    readiness = {
        change.ref: _READY[change.readiness.state]
        for change in environment.changes
        if change.readiness and change.readiness.state in _READY
    }
    about: dict[ObjectRef, list[Shown]] = {}
    for shown in section.entries:
        for owner in shown.entry.owners:
            about.setdefault(owner, []).append(shown)
    return {ref: _cell(entries, readiness.get(ref, "")) for ref, entries in about.items()}


def _cell(entries: list[Shown], readiness: str) -> Cell:
    level = max(each.entry.level for each in entries)
    telling = [e for e in entries if e.entry.level or not e.entry.secret] or entries
    words = dict.fromkeys([*(e.entry.label.lower() for e in telling if e.entry.label), readiness])
    anchors = [each.anchor for each in entries if _speaks(each.entry)]
    return Cell(", ".join(word for word in words if word), level, anchors[0] if anchors else "")


def _secret(row: SecretRow, names: Names, style: Style) -> SecretLine:
    reference = row.reference
    key = row.reading.key or "/".join(reference.keys)
    return SecretLine(
        name=f"{literal(f'{reference.namespace}/{reference.name}')} [{literal(key)}]",
        label=label_of(row),
        level=level_of(row),
        since=when(row.since, style),
        owner=user_of(row, names),
    )


def _report(event: Report) -> ReportLine:
    sorts = {"changed": event.changed, "began": event.began, "resolved": event.resolved}
    summary = ", ".join(f"{len(texts):,} {word}" for word, texts in sorts.items() if texts)
    lines = [(word, text) for word, texts in sorts.items() for text in texts]
    if len(lines) > _LINES:
        summary += f"; the first {_LINES}"
    commit, _, dirty = event.revision.partition("+")
    revision = Revision(commit, dirty=bool(dirty)).short if commit else ""
    return ReportLine(event, revision, report_level(event), summary, tuple(lines[:_LINES]))


def _consumer(row: Affected, names: Names) -> ConsumerLine:
    through = "" if row.through == row.root else f", through {name_of(row.through, names)}"
    return ConsumerLine(
        root=name_of(row.root, names),
        consumer=f"{name_of(row.consumer, names)}{through}",
        path=row.path,
        on_change=_consequence(row.on_change),
        on_rotation=_consequence(row.on_rotation),
    )


def _consequence(consequence: Consequence | None) -> str:
    if consequence is None:
        return ""
    reason = f": {literal(consequence.reason)}" if consequence.reason else ""
    return f"{consequence.effect.value.replace('-', ' ')}{reason}"


def _findings(run: Run) -> Iterator[FindingBlock]:
    several = len(run.environments) > 1
    for group in together(run.environments):
        where, mark, message = headline(group.finding)
        lines = tuple(details(group, several=several))
        yield FindingBlock(where, mark, group.finding.severity.value, message, lines)
