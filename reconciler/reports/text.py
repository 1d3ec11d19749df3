"""Text for people, on a terminal or in a log. The verdict comes last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.finding import Severity
from reconciler.model.run import Run
from reconciler.model.verbs import Flow
from reconciler.report import ReportFormat, Style
from reconciler.reports._commands import command_line
from reconciler.reports._entries import Entry, FieldLine, Level
from reconciler.reports._exit import exit_line
from reconciler.reports._findings import FindingGroup, details, headline, together
from reconciler.reports._overview import HEADS, overview
from reconciler.reports._verdict import View, view
from reconciler.reports._words import clean, count, plain, short
from reconciler.text.printable import no_commands

_WIDTH: Final = 100  # columns; a longer field is written on several lines
_IN_FULL: Final = 3  # new objects shown with their fields; with more of them, only their names

_PALETTE: Final = {
    "bad": "1;31",
    "look": "1;33",
    "change": "1;36",
    "quiet": "2",
    "good": "1;32",
    "+": "32",
    "-": "31",
    "~": "33",
    "=": "2",
}
_LEVELS: Final = {
    Level.BAD: "bad",
    Level.LOOK: "look",
    Level.CHANGE: "change",
    Level.QUIET: "quiet",
}
_SEVERITIES: Final = {Severity.ERROR: "bad", Severity.WARNING: "look", Severity.NOTICE: "change"}


@dataclass(frozen=True, slots=True)
class _Pen:
    """Adds colours if the output supports them; no information depends on them."""

    color: bool

    def __call__(self, ink: str, text: str) -> str:
        return f"\x1b[{_PALETTE[ink]}m{text}\x1b[0m" if self.color and text else text


def render(run: Run, style: Style) -> str:
    pen = _Pen(style.color)
    views = [view(run, environment, style) for environment in run.environments]
    lines = list(_overview(run, views, pen)) if run.verb.flow is not Flow.CHECK else []
    for finding in _shown(run, style):
        lines += [*_finding(finding, pen, several=len(run.environments) > 1), ""]
    for shown in views:
        lines += _blocks(shown.settings, style, pen) if run.verb.flow is Flow.CHECK else ()
        if run.verb.flow is not Flow.CHECK:
            lines += _environment(shown, style, pen)
        else:
            lines += _blocks([e for e in shown.entries if e.level is Level.BAD], style, pen)
        lines += _summary(run, shown, style, pen)
    if run.exit_code or any(environment.forecast for environment in run.environments):
        lines.append(pen("bad", plain(exit_line(run))))
    return no_commands("\n".join(lines)) + "\n"


def _overview(run: Run, views: list[View], pen: _Pen) -> Iterator[str]:
    """A table of several environments, and a blank line."""
    rows = overview(run, views)
    width = max((len(clean(shown.name)) for shown, *_ in rows), default=0)
    name, code, result = HEADS
    width = max(width, len(name))
    if rows:
        yield f"{name.upper():<{width}}  {code.upper()}  {result.upper()}"
    for shown, number, verdict in rows:
        ink = _LEVELS[shown.level] if shown.level else "good"
        yield f"{clean(shown.name):<{width}}  {number:<{len(code)}}  {pen(ink, plain(verdict))}"
    if rows:
        yield ""


def _shown(run: Run, style: Style) -> Iterator[FindingGroup]:
    """Every finding in a check or with -v; otherwise only errors, and the others are counted."""
    for finding in together(run.environments):
        error = finding.finding.severity is Severity.ERROR
        if error or style.verbose or run.verb.flow is Flow.CHECK:
            yield finding


def _finding(finding: FindingGroup, pen: _Pen, *, several: bool) -> Iterator[str]:
    where, mark, message = headline(finding.finding)
    yield f"{where}: {pen(_SEVERITIES[finding.finding.severity], mark)} {message}"
    yield from details(finding, several=several)


def _environment(shown: View, style: Style, pen: _Pen) -> Iterator[str]:
    yield "  ".join([pen("change", clean(shown.name)), *map(plain, shown.facts)])
    yield ""
    yield from _blocks(shown.settings, style, pen)
    yield from _blocks(shown.entries, style, pen)


def _blocks(entries: tuple[Entry, ...] | list[Entry], style: Style, pen: _Pen) -> Iterator[str]:
    entries = [entry for entry in entries if style.verbose or entry.level is not Level.QUIET]
    new = sum(entry.label in ("NEW", "CREATED") for entry in entries)
    for entry in entries:
        brief = not style.verbose and new > _IN_FULL and entry.label in ("NEW", "CREATED")
        yield from _entry(entry, pen, brief=brief)
        if not brief:
            yield ""
    if not style.verbose and new > _IN_FULL:
        yield from ("  -v shows their fields", "")


def _entry(entry: Entry, pen: _Pen, *, brief: bool) -> Iterator[str]:
    title = f"{pen(_LEVELS[entry.level], f'{entry.label:<11}')} {plain(entry.subject)}"
    if brief:
        yield f"{title}  ({count(len(entry.fields), 'field')})"
        return
    yield f"{title}   {plain(entry.time)}".rstrip()
    for field in entry.fields:
        yield from _field(field, pen)
    for sentence in (*entry.essential, *entry.sentences):
        yield f"  {plain(sentence)}"
    for quoted in entry.quoted:
        yield f"  {short(quoted, 2000)}"
    for verb, sentence in entry.actions:
        yield f"  {pen('good', f'{verb:<8}')} {plain(sentence)}"


def _field(field: FieldLine, pen: _Pen) -> Iterator[str]:
    named = zip(field.names, (field.before, field.after), strict=True)
    sides = [f"{name}{short(side)}" for name, side in named if side is not None]
    values = " -> ".join(sides if field.sign == "~" else sides[:1])
    head = f"{field.sign} {clean(field.path)}"
    where = f"   {clean(field.where)}" if field.where else ""
    if len(head) + len(values) + len(where) + 4 <= _WIDTH:
        yield f"  {pen(field.sign, head)}  {values}{pen('quiet', where)}"
    else:
        yield f"  {pen(field.sign, head)}{pen('quiet', where)}"
        yield from (f"      {arrow}{side}" for arrow, side in zip(("", "-> "), sides, strict=False))
    if field.note:
        yield f"    {plain(field.note)}"


def _summary(run: Run, shown: View, style: Style, pen: _Pen) -> Iterator[str]:
    yield from (f"warning: {plain(warning)}" for warning in shown.warnings)
    yield from (f"not checked: {plain(note)}" for note in shown.notes)
    ink = _LEVELS[shown.level] if shown.level else "good"
    tally = "; ".join(map(plain, shown.tally))
    if run.verb.flow is Flow.CHECK:
        verdict = pen(ink, f"{clean(shown.name)}: {plain(shown.verdict)}")
        yield f"{verdict} in {tally}" if tally else verdict
    else:
        yield pen(ink, f"{clean(shown.name)}: {plain(shown.verdict)}")
        if tally:
            yield f"  {tally}"
    if shown.minor and run.verb.flow is not Flow.CHECK and not style.verbose:
        yield f"  {shown.minor}: {plain(command_line(style, 'validate', shown.name))}"
    if shown.following:
        yield f"  next: {plain(shown.following)}"
    if run.verb.flow is not Flow.CHECK and len(run.environments) > 1:
        yield ""


FORMAT = ReportFormat("text", render, relative=True)
