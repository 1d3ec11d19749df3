"""Rendered text that remembers where each piece of it comes from, through macros, blocks and includes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Self, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

TEXT, PLAIN, QUOTED = "text", "plain", "quoted"  # as ports.Spelling


class Place(NamedTuple):
    """Of a template: where a piece of text begins, or where the `{{` of an expression stands."""

    template: str
    line: int
    column: int


NOWHERE = Place("", 0, 0)  # of text that a filter made; its expression knows the place


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    place: Place
    spelling: str
    reads: tuple[Path, ...] = ()


class Woven(str):
    """A string of pieces. Any string method gives a plain string again, which has lost them."""

    __slots__ = ("_pieces",)
    _pieces: tuple[Piece, ...]

    def __new__(cls, pieces: Iterable[Piece]) -> Self:
        kept = tuple(piece for piece in pieces if piece.text)
        self = super().__new__(cls, "".join(piece.text for piece in kept))
        self._pieces = kept
        return self

    def __str__(self) -> str:  # str() is what compiled templates call; it must not lose the pieces
        return self


def pieces_of(text: str) -> tuple[Piece, ...]:
    if isinstance(text, Woven):
        return text._pieces  # noqa: SLF001 -- underscored, so that the sandbox hides it from templates
    return (Piece(text, NOWHERE, PLAIN),)


def place(text: Woven, at: Place, reads: tuple[Path, ...]) -> Woven:
    """The text of an expression: where its pieces stand, and what they were made of."""
    return Woven(_placed(piece, at, reads) for piece in pieces_of(text))


def _placed(piece: Piece, at: Place, reads: tuple[Path, ...]) -> Piece:
    if piece.place is NOWHERE:
        return replace(piece, place=at, reads=piece.reads or reads)
    if piece.spelling != TEXT and not piece.reads:
        # Of an expression in a macro that read no value: what it wrote came with the call.
        return replace(piece, place=at)
    return piece


def indent(text: Woven, pad: str, *, first: bool, blank: bool) -> Woven:
    """Every line moved to the right by a pad; the line breaks inside of a piece are its own."""
    out: list[Piece] = []
    fresh = first
    for piece in pieces_of(text):
        for line in piece.text.splitlines(keepends=True):
            if fresh and (blank or line.strip("\r\n")):
                out.append(Piece(pad, piece.place, piece.spelling))
            out.append(replace(piece, text=line))
            fresh = line.endswith(("\n", "\r"))
    return Woven(out)


def trim(text: Woven) -> Woven:
    pieces = list(pieces_of(text))
    while pieces and not pieces[0].text.strip():
        del pieces[0]
    while pieces and not pieces[-1].text.strip():
        del pieces[-1]
    if pieces:
        head = pieces[0].text
        cut = len(head) - len(head.lstrip())
        pieces[0] = replace(pieces[0], text=head[cut:], place=_forward(pieces[0], head[:cut]))
        pieces[-1] = replace(pieces[-1], text=pieces[-1].text.rstrip())
    return Woven(pieces)


def _forward(piece: Piece, passed: str) -> Place:
    """The place behind some text of a piece; an expression stays where it is."""
    template, line, column = piece.place
    if piece.spelling != TEXT or not passed:
        return piece.place
    lines = passed.count("\n")
    if not lines:
        return Place(template, line, column + len(passed) if column else 0)
    return Place(template, line + lines, len(passed) - passed.rfind("\n"))
