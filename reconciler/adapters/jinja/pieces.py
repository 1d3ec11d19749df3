"""Rendered text that keeps the origin of each of its pieces, through macros, blocks and includes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Self, TypeAlias

from reconciler.frozen import dataclass
from reconciler.model.location import Location

Path: TypeAlias = tuple[str | int, ...]

TEXT, PLAIN, QUOTED = "text", "plain", "quoted"  # the values of ports.Spelling
NOWHERE = Location("")  # of text that a filter made; its expression has the location


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text.

    Attributes:
        location: in a template, where literal text begins, or the `{{` of an expression.
        reads: paths of the values that the text was made from.
    """

    text: str
    location: Location
    spelling: str
    reads: tuple[Path, ...] = ()


class AnnotatedText(str):
    """A string with its pieces. Every string method returns a plain string, which has none."""

    __slots__ = ("_pieces",)
    _pieces: tuple[Piece, ...]

    def __new__(cls, pieces: Iterable[Piece]) -> Self:
        kept = tuple(piece for piece in pieces if piece.text)
        self = super().__new__(cls, "".join(piece.text for piece in kept))
        self._pieces = kept
        return self

    def __str__(self) -> str:  # compiled templates call str(), which must keep the pieces
        return self


def pieces_of(text: str) -> tuple[Piece, ...]:
    if isinstance(text, AnnotatedText):
        return text._pieces  # noqa: SLF001 -- the underscore hides it from templates
    return (Piece(text, NOWHERE, PLAIN),)


def with_origin(text: AnnotatedText, location: Location, reads: tuple[Path, ...]) -> AnnotatedText:
    """The text of an expression; pieces without an origin get the location and the reads of the expression."""
    return AnnotatedText(_located(piece, location, reads) for piece in pieces_of(text))


def _located(piece: Piece, location: Location, reads: tuple[Path, ...]) -> Piece:
    if piece.location is NOWHERE:
        return replace(piece, location=location, reads=piece.reads or reads)
    if piece.spelling != TEXT and not piece.reads:
        # Written by a macro that read no value: the text comes from an argument of the call.
        return replace(piece, location=location)
    return piece


def indent(text: AnnotatedText, pad: str, *, first: bool, blank: bool) -> AnnotatedText:
    """Indent every line, also lines inside a piece; `first` and `blank` as for Jinja's filter."""
    pieces: list[Piece] = []
    at_line_start = first
    for piece in pieces_of(text):
        for line in piece.text.splitlines(keepends=True):
            if at_line_start and (blank or line.strip("\r\n")):
                pieces.append(Piece(pad, piece.location, piece.spelling))
            pieces.append(replace(piece, text=line))
            at_line_start = line.endswith(("\n", "\r"))
    return AnnotatedText(pieces)


def trim(text: AnnotatedText) -> AnnotatedText:
    pieces = list(pieces_of(text))
    while pieces and not pieces[0].text.strip():
        del pieces[0]
    while pieces and not pieces[-1].text.strip():
        del pieces[-1]
    if pieces:
        head = pieces[0].text
        cut = len(head) - len(head.lstrip())
        location = _location_after(pieces[0], head[:cut])
        pieces[0] = replace(pieces[0], text=head[cut:], location=location)
        pieces[-1] = replace(pieces[-1], text=pieces[-1].text.rstrip())
    return AnnotatedText(pieces)


def _location_after(piece: Piece, prefix: str) -> Location:
    """The location after a prefix of a piece; the location of an expression stays the same."""
    location = piece.location
    if piece.spelling != TEXT or not prefix:
        return location
    lines = prefix.count("\n")
    if not lines:
        column = location.column + len(prefix) if location.column else 0
        return replace(location, column=column)
    column = len(prefix) - prefix.rfind("\n")
    return Location(location.path, location.line + lines, column)
