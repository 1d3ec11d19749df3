"""`ports.Redactor`: every secret value of this process, in the encodings it could appear in.

Each value, and each of its lines, is looked for as it is, stripped, as JSON, HTML, a URL or a Python literal
would write it, in hex, and in base64 and base64url at all three alignments (inside a longer encoded text).

Values shorter than 8 bytes are not registered: they would blot out ordinary words. No field that holds one is ever
printed. The boundary lines of PEM are public and stay readable.
"""

from __future__ import annotations

import base64
import html
import json
import threading
import urllib.parse
from collections.abc import Iterator

SHORTEST = 8  # bytes of a value, and characters of what is looked for
MARK = "(redacted)"


class SecretRedactor:
    """Thread-safe. Cost of a look: one set lookup per character of the text, however many values there are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # What is looked for, by its first 8 characters; the longest of them first.
        self._needles: dict[str, tuple[str, ...]] = {}

    def register(self, value: bytes) -> None:
        """Remember a value. One below 8 bytes is ignored (see the module's docstring)."""
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
                    # A new tuple each time: who is reading keeps the one it has.
                    self._needles[head] = tuple(sorted((*known, needle), key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text with every registered value replaced by `(redacted)`."""
        pieces: list[str] = []
        done = 0
        for start, end in self._spans(text):
            pieces += [text[done:start], MARK]
            done = end
        return "".join([*pieces, text[done:]])

    def leaks(self, text: str) -> bool:
        """Whether a registered value stands in the text."""
        return next(self._matches(text), None) is not None

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where values stand, in order, those that overlap as one: no tail of a second value is left over."""
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
    # A value that is no UTF-8 is met as any of these, depending on who decoded it.
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
    """The characters that the value alone decides, for each place it can have in a longer text."""
    for before in range(3):
        first = -(-before * 8 // 6)
        last = (before + len(part)) * 8 // 6
        padded = bytes(before) + part
        yield base64.b64encode(padded).decode()[first:last]
        yield base64.urlsafe_b64encode(padded).decode()[first:last]
