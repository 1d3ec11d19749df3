"""Turns the pieces of a template into one text and its spans, in the form of the child's message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from reconciler.adapters.jinja.pieces import TEXT, Path, Piece
from reconciler.model.location import Location

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def spans(pieces: Iterable[Piece]) -> dict[str, Any]:
    """Text, tables and spans; adjacent pieces with the same origin are one span."""
    texts: list[str] = []
    templates: dict[str, int] = {}
    paths: dict[Path, int] = {}
    rows: list[list[Any]] = []
    end = 0
    previous: Piece | None = None
    for piece in _lines(pieces):
        texts.append(piece.text)
        end += len(piece.text)
        if previous is not None and _continues(previous, piece):
            rows[-1][0] = end
        else:
            location = piece.location
            template = templates.setdefault(location.path, len(templates))
            reads = [paths.setdefault(path, len(paths)) for path in piece.reads]
            rows.append([end, template, location.line, location.column, piece.spelling, reads])
        previous = piece
    return {
        "text": "".join(texts),
        "templates": list(templates),
        "paths": [list(path) for path in paths],
        "spans": rows,
    }


def _lines(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Splits literal text into lines, so that each span begins at an exact column."""
    for piece in pieces:
        location = piece.location
        if piece.spelling != TEXT or not location.line:
            yield piece
            continue
        for count, text in enumerate(_LINE.findall(piece.text)):
            column = 1 if count else location.column
            yield Piece(text, Location(location.path, location.line + count, column), TEXT)


def _continues(previous: Piece, piece: Piece) -> bool:
    if previous.spelling != piece.spelling or previous.reads != piece.reads:
        return False
    before, location = previous.location, piece.location
    if piece.spelling != TEXT or not location.line:
        return before == location
    column = before.column + len(previous.text)
    return bool(before.column) and location == Location(before.path, before.line, column)
