"""A value must not add a key: the plain output of an expression must be one unchanged part of a single scalar.

The check compares the parsed text, which shows where each scalar begins and ends, with the spans, which show which
characters came from a value. `{{ name }}` works for `gpt-4o`, but not for `a: b`, `x # y`, `{a: 1}` or two lines; write
`{{ name | tojson }}` for these. What went through a filter must be where it can be: see `containment`.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from reconciler.frozen import dataclass
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, at
from reconciler.model.rendering import Span, Spelling
from reconciler.stages.render.containment import Output, Parts, quoted_outputs
from reconciler.stages.render.findings import AS_JSON, RenderFindings, containing_hint
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.yaml import NodePosition, Position, Stream

BREAKS_OUT = "this value breaks out of its field"
_COMMENT = re.compile(r"(?:^|\s)#[^\n]*\Z")


@dataclass(frozen=True, slots=True)
class _Scalar:
    start: int
    end: int
    value: Json
    block: bool
    plain: bool
    path: FieldPath
    position: Position


def check_injection(stream: Stream, sources: SourceMap, findings: RenderFindings) -> None:
    """Report values that break out of their field, and strings that become values of another type.

    Nothing is reported on a text that exceeds a limit and was not read to its end.
    """
    spans = (span for span in sources.rendered.spans if span.start < stream.end)
    plain = [span for span in spans if span.spelling is Spelling.PLAIN]
    quoted = [each for each in quoted_outputs(sources.rendered) if each.start < stream.end]
    if plain or quoted:
        scalars = _Scalars(stream, sources)
        _check_quoted(quoted, scalars, findings)
        _check_plain(plain, scalars, findings)


def _check_quoted(quoted: list[Output], scalars: _Scalars, findings: RenderFindings) -> None:
    stream, sources = scalars.stream, scalars.sources
    parts = Parts(stream, sources.rendered.text)
    for output in quoted:
        if (
            scalars.around(output.start, output.end) is None
            and not parts.contain(output)
            and not _is_in_invalid_document(sources, output.span, stream, scalars.errors)
        ):
            origin = sources.origin_at(Position(0, 0, 0, output.start, output.end))
            findings.add("J010", BREAKS_OUT, origin, hint=containing_hint(sources, output.start))


def _check_plain(plain: list[Span], scalars: _Scalars, findings: RenderFindings) -> None:
    sources = scalars.sources
    for span in plain:
        text = sources.rendered.text[span.start : span.end]
        start = span.start + len(text) - len(text.lstrip())
        end = span.end - (len(text) - len(text.rstrip()))
        scalar = scalars.around(start, end)
        if scalar is not None and _is_unchanged(text.strip(), scalar):
            _check_type(scalar, sources, findings)
        elif (
            start < end
            and not _is_in_comment(sources, span, text)
            and not _is_in_invalid_document(sources, span, scalars.stream, scalars.errors)
        ):
            path = scalar.path if scalar is not None else ()
            origin = sources.origin_at(_position(span))
            findings.add("J010", BREAKS_OUT, origin, hint=AS_JSON, path=path)


class _Scalars:
    """The scalars of a text in the order in which they begin, and where its errors are."""

    def __init__(self, stream: Stream, sources: SourceMap) -> None:
        self.stream, self.sources = stream, sources
        self.errors = sorted(finding.position.start for finding in stream.errors)
        self._scalars = sorted(_scalars(stream), key=lambda scalar: scalar.start)
        self._starts = [scalar.start for scalar in self._scalars]

    def around(self, start: int, end: int) -> _Scalar | None:
        """The scalar whose text contains a piece of the text."""
        index = bisect.bisect_right(self._starts, start) - 1
        inside = index >= 0 and _encloses(self._scalars[index], start, end, self.sources)
        return self._scalars[index] if inside else None


def _scalars(stream: Stream) -> Iterator[_Scalar]:
    for document in stream.documents:
        for path, place in document.positions.items():
            if place.key is not None:
                yield _Scalar(
                    place.key.start, place.key.end, path[-1], False, False, path, place.key
                )
            if place.scalar:
                yield _value_scalar(place, at(document.value, path), path)


def _value_scalar(place: NodePosition, value: Json, path: FieldPath) -> _Scalar:
    position = place.value
    start, end = position.start, position.end
    return _Scalar(start, end, value, place.block, place.plain, path, position)


def _encloses(scalar: _Scalar, start: int, end: int, sources: SourceMap) -> bool:
    if start < scalar.start or end > scalar.end:
        return False
    # The first line of a block scalar has its `|` or `>`, and none of its text.
    return not scalar.block or "\n" in sources.rendered.text[scalar.start : start]


def _is_unchanged(text: str, scalar: _Scalar) -> bool:
    """Whether a scalar contains the text as it was written: neither folded nor unescaped."""
    return scalar.block or not isinstance(scalar.value, str) or text in scalar.value


def _check_type(scalar: _Scalar, sources: SourceMap, findings: RenderFindings) -> None:
    if not scalar.plain or isinstance(scalar.value, str):
        return
    kind = {type(None): "null", bool: "a boolean"}.get(type(scalar.value), "a number")
    findings.add(
        "J011",
        f"a string value becomes {kind} here",
        sources.origin_at(scalar.position),
        hint=f"{AS_JSON} to keep it a string, or remove its quotes in the values",
        path=scalar.path,
        severity=Severity.WARNING,
    )


def _is_in_comment(sources: SourceMap, span: Span, text: str) -> bool:
    line = sources.rendered.text[sources.rendered.text.rfind("\n", 0, span.start) + 1 : span.start]
    return len(text.splitlines()) == 1 and bool(_COMMENT.search(line))


def _is_in_invalid_document(
    sources: SourceMap, span: Span, stream: Stream, errors: list[int]
) -> bool:
    """Whether a span is in a document that has a syntax error, so that its scalars are unknown."""
    if not errors:
        return False
    text = sources.rendered.text
    before = text.rfind("\n---", 0, span.start)
    after = text.find("\n---", span.start)
    index = bisect.bisect_left(errors, max(before, 0))
    return (
        index < len(errors)
        and (after < 0 or errors[index] <= after + 4)
        and not _is_in_valid_document(stream, span)
    )


def _is_in_valid_document(stream: Stream, span: Span) -> bool:
    return any(d.position.start <= span.start < d.position.end for d in stream.documents)


def _position(span: Span) -> Position:
    return Position(0, 0, 0, span.start, span.end)
