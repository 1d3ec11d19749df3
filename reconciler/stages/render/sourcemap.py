"""From a position in rendered text to the template line that produced it, and to the values that it is made of."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.model.environment import Environment
from reconciler.model.location import Location, Origin
from reconciler.model.path import FieldPath, at
from reconciler.model.rendering import Rendered, Span, Spelling
from reconciler.text.yaml import NodePosition, Position

_MAX_VALUES = 8  # more locations do not help to find the cause


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of a template.

    Attributes:
        text: the expression itself, `{{ ... }}`.
        before: the rendered text on the same line before its output.
        plain: whether its output is a string without quoting.
    """

    text: str
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
        """The spans that overlap a piece of text; for an empty piece, the span at `start`."""
        spans = self.rendered.spans
        for index in range(bisect.bisect_right(self._ends, start), len(spans)):
            yield spans[index]
            if spans[index].end >= end:
                return

    def origin(self, place: NodePosition) -> Origin:
        """The origin of a field: the template line of its key, and the values that its own value is made of."""
        values = self._value_locations(place)
        position = place.best
        if place.scalar and not values and self._is_from_expression(place.value):
            position = (
                place.value
            )  # most likely a macro called with literals: its key is in the macro
        return Origin(self.template_location(position), values)

    def origin_at(self, position: Position) -> Origin:
        """The origin of any piece of the text, which need not be a field."""
        reads = self._reads(position.start, max(position.end, position.start + 1))
        return Origin(self.template_location(position), self._locations(reads))

    def template_location(self, position: Position) -> Location:
        """The location in the template; exact if the text is in the template literally."""
        span = next(self.spans(position.start, position.start + 1), None)
        if span is None:
            return self._end()
        if span.spelling is not Spelling.TEXT or not span.column:
            where = Location(span.template, span.line, span.column)
            return replace(where, length=self._expression_length(where))
        length = min(position.length, span.end - position.start)
        return Location(span.template, span.line, span.column + position.start - span.start, length)

    def expression_at(self, offset: int) -> Expression | None:
        """The expression whose output contains an offset; None for literal text of the template."""
        spans, index = self.rendered.spans, bisect.bisect_right(self._ends, offset)
        if index == len(spans) or spans[index].spelling is Spelling.TEXT:
            return None
        span = spans[index]
        where = Location(span.template, span.line, span.column)
        while index and _source(spans[index - 1]) == _source(span):
            index -= 1
        start, column = spans[index].start, max(span.column - 1, 0)
        text = self._environment.line(where)[column:][: self._expression_length(where) or None]
        before = self.rendered.text[self.rendered.text.rfind("\n", 0, start) + 1 : start]
        return Expression(text, before, span.spelling is Spelling.PLAIN)

    def _is_from_expression(self, position: Position) -> bool:
        """Whether an expression produced at least a part of the text."""
        return any(
            s.spelling is not Spelling.TEXT for s in self.spans(position.start, position.end)
        )

    def _end(self) -> Location:
        """The location of the end of the text."""
        if not self.rendered.spans:
            return Location(self.rendered.template, 1)
        last = self.rendered.spans[-1]
        return Location(last.template, last.line)

    def _expression_length(self, where: Location) -> int:
        """The length of the `{{ ... }}` at a location, 0 if it ends on another line."""
        line = self._environment.line(where)
        end = line.find("}}", where.column)
        return end + 2 - (where.column - 1) if where.column and end >= 0 else 0

    def _value_locations(self, place: NodePosition) -> tuple[Location, ...]:
        reads = self._reads(place.value.start, place.value.end)
        if place.scalar:
            return self._locations(reads)
        first = next(self.spans(place.value.start, place.value.start + 1), None)
        if not reads or first is None or first.spelling is Spelling.TEXT:
            return ()  # the template itself has the structure; each field has its own values
        common = _common(reads)
        while common and not isinstance(at(self._body, common), dict | list):
            common = common[:-1]  # the location of a single field is not that of the block
        return self._locations((common,))

    def _reads(self, start: int, end: int) -> tuple[FieldPath, ...]:
        return tuple(dict.fromkeys(path for span in self.spans(start, end) for path in span.reads))

    def _locations(self, reads: Iterable[FieldPath]) -> tuple[Location, ...]:
        """Where values were set; for a value that no layer sets, the location of its nearest parent."""
        locations: dict[Location, None] = {}
        for path in reads:
            known = next(
                (path[:end] for end in range(len(path), 0, -1) if path[:end] in self._values), None
            )
            if known is not None:
                locations[self._values[known]] = None
        return tuple(locations)[:_MAX_VALUES]


def _source(span: Span) -> tuple[str, int, int, bool]:
    return span.template, span.line, span.column, span.spelling is Spelling.TEXT


def _common(paths: tuple[FieldPath, ...]) -> FieldPath:
    """The longest common prefix of the paths."""
    first = paths[0]
    length = len(first)
    for path in paths[1:]:
        length = min(length, len(path))
        while path[:length] != first[:length]:
            length -= 1
    return first[:length]
