"""Pieces into one text and its spans, as the child sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reconciler.adapters.jinja.woven import TEXT, Path, Piece, Place


def spans(pieces: Iterable[Piece]) -> dict[str, Any]:
    """Text, tables and spans; neighbours of one origin are one span."""
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
            template, line, column = piece.place
            reads = [paths.setdefault(path, len(paths)) for path in piece.reads]
            rows.append(
                [
                    end,
                    templates.setdefault(template, len(templates)),
                    line,
                    column,
                    piece.spelling,
                    reads,
                ]
            )
        previous = piece
    return {
        "text": "".join(texts),
        "templates": list(templates),
        "paths": [list(path) for path in paths],
        "spans": rows,
    }


def _lines(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Literal text line by line, so that each span begins at an exact column."""
    for piece in pieces:
        if piece.spelling != TEXT or not piece.place.line:
            yield piece
            continue
        template, line, column = piece.place
        lines = piece.text.split("\n")
        for count, text in enumerate(lines):
            last = count == len(lines) - 1
            at = Place(template, line + count, column if not count else 1)
            if text or not last:
                yield Piece(text if last else text + "\n", at, TEXT)


def _continues(previous: Piece, piece: Piece) -> bool:
    if previous.spelling != piece.spelling or previous.reads != piece.reads:
        return False
    if piece.spelling != TEXT or not piece.place.line:
        return previous.place == piece.place
    template, line, column = previous.place
    return bool(column) and piece.place == Place(template, line, column + len(previous.text))
