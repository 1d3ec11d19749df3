"""Formats of strings, as the server's Go code checks them."""

from __future__ import annotations

import re
from datetime import date

# Formats that the server checks and this module does not.
_UNKNOWN = frozenset(
    {
        *("bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac"),
        *("uuid", "uuid3", "uuid4", "uuid5", "isbn", "isbn10", "isbn13", "creditcard", "ssn"),
        *("hexcolor", "rgbcolor", "byte", "date", "duration", "k8sshortname", "k8slongname"),
    }
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))")


def checks(name: str) -> bool | None:
    """Whether the server checks a format; None where it does and this module cannot."""
    plain = name.replace("-", "")
    if plain in _UNKNOWN:
        return None
    return plain == "datetime"


def is_date_time(text: str) -> bool:
    """Whether the server takes a text for `date-time`. Like the server, it ignores what follows a second "t"."""
    day, *rest = text.lower().split("t")
    time = _TIME.fullmatch(rest[0]) if rest and _is_date(day) else None
    return time is not None and time[1] <= "23" and time[2] <= "59" and time[3] <= "59"


def _is_date(text: str) -> bool:
    parts = _DATE.fullmatch(text)
    if parts is None:
        return False
    try:
        date(int(parts[1]) or 4, int(parts[2]), int(parts[3]))  # Go has a year 0, a leap year
    except ValueError:
        return False
    return True
