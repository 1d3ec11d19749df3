"""From a place in rendered text to the template line and the values that made it."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.model.environment import Environment
from reconciler.model.location import Location, Origin
from reconciler.model.path import FieldPath, at
from reconciler.ports import Rendered, Span, Spelling
from reconciler.text.yaml import NodePosition, Position

_VALUES = 8  # more places than that tell nobody where to look


@dataclass(frozen=True, slots=True)
class Written:
    """What an expression wrote: its own text, what stands before its output on the line, whether it is as it was."""

    expression: str
    before: str
    plain: bool


class SourceMap:
    """The origins of one rendered text."""

    def __init__(self, rendered: Rendered, environment: Environment) -> None:
        self.rendered = rendered
        self._environment = environment
        self._values = dict(environment.value_origins)
        self._body = environment.values.body()
        self._ends = [span.end for span in rendered.spans]

    def spans(self, start: int, end: int) -> Iterator[Span]:
        """The spans that overlap a piece of text; that at `start` for an empty one."""
        spans = self.rendered.spans
        for index in range(bisect.bisect_right(self._ends, start), len(spans)):
            yield spans[index]
            if spans[index].end >= end:
                return

    def origin(self, place: NodePosition) -> Origin:
        """Of a field: the template line of its key, and the values that its value was made of."""
        values = self._made_of(place)
        best = place.best
        if place.scalar and not values and self._is_written(place.value):
            best = (
                place.value
            )  # by a call with literal arguments, most likely: the key is in the macro
        return Origin(self.template(best), values)

    def at(self, position: Position) -> Origin:
        """Of any place in the text, for what is no field."""
        reads = self._reads(position.start, max(position.end, position.start + 1))
        return Origin(self.template(position), self._places(reads))

    def template(self, position: Position) -> Location:
        """The place in the template; exact where the text stands there as it is."""
        span = next(self.spans(position.start, position.start + 1), None)
        if span is None:
            return self._behind()
        if span.spelling is not Spelling.TEXT or not span.column:
            where = Location(span.template, span.line, span.column)
            return Location(where.path, where.line, where.column, self._expression(where))
        length = min(position.length, span.end - position.start)
        return Location(span.template, span.line, span.column + position.start - span.start, length)

    def written(self, offset: int) -> Written | None:
        """The expression that wrote the text at an offset, None for the template's own."""
        spans, index = self.rendered.spans, bisect.bisect_right(self._ends, offset)
        if index == len(spans) or spans[index].spelling is Spelling.TEXT:
            return None
        here = spans[index]
        place = Location(here.template, here.line, here.column)
        while index and _place(spans[index - 1]) == _place(here):
            index -= 1
        start, column = spans[index].start, max(here.column - 1, 0)
        text = self._environment.line(place)[column:][: self._expression(place) or None]
        before = self.rendered.text[self.rendered.text.rfind("\n", 0, start) + 1 : start]
        return Written(text, before, here.spelling is Spelling.PLAIN)

    def _is_written(self, position: Position) -> bool:
        """Whether an expression wrote it, not the template's own text."""
        return any(
            s.spelling is not Spelling.TEXT for s in self.spans(position.start, position.end)
        )

    def _behind(self) -> Location:
        """Where a text ends."""
        if not self.rendered.spans:
            return Location(self.rendered.template, 1)
        last = self.rendered.spans[-1]
        return Location(last.template, last.line)

    def _expression(self, where: Location) -> int:
        """The length of the `{{ ... }}` at a place, 0 when it ends on another line."""
        line = self._environment.line(where)
        end = line.find("}}", where.column)
        return end + 2 - (where.column - 1) if where.column and end >= 0 else 0

    def _made_of(self, place: NodePosition) -> tuple[Location, ...]:
        reads = self._reads(place.value.start, place.value.end)
        if place.scalar:
            return self._places(reads)
        first = next(self.spans(place.value.start, place.value.start + 1), None)
        if not reads or first is None or first.spelling is Spelling.TEXT:
            return ()  # the structure is the template's own; its fields know their values
        common = _common(reads)
        while common and not isinstance(at(self._body, common), dict | list):
            common = common[:-1]  # one field of it: its own line is not that of the whole
        return self._places((common,))

    def _reads(self, start: int, end: int) -> tuple[FieldPath, ...]:
        return tuple(dict.fromkeys(path for span in self.spans(start, end) for path in span.reads))

    def _places(self, reads: Iterable[FieldPath]) -> tuple[Location, ...]:
        """Where values were set; for one that no layer holds, what is around it."""
        found: dict[Location, None] = {}
        for path in reads:
            known = next(
                (path[:end] for end in range(len(path), 0, -1) if path[:end] in self._values), None
            )
            if known is not None:
                found[self._values[known]] = None
        return tuple(found)[:_VALUES]


def _place(span: Span) -> tuple[str, int, int, bool]:
    return span.template, span.line, span.column, span.spelling is Spelling.TEXT


def _common(paths: tuple[FieldPath, ...]) -> FieldPath:
    """What all paths begin with."""
    first = paths[0]
    length = len(first)
    for path in paths[1:]:
        length = min(length, len(path))
        while path[:length] != first[:length]:
            length -= 1
    return first[:length]
