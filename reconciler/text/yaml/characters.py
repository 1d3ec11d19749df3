"""Characters that do not belong into a file, and those that are not what they look like: found before any parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from reconciler.model.finding import Severity
from reconciler.text.yaml import limits
from reconciler.text.yaml.position import Position, YamlFinding

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]|(?<!^)\ufeff")
_BEGIN = r"^[ ]*+(?:-[ ]++)*+"  # of a line; nothing in it is tried twice, however long the line is
_SPACE = re.compile(
    rf"{_BEGIN}(?:[^\s:#]++:)?+-?+[ ]*+([\xa0\u2000-\u200a\u202f\u205f\u3000])", re.MULTILINE
)
_QUOTES = re.compile(
    rf"{_BEGIN}[^\s:#]++:[ ]++([\u2018\u201a\u201c\u201e][^\n\u2019\u201c\u201d]*+[\u2019\u201c\u201d])[ \r]*$",
    re.MULTILINE,
)
_SIDES = tuple(re.compile(rf"^{mark}{{7}}(?: .*)?$", re.MULTILINE) for mark in "<=>")


def forbidden(text: str) -> YamlFinding | None:
    """The first character that YAML does not know."""
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    message = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
    at = _position(text, found.start())
    return YamlFinding("T002", message, at, "remove it, or write it as an escape")


def conflict(text: str) -> YamlFinding | None:
    """Where git left a choice between two sides."""
    places: list[int] = []
    for mark in _SIDES:
        found = mark.search(text, places[-1] if places else 0)
        if found is None:
            return None
        places.append(found.start())
    at = _position(text, places[0], 7)
    return YamlFinding("T001", "a merge conflict begins here", at, "keep one of the two sides")


def odd(text: str) -> Iterator[YamlFinding]:
    """What a reader takes for something else than YAML does."""
    for found in islice(_INVISIBLE.finditer(text), limits.MAX_FAULTS):
        message = f"the invisible character U+{ord(found[0]):04X} stands here"
        at = _position(text, found.start())
        yield YamlFinding(
            "T010", message, at, "remove it, or write it as an escape", Severity.WARNING
        )
    for found in islice(_SPACE.finditer(text), limits.MAX_FAULTS):
        message = f"the space U+{ord(found[1]):04X} is text for YAML"
        at = _position(text, found.start(1))
        yield YamlFinding(
            "T012", message, at, "write a plain space, or quote the text", Severity.WARNING
        )
    for found in islice(_QUOTES.finditer(text), limits.MAX_FAULTS):
        message = "typographic quotes are text for YAML: they are a part of this value"
        at = _position(text, found.start(1), len(found[1]))
        yield YamlFinding("T012", message, at, "write plain quotes, or none", Severity.WARNING)


def _position(text: str, offset: int, length: int = 1) -> Position:
    line_start = text.rfind("\n", 0, offset) + 1
    line = text.count("\n", 0, offset) + 1
    return Position(line, offset - line_start + 1, length, offset, offset + length)
