"""Sentences that mark which part of them is data.

`literal` marks every piece of data in a sentence. A format then decides how data looks: `plain` prints it
unchanged, Markdown puts it into a code span. Data is escaped when it is marked, so that no terminal, log viewer or
parser interprets what a file, a cluster or another user wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from reconciler.model.difference import Writer
from reconciler.report import Style
from reconciler.text.printable import escaped

_OPEN, _CLOSE = "\x02", "\x03"  # around data, which contains neither after `clean`
_SPAN: Final = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_KIND: Final = re.compile(r"[A-Z][A-Za-z]{0,62}")
_PHRASE: Final = re.compile(r"([0-9]{1,6} )?[a-z]{1,30}([ -][a-z]{1,30}){0,9}")

LONGEST_DATA: Final = 1000  # characters of data in a sentence
LONGEST_VALUE: Final = 400  # characters of one value; the JSON report has all of it
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def clean(text: str) -> str:
    """The text on one line, with control, bidi and invisible characters as escapes."""
    return escaped(text)


def literal(text: object) -> str:
    """A text marked as data in a sentence."""
    return f"{_OPEN}{short(str(text), LONGEST_DATA)}{_CLOSE}"


def word(kind: str) -> str:
    """The name of a kind as a word of the sentence; marked as data if it is not such a name."""
    return kind if _KIND.fullmatch(kind) else literal(kind)


def phrase(reason: str) -> str:
    """A few plain words as a part of the sentence, `1 failed`, `missing-secret`; anything else is marked as data."""
    return reason if _PHRASE.fullmatch(reason) else literal(reason)


def plain(sentence: str) -> str:
    return sentence.replace(_OPEN, "").replace(_CLOSE, "")


def with_literals(sentence: str, show: Callable[[str], str]) -> str:
    """The sentence with each part of data replaced by the result of `show`."""
    return _SPAN.sub(lambda span: show(span[1]), sentence)


def short(text: str, limit: int = LONGEST_VALUE) -> str:
    """The text, or its beginning and its length."""
    text = clean(text)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"


def fitted(text: str, room: int) -> str:
    """The text, or as much of it as fits: for a picture, beside which the whole text stands."""
    text = clean(text)
    return text if len(text) <= room else f"{text[: room - 1]}\N{HORIZONTAL ELLIPSIS}"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 object`, `2 objects`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = list(parts) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def when(time: str, style: Style) -> str:
    """A time for people: `2 h ago`, or `2026-07-24 02:14 UTC` without the current time."""
    moment = _moment(time)
    if moment is None:
        return literal(time) if time else ""
    now = _moment(style.now)
    if now is None or now < moment:
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    passed = int((now - moment).total_seconds())
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if passed >= unit:
            return f"{passed // unit} {name} ago"
    return "just now"


def written_by(writer: Writer | None, style: Style) -> str:
    """`by kubectl-edit (Update), 2 h ago`."""
    if writer is None:
        return "by someone unknown"
    time = f", {when(writer.time, style)}" if writer.time else ""
    return f"by {literal(writer)}{time}"


def since(time: str, style: Style) -> str:
    """`since 2026-07-24 02:14 UTC`, or `6 h ago`; "" for no time."""
    moment = when(time, style)
    return moment if not moment or moment.endswith(("ago", "just now")) else f"since {moment}"


def _moment(time: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(time)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # not a time, or in UTC outside of the years 1 to 9999
        return None
