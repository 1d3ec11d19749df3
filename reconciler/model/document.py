"""JSON as an immutable value: a frozen dataclass does not freeze a dict in it, so a `Document` holds canonical text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeAlias

from reconciler.frozen import dataclass

Json: TypeAlias = Any  # dict[str, Json] | list[Json] | str | int | float | bool | None
JsonObject: TypeAlias = dict[str, Any]

_DEEPEST: Final = 100  # levels


def canonical(value: Json) -> str:
    """The canonical text of a JSON value: sorted keys, no spaces.

    Raises:
        ValueError: the value contains NaN or an infinity, which JSON does not have.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def parsed(content: str | bytes) -> Json:
    """The JSON value that others wrote.

    Raises:
        ValueError: it is not JSON, nested too deeply to be read, or holds half of a surrogate pair, which is no text.
    """
    text = content if isinstance(content, str) else content.decode()
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if "\\u" in text:  # the only way to half of a pair
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    """Python reads 1e999 as an infinity, which cannot be written as JSON."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def is_deep(value: Json) -> bool:
    """Whether a value is nested more deeply than any field of an object, so that a walk through it could fail."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
            if isinstance(child, dict | list)
        ]
    return bool(level)


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON object, immutable and hashable; `body()` is a fresh copy each time."""

    text: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Document:
        return cls(canonical(body))

    def body(self) -> JsonObject:
        loaded: JsonObject = json.loads(self.text)
        return loaded


NOTHING: Final = Document("{}")


def dig(value: Json, *path: str) -> Json:
    """The value at a path of keys; None if a key is missing, or a value on the path is not a mapping."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def dig_map(value: Json, *path: str) -> JsonObject:
    """The mapping at a path of keys; {} if there is none."""
    mapping = dig(value, *path)
    return mapping if isinstance(mapping, dict) else {}
