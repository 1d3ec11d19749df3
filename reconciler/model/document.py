"""JSON as a value: `frozen=True` does not freeze a dict inside, canonical text does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any  # dict[str, Json] | list[Json] | str | int | float | bool | None
JsonObject: TypeAlias = dict[str, Any]


def canonical(value: Json) -> str:
    """The one text of a JSON value: sorted keys, no spaces.

    Raises:
        ValueError: the value holds NaN or an infinity, which JSON does not have.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


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


def dig(value: Json, *path: str) -> Json:
    """The value under a path of keys, None where any step is missing or no mapping."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def dig_map(value: Json, *path: str) -> JsonObject:
    """Like `dig`, for a place where only a mapping makes sense: {} for anything else."""
    mapping = dig(value, *path)
    return mapping if isinstance(mapping, dict) else {}
