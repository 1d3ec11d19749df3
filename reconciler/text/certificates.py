"""When certificates in PEM expire. Reads only the validity (RFC 5280, 4.1.2.5), and checks no signature."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

_BLOCK: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_TIMES: Final = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}  # UTCTime, GeneralizedTime
_CENTURY: Final = 2050  # a UTCTime is before it
_LONG: Final = 0x80  # a length of this and more says how many bytes the length has
_LONGEST: Final = 4  # bytes of a length


def first_expiry(value: bytes) -> str:
    """The earliest end of validity of all certificates in a value, RFC 3339; "" if it contains none."""
    return min(_expiries(value), default="")


def _expiries(value: bytes) -> Iterator[str]:
    for block in _BLOCK.findall(value):
        try:
            yield _not_after(base64.b64decode(block)).strftime("%Y-%m-%dT%H:%M:%SZ")
        except (ValueError, IndexError, binascii.Error):
            continue


def _not_after(der: bytes) -> datetime:
    _, certificate, _ = _element(der, 0, _SEQUENCE)
    _, at, _ = _element(der, certificate, _SEQUENCE)
    if der[at] == _VERSION:
        _, _, at = _element(der, at)
    for _ in ("serial number", "signature algorithm", "issuer"):
        _, _, at = _element(der, at)
    _, not_before, _ = _element(der, at, _SEQUENCE)
    _, _, not_after = _element(der, not_before)
    tag, start, end = _element(der, not_after)
    moment = datetime.strptime(der[start:end].decode("ascii"), _TIMES.get(tag, "")).replace(
        tzinfo=UTC
    )
    two_digits = len(der[start:end]) == len("YYMMDDHHMMSSZ")
    return (
        moment.replace(year=moment.year - 100) if two_digits and moment.year >= _CENTURY else moment
    )


def _element(der: bytes, at: int, expected: int | None = None) -> tuple[int, int, int]:
    """The tag of the element at an offset, and where its content starts and ends.

    Raises:
        ValueError: it is another element, or longer than the text.
    """
    tag, length, start = der[at], der[at + 1], at + 2
    if length >= _LONG:
        size = length - _LONG
        if not 1 <= size <= _LONGEST:
            raise ValueError("a length of another form")
        length, start = int.from_bytes(der[start : start + size], "big"), start + size
    if start + length > len(der) or expected not in (None, tag):
        raise ValueError("no such element")
    return tag, start, start + length
