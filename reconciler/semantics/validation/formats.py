"""Patterns and formats of strings, as the server's Go code reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from reconciler.semantics.validation.cel import found

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
_SHORT = 256  # characters
_REPEATED = re.compile(r"\)[*+{]")
# Of ASCII in Go, of Unicode in the other engine: by the escape, and whether it stands in a class. `$` differs in
# Python alone: it is also the place before a last line break.
_CLASSES = {
    (r"\d", False): "[0-9]",
    (r"\d", True): "0-9",
    (r"\w", False): "[0-9A-Za-z_]",
    (r"\w", True): "0-9A-Za-z_",
    (r"\s", False): r"[\t\n\f\r ]",
    (r"\s", True): r"\t\n\f\r ",
    (r"\D", False): "[^0-9]",
    (r"\W", False): "[^0-9A-Za-z_]",
    (r"\S", False): r"[^\t\n\f\r ]",
    (r"\b", False): r"(?-u:\b)",
}
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


@dataclass(frozen=True, slots=True)
class Regex:
    """A Go regular expression, which takes linear time in Go and must not take more here.

    Python's own engine is quick, and backtracks: it gets patterns without a repeated group, and short texts. The
    rest goes to the engine of CEL, which is linear and compiles a pattern for each look.
    """

    quick: re.Pattern[str]
    linear: str  # the pattern as that engine writes it
    repeats_groups: bool

    def search(self, text: str) -> bool | None:
        """Whether it is found anywhere in a text; None where nobody can tell."""
        if self.repeats_groups or len(text) > _SHORT:
            return found(self.linear, text)
        return self.quick.search(text) is not None


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Regex | None:
    """A Go regular expression for Python; None for one that cannot be carried over."""
    if _FOREIGN.search(pattern):
        return None
    parts = list(_parts(pattern))
    strict = "".join(r"\Z" if part == "$" and not inside else part for part, inside in parts)
    ascii_ = "".join(_CLASSES.get((part, inside), part) for part, inside in parts)
    try:
        return Regex(re.compile(strict, re.ASCII), ascii_, bool(_REPEATED.search(pattern)))
    except re.error:
        return None


def _parts(pattern: str) -> Iterator[tuple[str, bool]]:
    """Characters and escapes of a pattern, and whether each stands in a class."""
    inside = False
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        yield part, inside
        inside = part != "]" if inside else part == "["
