"""A quoted value must end inside the node in which it begins, wherever the template puts it.

`tojson` and `toyaml` write text that is a value by itself, but not everywhere: `'{{ v | tojson }}'` ends at the first
quote of the value, and `{{ v | toyaml(2) }}` indents a block as its own parent. What an expression
writes must be

- a part of one scalar,
- one node: a scalar, a flow collection, or a block collection that begins there, or
- on lines of its own, entries of the collection that contains these lines.

The neutral value is never rendered: for it, the output of the expression would be one node as well, so any other node
that begins in the output is one that the value added.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from itertools import groupby

from reconciler.frozen import dataclass
from reconciler.model.path import FieldPath
from reconciler.model.rendering import Rendered, Span, Spelling
from reconciler.text.yaml import Stream


@dataclass(frozen=True, slots=True)
class Output:
    """What one expression wrote: it begins at `begin`, and its text is between `start` and `end`, without blanks."""

    begin: int
    start: int
    end: int
    span: Span


@dataclass(frozen=True, slots=True)
class _Part:
    """A key or a value in the text; `path` begins with the number of the document."""

    start: int
    end: int
    path: tuple[str | int, ...]
    is_key: bool
    is_scalar: bool


def quoted_outputs(rendered: Rendered) -> Iterator[Output]:
    """The outputs that went through a filter, or that are numbers; adjacent pieces of one expression are one output."""
    for (spelling, *_), group in groupby(rendered.spans, _expression):
        if spelling is not Spelling.QUOTED:
            continue
        spans = list(group)
        begin, end = spans[0].start, spans[-1].end
        text = rendered.text[begin:end]
        if text.strip():
            start = begin + len(text) - len(text.lstrip())
            yield Output(begin, start, begin + len(text.rstrip()), spans[0])


def _expression(span: Span) -> tuple[Spelling, str, int, int]:
    return span.spelling, span.template, span.line, span.column


class Parts:
    """The keys and values of a text, in the order in which they begin."""

    def __init__(self, stream: Stream, text: str) -> None:
        self._text = text
        order = sorted(_parts(stream), key=lambda p: (p.start, len(p.path), not p.is_key))
        self._parts, self._starts = order, [part.start for part in order]

    def contain(self, output: Output) -> bool:
        """Whether an output is one node, or entries of the collection that contains its lines."""
        first, parts = self._in(output)
        if not parts:
            return (
                self._is_comment(first, output)
                and "\n" not in self._text[output.begin : output.end]
            )
        if self._is_comment(first, output):
            return False
        opening = parts[0]
        is_node = opening.start == output.start and (not opening.is_key or len(parts) == 1)
        if is_node:
            return _are_below(opening.path, parts)
        return self._is_entry(first, opening, output) and _are_below(opening.path[:-1], parts)

    def _in(self, output: Output) -> tuple[int, list[_Part]]:
        """The parts that begin in an output, and how many begin before it."""
        first, last = (bisect.bisect_left(self._starts, at) for at in (output.start, output.end))
        return first, self._parts[first:last]

    def _is_comment(self, first: int, output: Output) -> bool:
        """Whether an output begins in a comment: after the last scalar before it, a `#` is nothing else."""
        before = self._parts[first - 1] if first else None
        if before is None:
            begin = 0
        elif before.is_scalar:
            begin = before.end
            if begin > output.begin:
                return False
        else:
            begin = before.start
        return "#" in self._text[begin : output.begin].rpartition("\n")[2]

    def _is_entry(self, first: int, opening: _Part, output: Output) -> bool:
        """Whether an output begins an entry on a line of its own, and no key or `-` before it waits for a value."""
        line = self._text[self._text.rfind("\n", 0, output.begin) + 1 : output.begin]
        before = self._parts[first - 1] if first else None
        waits = before is not None and before.is_scalar and before.start == before.end
        marks = self._text[output.start : opening.start]
        return not (line.strip() or waits or marks.strip("- \n"))


def _parts(stream: Stream) -> Iterator[_Part]:
    for document in stream.documents:
        for path, place in document.positions.items():
            full = (document.index, *path)
            if place.key is not None:
                yield _Part(place.key.start, place.key.end, full, is_key=True, is_scalar=True)
            value = place.value
            yield _Part(value.start, value.end, full, is_key=False, is_scalar=place.scalar)


def _are_below(path: FieldPath, parts: Iterable[_Part]) -> bool:
    return all(part.path[: len(path)] == path for part in parts)
