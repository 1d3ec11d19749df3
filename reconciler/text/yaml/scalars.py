"""Plain scalars as kubectl reads them, which is neither YAML 1.1 nor 1.2.

The rules are those of go-yaml followed by Kubernetes' reading of JSON numbers: `y` and `on` are booleans, `0o17` and
`010` are octal, `1_000` is a thousand, `1:30` and `2024-01-01` are strings, and `1e3` and `5.` are integers because
JSON writes them without a fraction.
"""

from __future__ import annotations

import math
import re
from enum import Enum

from reconciler.model.document import Json


class InvalidNumber(Enum):
    """Why Kubernetes cannot store a YAML number as JSON."""

    NOT_A_NUMBER = "NaN and infinities do not exist in JSON"
    TOO_LARGE = "an integer of more than 64 bits loses digits in Kubernetes"


_BOOLEANS = {
    word: truth
    for truth, words in (
        (True, "y Y yes Yes YES true True TRUE on On ON"),
        (False, "n N no No NO false False FALSE off Off OFF"),
    )
    for word in words.split()
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INFINITE = frozenset(
    sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")
) | {".nan", ".NaN", ".NAN"}
_CLEAR_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})

_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES = (16, 2, 8, 10)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DOTTED = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")


def resolve(text: str) -> Json | InvalidNumber:
    """The value of a plain scalar."""
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text in _NULLS:
        return None
    if text in _INFINITE:
        return InvalidNumber.NOT_A_NUMBER
    first = text[0]
    if first == ".":
        return _float(text) if _DOTTED.fullmatch(text) else text
    if first in "+-0123456789":
        return _number(text)
    return text


def is_ambiguous_boolean(text: str) -> bool:
    """Whether kubectl reads a plain word as a boolean, while YAML 1.2 and most authors read it as text."""
    return text in _BOOLEANS and text not in _CLEAR_BOOLEANS


def is_octal(text: str) -> bool:
    """Whether a plain number is octal and its value differs from its digits: `010` is 8."""
    plain = text.replace("_", "")
    match = _INTEGER.fullmatch(plain) if _LEADING_ZERO.fullmatch(text) else None
    return bool(match and match[4] and int(match[4], 8) != int(match[4]))


def _number(text: str) -> Json | InvalidNumber:
    plain = text.replace("_", "")
    match = _INTEGER.fullmatch(plain)
    if match:
        sign, *groups = match.groups()
        digits, base = next((d, b) for d, b in zip(groups, _BASES, strict=True) if d)
        return _integer(text, sign, digits, base)
    return _float(plain, text) if _FLOAT.fullmatch(plain) else text


def _integer(text: str, sign: str, digits: str, base: int) -> Json | InvalidNumber:
    if len(digits) > 64:  # noqa: PLR2004 -- more digits than bits: int() need not try
        return InvalidNumber.TOO_LARGE if base == 10 else text  # noqa: PLR2004 -- decimal
    value = -int(digits, base) if sign == "-" else int(digits, base)
    if -(2**63) <= value < 2**63:
        return value
    # Go reads an unsigned 64-bit integer, or a longer decimal as a float, and rounds both on the way to JSON.
    rounded = base == 10 or (not sign and value < 2**64)  # noqa: PLR2004 -- decimal
    return InvalidNumber.TOO_LARGE if rounded else text


def _float(plain: str, text: str = "") -> Json:
    value = float(plain.replace("_", ""))
    if math.isinf(value):
        return text or plain
    # JSON writes an integral float without a fraction, and Kubernetes reads that back as an integer.
    return int(value) if value.is_integer() and abs(value) < 2**63 else value
