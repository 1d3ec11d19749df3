"""`ports.Redactor`: knows every secret value of this process, in the encodings in which it could appear.

It searches for each value, and for each of its lines: verbatim; stripped; as JSON, HTML, a URL or a Python literal
writes it; in hex; in base64 and base64url at all three alignments (inside a longer encoded text).

Values shorter than 8 bytes are not registered, because they would redact ordinary words; no field with such a value is
ever printed. The boundary lines of PEM are public and stay readable.
"""

from __future__ import annotations

import base64
import html
import json
import threading
import urllib.parse
from collections.abc import Iterator

SHORTEST = 8  # bytes of a value, and characters of a needle
MARK = "(redacted)"


class SecretRedactor:
    """Thread-safe. A search costs one lookup per character of the text, however many values are registered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Strings to search for, by their first 8 characters; the longest first.
        self._needles: dict[str, tuple[str, ...]] = {}

    def register(self, value: bytes) -> None:
        """Remember a value; one below 8 bytes is ignored."""
        needles = {
            needle
            for part in _parts(value)
            for needle in _encodings(part)
            if len(needle) >= SHORTEST
        }
        with self._lock:
            for needle in needles:
                head = needle[:SHORTEST]
                known = self._needles.get(head, ())
                if needle not in known:
                    # A new tuple, because another thread may be reading the old one.
                    self._needles[head] = tuple(sorted((*known, needle), key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text with every registered value replaced by `(redacted)`."""
        pieces: list[str] = []
        position = 0
        for start, end in self._spans(text):
            pieces += [text[position:start], MARK]
            position = end
        return "".join([*pieces, text[position:]])

    def leaks(self, text: str) -> bool:
        """Whether the text contains a registered value."""
        return next(self._matches(text), None) is not None

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The spans of all values, in order; overlapping ones are one span, so that no tail of a value remains."""
        start = end = -1
        for begin, finish in self._matches(text):
            if begin >= end:
                if end >= 0:
                    yield start, end
                start = begin
            end = max(end, finish)
        if end >= 0:
            yield start, end

    def _matches(self, text: str) -> Iterator[tuple[int, int]]:
        needles = self._needles
        if not needles:
            return
        for position in range(len(text) - SHORTEST + 1):
            candidates = needles.get(text[position : position + SHORTEST])
            for needle in candidates or ():
                if text.startswith(needle, position):
                    yield position, position + len(needle)
                    break


def _parts(value: bytes) -> set[bytes]:
    lines = [
        line
        for line in value.splitlines()
        if not line.strip().startswith((b"-----BEGIN ", b"-----END "))
    ]
    parts = {value, *lines}
    parts |= {part.strip() for part in parts}
    return {part for part in parts if len(part) >= SHORTEST}


def _encodings(part: bytes) -> Iterator[str]:
    # Programs decode a value that is not UTF-8 in any of these ways.
    for text in {
        part.decode(errors=how) for how in ("replace", "backslashreplace", "surrogateescape")
    }:
        yield from (text, html.escape(text), repr(text)[1:-1])
        yield from (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield from (part.decode("latin-1"), repr(part)[2:-1])
    yield from (part.hex(), part.hex().upper())
    for quoted in (urllib.parse.quote(part, safe=""), urllib.parse.quote_plus(part)):
        yield from (quoted, _lower_escapes(quoted))
    yield from _aligned_base64(part)


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
