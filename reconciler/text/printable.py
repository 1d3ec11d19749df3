"""Text that a terminal or the log of a CI job shows and does not act on."""

from __future__ import annotations

import re
from typing import Final

_UNPRINTABLE: Final = re.compile(r"[^\n\x20-\x7e]")
_COLOR: Final = re.compile(r"\x1b\[[0-9;]{0,16}m")


def escaped(text: str) -> str:
    """The text on one line, with control, bidi and invisible characters as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def no_commands(text: str) -> str:
    """The text without lines that a CI runner would execute as commands.

    GitHub's acts on `::name::` at the start of a line (after blanks, too), and on `##[name]` anywhere.
    """
    if "::" in text:
        text = "\n".join(map(_inert, text.split("\n")))
    return text.replace("##[", "#\\u0023[")


def _inert(line: str) -> str:
    return line.replace(":", "\\u003a", 1) if line.lstrip().startswith("::") else line


def printable(text: str, *, color: bool = False, commands: bool = False) -> str:
    """A text of several lines that does nothing but to be read.

    With `color`, it keeps its colours; with `commands`, its commands for a CI runner.
    """
    if commands:
        return _visible(text)
    if not color:
        return no_commands(_visible(text))
    pieces: list[str] = []
    position = 0
    for code in _COLOR.finditer(text):
        pieces += [_visible(text[position : code.start()]), code[0]]
        position = code.end()
    return no_commands("".join([*pieces, _visible(text[position:])]))


def _visible(text: str) -> str:
    return _UNPRINTABLE.sub(lambda c: c[0] if c[0].isprintable() else _escape(c[0]), text)


def _escape(character: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    code = ord(character)
    return short or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")  # noqa: PLR2004 -- the BMP
