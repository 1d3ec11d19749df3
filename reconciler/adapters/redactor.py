"""`ports.Redactor`: knows every secret value of this process, in the encodings in which it could appear.

It searches for each value, and for each secret inside it (`text.inner_values`): verbatim; stripped; as JSON, HTML, a
URL or a Python literal writes it; in hex; in base64 and base64url at all three alignments (in a longer encoded text).

A value may be an ordinary word, such as `configured` or the name of a namespace. Such a value, and one of fewer than 8
bytes, is masked in what others wrote and in values of fields, where it could only come from the Secret. In the names
and sentences of the program the word says nothing about the Secret, unless it were masked: so it stays.

The boundary lines of PEM are public and stay readable.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import urllib.parse
from collections.abc import Iterable, Iterator

from reconciler.text.inner_values import inner_values
from reconciler.text.keylike import is_ordinary

SHORTEST = 8  # bytes of a value, and characters of a needle, that is searched for anywhere
MARK = "(redacted)"
_BOUNDARIES = (b"-----BEGIN ", b"-----END ")
# Where a short value can stand: it is quoted, or it is assigned to a name.
_PLACES = re.compile(
    r"(?<=[\"'`])[^\"'`\s\\]{1,7}(?=[\"'`\\])"
    r"|(?<==)[^\s\"',;&]{1,7}(?![^\s\"',;&)\]}])"
    r"|(?<=: )[^\s\"',;]{1,7}(?![^\s\"',;)\]}])"
)

_OF_GO = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})

_Needles = dict[str, tuple[str, ...]]


class SecretRedactor:
    """Thread-safe. A search costs one lookup per character of the text, however many values are registered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Strings to search for, by their first 8 characters; the longest first.
        self._needles: _Needles = {}
        self._words: _Needles = {}  # ordinary words
        self._short: frozenset[str] = frozenset()

    def register(self, value: bytes) -> None:
        """Remember a value and every secret inside it."""
        parts = _parts(value)
        needles = {
            needle
            for part in parts
            if len(part) >= SHORTEST
            for needle in _encodings(part)
            if len(needle) >= SHORTEST
        }
        short = {part for part in parts if len(part) < SHORTEST}
        needles |= {text for part in short if len(text := _base64(part)) >= SHORTEST}
        ordinary = {text for text in map(_text, parts) if is_ordinary(text)}
        with self._lock:
            for needle in needles:
                _add(self._words if needle in ordinary else self._needles, needle)
            self._short |= set(map(_text, short))

    def clean(self, text: str) -> str:
        """A text that others wrote, or a value of a field, with every registered value replaced by `(redacted)`."""
        if text in self._short:
            return MARK
        masked = _without(text, _spans(text, self._needles, self._words))
        return _PLACES.sub(self._mask_short, masked) if self._short else masked

    def clean_name(self, text: str) -> str:
        """A name or a text of the program, in which ordinary words stay."""
        return _without(text, _spans(text, self._needles))

    def leaks(self, text: str) -> bool:
        """Whether the text contains a registered value that is no ordinary word."""
        return next(_matches(text, self._needles), None) is not None

    def _mask_short(self, match: re.Match[str]) -> str:
        return MARK if match[0] in self._short else match[0]


def _add(needles: _Needles, needle: str) -> None:
    head = needle[:SHORTEST]
    known = needles.get(head, ())
    if needle not in known:
        # A new tuple, because another thread may be reading the old one.
        needles[head] = tuple(sorted((*known, needle), key=len, reverse=True))


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += [text[position:start], MARK]
        position = end
    return "".join([*pieces, text[position:]])


def _spans(text: str, *sets: _Needles) -> Iterator[tuple[int, int]]:
    """The spans of all values, in order; overlapping ones are one span, so that no tail of a value remains."""
    start = end = -1
    for begin, finish in _matches(text, *sets):
        if begin >= end:
            if end >= 0:
                yield start, end
            start = begin
        end = max(end, finish)
    if end >= 0:
        yield start, end


def _matches(text: str, *sets: _Needles) -> Iterator[tuple[int, int]]:
    searched = [needles for needles in sets if needles]
    if not searched:
        return
    for position in range(len(text) - SHORTEST + 1):
        head = text[position : position + SHORTEST]
        for needles in searched:
            for needle in needles.get(head, ()):
                if text.startswith(needle, position):
                    yield position, position + len(needle)
                    break


def _parts(value: bytes) -> set[bytes]:
    lines = [line for line in value.splitlines() if not line.strip().startswith(_BOUNDARIES)]
    parts = {value, *lines, *(text.encode() for text in inner_values(value))}
    parts |= {part.strip() for part in parts}
    return {part for part in parts if part and not part.startswith(_BOUNDARIES)} | (
        {value} if len(value) >= SHORTEST else set()
    )


def _text(part: bytes) -> str:
    return part.decode(errors="replace")


def _encodings(part: bytes) -> Iterator[str]:
    import html  # its table of entities takes long to load, and few runs read a secret

    # Programs decode a value that is not UTF-8 in any of these ways.
    for text in {
        part.decode(errors=how) for how in ("replace", "backslashreplace", "surrogateescape")
    }:
        yield from (text, html.escape(text), repr(text)[1:-1])
        yield from _in_json(text)
    yield from (part.decode("latin-1"), repr(part)[2:-1])
    yield from (part.hex(), part.hex().upper())
    for quoted in (urllib.parse.quote(part, safe=""), urllib.parse.quote_plus(part)):
        yield from (quoted, _lower_escapes(quoted))
    yield from _aligned_base64(part)


def _in_json(text: str) -> Iterator[str]:
    """As programs write it in JSON, and in JSON inside a string of JSON. Go escapes `&`, and PHP escapes `/`."""
    for written in {
        json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)
    }:
        for form in {written, written.translate(_OF_GO), written.replace("/", "\\/")}:
            yield form
            if "\\" in form:
                yield form.replace("\\", "\\\\").replace('"', '\\"')


def _lower_escapes(quoted: str) -> str:
    head, *rest = quoted.split("%")
    return "%".join([head, *(piece[:2].lower() + piece[2:] for piece in rest)])


def _aligned_base64(part: bytes) -> Iterator[str]:
    """The characters that depend on the value alone, for each alignment in a longer text."""
    for offset in range(3):
        first = -(-offset * 8 // 6)
        last = (offset + len(part)) * 8 // 6
        padded = bytes(offset) + part
        yield base64.b64encode(padded).decode()[first:last]
        yield base64.urlsafe_b64encode(padded).decode()[first:last]


def _base64(part: bytes) -> str:
    return base64.b64encode(part).decode().rstrip("=")
