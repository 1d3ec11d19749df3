"""Looks for planted secrets in what a run wrote, without the product's own redactor."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Iterable, Iterator

_WINDOW = 10  # characters in a row; plant what is random, or ordinary words are found


def leaks(text: str, planted: Iterable[str]) -> list[str]:
    """Every piece of a planted secret that stands in the text, in any of these encodings."""
    return sorted({piece for secret in planted for piece in _pieces(secret) if piece in text})


def _pieces(secret: str) -> Iterator[str]:
    for form in _forms(secret):
        for at in range(len(form) - _WINDOW + 1):
            yield form[at : at + _WINDOW]


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield from (secret, secret[::-1], html.escape(secret), json.dumps(secret)[1:-1])
    yield from (raw.hex(), raw.hex().upper(), urllib.parse.quote(secret, safe=""))
    for before in range(3):  # base64 inside of a longer text: what the secret alone decides
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        padded = bytes(before) + raw
        yield base64.b64encode(padded).decode()[first:last]
        yield base64.urlsafe_b64encode(padded).decode()[first:last]
