"""What happened in an environment by time, as a list and as a picture of it: rotations as bars, the rest as marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.change import Change
from reconciler.model.difference import Why
from reconciler.model.history import Event as Report
from reconciler.model.identity import Names
from reconciler.model.readiness import ReadyState
from reconciler.model.rotation import SecretRow
from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._entries import Level
from reconciler.reports._words import count, fitted, literal, plain, when, written_by

_MOST: Final = 40  # lanes
_LEFT, _WIDTH, _LANE, _TOP = (
    300,
    620,
    28,
    28,
)  # the text before a lane, the axis, the height of a lane, of the axis
_LONGEST: Final = 38  # characters before a lane
_WIDEST_MARK: Final = 6


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the cluster, at a time in RFC 3339."""

    time: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of a lane, or with a width a span."""

    x: int
    level: Level
    width: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the picture: a text and what happened to it, from left to right."""

    y: int
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture: lanes over an axis from `start` to `end`, which are texts.

    Attributes:
        summary: what it shows, for those who do not see it; the list of events below it has all of that in words.
    """

    lanes: tuple[Lane, ...]
    start: str
    end: str
    summary: str
    left: int = _LEFT
    width: int = _LEFT + _WIDTH + _LANE

    @property
    def height(self) -> int:
        return _TOP + _LANE * len(self.lanes)


Span = tuple[str, str, Level]  # two times, which are equal for a moment


def events(environment: EnvironmentRun, names: Names, style: Style) -> tuple[Event, ...]:
    """What others did, and when: changed fields, rotations, objects that stopped working; the oldest first."""
    every = [*_of_changes(environment.changes, names, style)]
    every += dict.fromkeys(each for row in environment.secrets for each in _of_secret(row))
    return tuple(sorted(every, key=lambda event: event.time))


def timeline(environment: EnvironmentRun, finished: str) -> Timeline | None:
    """The picture of the rotations, others' changes and reports of an environment; None without any."""
    lanes = list(_lanes(environment, finished))
    moments = [
        moment
        for _, spans in lanes
        for span in spans
        for moment in map(_moment, span[:2])
        if moment
    ]
    if not moments:
        return None
    first, last = min(moments), max(moments)
    shown = tuple(
        Lane(_TOP + _LANE * number, fitted(text, _LONGEST), tuple(_marks(spans, first, last)))
        for number, (text, spans) in enumerate(lanes[:_MOST])
    )
    more = f", and {len(lanes) - _MOST:,} more" if len(lanes) > _MOST else ""
    summary = (
        f"Time line of {count(len(lanes), 'row')}{more}: the list below has each event in words"
    )
    start, end = (plain(when(each.isoformat(), Style())) for each in (first, last))
    return Timeline(shown, start, end, summary)


def _lanes(environment: EnvironmentRun, finished: str) -> Iterator[tuple[str, list[Span]]]:
    reports = [(each.time, each.time, report_level(each)) for each in environment.history]
    if reports:
        yield "reports", reports
    others = [(time, time, Level.LOOK) for time in _changed_at(environment.changes)]
    if others:
        yield "changes by others", others
    rotations: dict[str, list[Span]] = {}
    for row in environment.secrets:
        if (event := row.event) and event.opened.time:
            end, level = (event.closed.time, Level.QUIET) if event.closed else (finished, Level.BAD)
            span = (event.opened.time, end or event.opened.time, level)
            lane = rotations.setdefault(
                f"{row.reference.namespace}/{row.reference.name} [{row.reading.key}]", []
            )
            if span not in lane:
                lane.append(span)
    yield from rotations.items()


def report_level(report: Report) -> Level:
    """How much attention one of several reports needed when it was new."""
    if report.began:
        return Level.LOOK
    return Level.CHANGE if report.changed else Level.QUIET


def _changed_at(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        for each in change.differences:
            if each.by and each.by.time and each.why is not Why.CHANGE:
                yield each.by.time
        yield from (field.by.time for field in change.foreign if field.by and field.by.time)


def _marks(spans: Iterable[Span], first: datetime, last: datetime) -> Iterator[Mark]:
    extent = (last - first).total_seconds() or 1.0
    for start, end, level in spans:
        moments = _moment(start), _moment(end)
        left, right = (
            _LEFT + round((moment - first).total_seconds() / extent * _WIDTH) if moment else None
            for moment in moments
        )
        if left is not None:
            width = max(right - left, _WIDEST_MARK) if right is not None and start != end else 0
            yield Mark(left, level, width)


def _moment(time: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(time)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _of_changes(changes: Iterable[Change], names: Names, style: Style) -> Iterator[Event]:
    for change in changes:
        name = name_of(change.ref, names)
        for each in change.differences:
            if each.by and each.by.time and each.why is not Why.CHANGE:
                writer = written_by(replace(each.by, time=""), style)
                yield Event(each.by.time, f"{name}: {literal(each.shown_path)} changed {writer}")
        for field in change.foreign:
            if field.by and field.by.time:
                writer = written_by(replace(field.by, time=""), style)
                yield Event(field.by.time, f"{name}: {literal(field.shown_path)} added {writer}")
        ready = change.readiness
        if ready and ready.since and ready.state is ReadyState.NOT_READY:
            yield Event(ready.since, f"{name} is no longer ready")


def _of_secret(row: SecretRow) -> Iterator[Event]:
    reference = row.reference
    name = (
        f"Secret {literal(f'{reference.namespace}/{reference.name}')} [{literal(row.reading.key)}]"
    )
    if row.event and row.event.opened.time:
        yield Event(row.event.opened.time, f"{name} was rotated")
        if row.event.opened.noticed:
            yield Event(row.event.opened.noticed, f"the rotation of {name} was noticed")
    if row.event and row.event.closed:
        reason = f": {literal(row.event.closed.reason)}" if row.event.closed.reason else ""
        yield Event(row.event.closed.time, f"the rotation of {name} was closed{reason}")
    if row.reading.expires:
        yield Event(row.reading.expires, f"the certificate in {name} expires")
