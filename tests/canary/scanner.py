"""Searches what left a process for planted secrets, without the product's own code."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Iterator, Mapping

_WINDOW = 8  # characters of a secret in a row: fewer are found by chance


class Scanner:
    """Knows every piece of every secret in every encoding."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._pieces: dict[str, str] = {}
        self._short: dict[str, str] = {}
        for place, secret in secrets.items():
            if len(secret) < _WINDOW:
                self._short[secret] = place
            for form in _forms(secret):
                for start in range(len(form) - _WINDOW + 1):
                    piece = form[start : start + _WINDOW]
                    if not piece.isdigit():  # digits are found by chance in any time
                        self._pieces[piece] = place

    def leaks(self, content: str | bytes) -> list[str]:
        """The places of the secrets of which the content has a piece, each with what stands there."""
        text = content if isinstance(content, str) else content.decode("latin-1")
        leaked = {place: secret for secret, place in self._short.items() if secret in text}
        for start in range(len(text) - _WINDOW + 1):
            place = self._pieces.get(text[start : start + _WINDOW])
            if place is not None:
                leaked.setdefault(place, text[max(0, start - 60) : start + 40])
        return [f"{place}: {context!r}" for place, context in sorted(leaked.items())]


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield from (secret, html.escape(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1])
    yield from (raw.hex(), raw.hex().upper(), urllib.parse.quote(secret, safe=""))
    yield from (urllib.parse.quote_plus(secret), json.dumps(json.dumps(secret))[1:-1])
    for offset in range(3):  # what the secret alone decides inside of a longer encoded text
        first, last = -(-offset * 8 // 6), (offset + len(raw)) * 8 // 6
        padded = bytes(offset) + raw
        yield base64.b64encode(padded).decode()[first:last]
        yield base64.urlsafe_b64encode(padded).decode()[first:last]
