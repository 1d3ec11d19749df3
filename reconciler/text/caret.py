"""A source line with carets under the marked text, as compilers print it.

31 |   platform: vertex
   |             ^^^^^^
"""

from __future__ import annotations

import unicodedata

from reconciler.model.location import Location

_GUTTER = 5  # columns for the line number
_TAB = 4
_LEAD = 20  # columns shown before a caret that is far to the right


def excerpt(where: Location, source: str, width: int = 110) -> tuple[str, ...]:
    """The lines to print: none without a source line, one when the column is unknown, otherwise two."""
    if not source or not where.line:
        return ()
    # A line may be very long: look only at the part that can be shown.
    skipped = max(0, where.column - 1 - width)
    window = source[skipped : skipped + 3 * width].rstrip("\r\n")
    cells = [_cell(character) for character in window]
    first = min(max(where.column - 1 - skipped, 0), len(cells))
    start = 0
    if skipped or _width(cells[:first]) > width - _LEAD:
        start = _context_start(cells, first)
    shown, cut = _fit(cells[start:], width)
    text = ("…" if skipped or start else "") + shown + ("…" if cut else "")
    number = f"{where.line:>{_GUTTER}} | {text}".rstrip()
    if not where.column:
        return (number,)
    length = max(1, _width(cells[first : first + max(where.length, 1)]))
    offset = _width(cells[start:first]) + (1 if skipped or start else 0)
    carets = "^" * max(1, min(length, width - offset))
    return (number, f"{'':>{_GUTTER}} | {' ' * offset}{carets}")


def _cell(character: str) -> str:
    """What to print for a character: control characters and those that change the text direction are escaped."""
    if character == "\t":
        return " " * _TAB
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"<U+{ord(character):04X}>"
    return character


def _width(cells: list[str]) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for cell in cells for c in cell)


def _context_start(cells: list[str], first: int) -> int:
    """The first cell to show, so that some text before the caret stays visible."""
    start = first
    while start > 0 and _width(cells[start - 1 : first]) <= _LEAD:
        start -= 1
    return start


def _fit(cells: list[str], width: int) -> tuple[str, bool]:
    used = 0
    for count, cell in enumerate(cells):
        used += _width([cell])
        if used > width:
            return "".join(cells[:count]), True
    return "".join(cells), False
