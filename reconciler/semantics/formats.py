"""Patterns and formats of strings, as the server's Go code reads them."""

from __future__ import annotations

import re
from functools import lru_cache

# Formats that it checks and this engine does not.
_UNKNOWN = frozenset(
    {
        *("bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac"),
        *("uuid", "uuid3", "uuid4", "uuid5", "isbn", "isbn10", "isbn13", "creditcard", "ssn"),
        *("hexcolor", "rgbcolor", "byte", "date", "duration", "k8sshortname", "k8slongname"),
    }
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))\Z")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# Go's syntax that Python does not share, or reads in another way.
_FOREIGN = re.compile(r"\\[pPzQEC]|\[\[:|\(\?[a-zA-Z-]+[:)]|\(\?<|\(\?P<|\\x\{")


def checks(name: str) -> bool | None:
    """Whether the server checks a format; None where it does and this engine cannot."""
    plain = name.replace("-", "")
    if plain in _UNKNOWN:
        return None
    return plain == "datetime"


def is_date_time(text: str) -> bool:
    """A date and a time as the server's own reader splits them."""
    parts = text.lower().split("t")
    if len(parts) < 2 or not _is_date(parts[0]):  # noqa: PLR2004 -- a date and a time
        return False
    found = _TIME.match(parts[1])
    return found is not None and found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    year, month, day = (int(part) for part in text.split("-"))
    if not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month - 1]:  # noqa: PLR2004 -- the calendar
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return month != 2 or day <= 28 or leap  # noqa: PLR2004 -- the calendar


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """A Go regular expression for Python; None for one that cannot be carried over."""
    if _FOREIGN.search(pattern):
        return None
    try:
        return re.compile(_with_strict_end(pattern), re.ASCII)
    except re.error:
        return None


def _with_strict_end(pattern: str) -> str:
    """`$` means the end of the text in Go, and also the place before a last newline in Python."""
    out, in_class, index = "", False, 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\" and index + 1 < len(pattern):
            out += pattern[index : index + 2]
            index += 2
            continue
        if in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "$":
            char = r"\Z"
        out += char
        index += 1
    return out
