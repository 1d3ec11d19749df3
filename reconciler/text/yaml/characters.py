"""Checks the characters of a text before it is parsed, for forbidden and for misleading ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from reconciler.model.finding import Severity
from reconciler.text.yaml import limits
from reconciler.text.yaml.position import Position, YamlFinding

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]|(?<!^)\ufeff")
_BEGIN = r"^[ ]*+(?:-[ ]++)*+"  # of a line; possessive, so that a long line takes linear time
_SPACE = re.compile(
    rf"{_BEGIN}(?:[^\s:#]++:)?+-?+[ ]*+([\xa0\u2000-\u200a\u202f\u205f\u3000])", re.MULTILINE
)
_QUOTES = re.compile(
    rf"{_BEGIN}[^\s:#]++:[ ]++([\u2018\u201a\u201c\u201e][^\n\u2019\u201c\u201d]*+[\u2019\u201c\u201d])[ \r]*$",
    re.MULTILINE,
)
_CONFLICT_MARKS = tuple(re.compile(rf"^{mark}{{7}}(?: .*)?$", re.MULTILINE) for mark in "<=>")


def forbidden_character(text: str) -> YamlFinding | None:
    """A finding on the first character that YAML does not allow."""
    match = _FORBIDDEN.search(text)
    if match is None:
        return None
    message = f"the character U+{ord(match[0]):04X} is not allowed in YAML"
    position = _position(text, match.start())
    return YamlFinding("T002", message, position, "remove it, or write it as an escape")


def merge_conflict(text: str) -> YamlFinding | None:
    """A finding on the first merge conflict that git left in the text."""
    starts: list[int] = []
    for mark in _CONFLICT_MARKS:
        match = mark.search(text, starts[-1] if starts else 0)
        if match is None:
            return None
        starts.append(match.start())
    position = _position(text, starts[0], 7)
    return YamlFinding(
        "T001", "a merge conflict begins here", position, "keep one of the two sides"
    )


def misleading(text: str) -> Iterator[YamlFinding]:
    """Warnings about invisible characters, and about spaces and quotes that YAML reads as text."""
    for match in islice(_INVISIBLE.finditer(text), limits.MAX_FINDINGS):
        message = f"this is the invisible character U+{ord(match[0]):04X}"
        position = _position(text, match.start())
        yield YamlFinding(
            "T010", message, position, "remove it, or write it as an escape", Severity.WARNING
        )
    for match in islice(_SPACE.finditer(text), limits.MAX_FINDINGS):
        message = f"YAML reads the space U+{ord(match[1]):04X} as text"
        position = _position(text, match.start(1))
        yield YamlFinding(
            "T012", message, position, "write a plain space, or quote the text", Severity.WARNING
        )
    for match in islice(_QUOTES.finditer(text), limits.MAX_FINDINGS):
        message = "YAML reads typographic quotes as text: they are part of this value"
        position = _position(text, match.start(1), len(match[1]))
        yield YamlFinding(
            "T012", message, position, "write plain quotes, or none", Severity.WARNING
        )


def _position(text: str, offset: int, length: int = 1) -> Position:
    line_start = text.rfind("\n", 0, offset) + 1
    line = text.count("\n", 0, offset) + 1
    return Position(line, offset - line_start + 1, length, offset, offset + length)
