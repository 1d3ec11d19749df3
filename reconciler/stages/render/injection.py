"""A value can never add a key: what an expression writes as it is must stay inside of one scalar, unchanged.

Checked on the result, not guessed from the value: the parsed text says where each scalar begins and ends, the spans
say which characters a value brought. `{{ name }}` is fine for `gpt-4o`; for `a: b`, `x # y`, `{a: 1}` or two lines it
is not, and `{{ name | tojson }}` is the way to write it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, at
from reconciler.ports import Span, Spelling
from reconciler.stages.render.findings import AS_JSON, Findings
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.yaml import NodePosition, Position, Stream

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


def check_injection(stream: Stream, sources: SourceMap, findings: Findings) -> None:
    """Report values that broke out of their field, and texts that became something else."""
    plain = [span for span in sources.rendered.spans if span.spelling is Spelling.PLAIN]
    if not plain:
        return
    scalars = sorted(_scalars(stream), key=lambda scalar: scalar.start)
    starts = [scalar.start for scalar in scalars]
    broken = sorted(fault.position.start for fault in stream.errors)
    for span in plain:
        text = sources.rendered.text[span.start : span.end]
        start = span.start + len(text) - len(text.lstrip())
        end = span.end - (len(text) - len(text.rstrip()))
        index = bisect.bisect_right(starts, start) - 1
        scalar = scalars[index] if index >= 0 else None
        inside = scalar is not None and _encloses(scalar, start, end, sources)
        if scalar is not None and inside and _kept(text.strip(), scalar):
            _check_type(scalar, sources, findings)
        elif (
            start < end
            and not _in_comment(sources, span, text)
            and not _in_broken(sources, span, stream, broken)
        ):
            path = scalar.path if scalar is not None and inside else ()
            message = "this value does not stay inside of its field"
            findings.add("J010", message, sources.at(_position(span)), hint=AS_JSON, path=path)


def _scalars(stream: Stream) -> Iterator[_Scalar]:
    for document in stream.documents:
        for path, place in document.positions.items():
            if place.key is not None:
                # A key of a merged or aliased mapping stands elsewhere; manifests have none.
                yield _Scalar(
                    place.key.start, place.key.end, path[-1], False, False, path, place.key
                )
            if place.scalar:
                value = at(document.value, path)
                yield _of(place, value, path)


def _of(place: NodePosition, value: Json, path: FieldPath) -> _Scalar:
    where = place.value
    return _Scalar(where.start, where.end, value, place.block, place.plain, path, where)


def _encloses(scalar: _Scalar, start: int, end: int, sources: SourceMap) -> bool:
    if start < scalar.start or end > scalar.end:
        return False
    # The first line of a block scalar is its `|` or `>`, not its text.
    return not scalar.block or "\n" in sources.rendered.text[scalar.start : start]


def _kept(text: str, scalar: _Scalar) -> bool:
    """Whether a scalar holds the text as it was: not folded, not unescaped."""
    return scalar.block or not isinstance(scalar.value, str) or text in scalar.value


def _check_type(scalar: _Scalar, sources: SourceMap, findings: Findings) -> None:
    if not scalar.plain or isinstance(scalar.value, str):
        return
    kind = {type(None): "null", bool: "a boolean"}.get(type(scalar.value), "a number")
    findings.add(
        "J011",
        f"a text of the values becomes {kind} here",
        sources.at(scalar.position),
        hint=f"{AS_JSON} to keep it a text, or remove its quotes in the values",
        path=scalar.path,
        severity=Severity.WARNING,
    )


def _in_comment(sources: SourceMap, span: Span, text: str) -> bool:
    line = sources.rendered.text[sources.rendered.text.rfind("\n", 0, span.start) + 1 : span.start]
    return len(text.splitlines()) == 1 and bool(_COMMENT.search(line))


def _in_broken(sources: SourceMap, span: Span, stream: Stream, broken: list[int]) -> bool:
    """In a document that is reported as broken already: its scalars are not known."""
    if not broken:
        return False
    text = sources.rendered.text
    before = text.rfind("\n---", 0, span.start)
    after = text.find("\n---", span.start)
    index = bisect.bisect_left(broken, max(before, 0))
    return (
        index < len(broken)
        and (after < 0 or broken[index] <= after + 4)
        and not _whole(stream, span)
    )


def _whole(stream: Stream, span: Span) -> bool:
    return any(d.position.start <= span.start < d.position.end for d in stream.documents)


def _position(span: Span) -> Position:
    return Position(0, 0, 0, span.start, span.end)
