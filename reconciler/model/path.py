"""Paths to fields of a JSON document."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from reconciler.model.document import Json

FieldPath: TypeAlias = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_-]*")


@lru_cache(4096)
def show(path: FieldPath) -> str:
    """`spec.headers[X-Title]`, `spec.capabilities[0]`: as reports write a path.

    A key with other characters than those of a name is in brackets, so that a dot in it does not separate two keys.
    """
    text = ""
    for step in path:
        if isinstance(step, int) or not _PLAIN.fullmatch(step):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def starts_with(path: FieldPath, prefix: FieldPath) -> bool:
    """Whether a field is the one at `prefix`, or below it."""
    return path[: len(prefix)] == prefix


def at(value: Json, path: FieldPath) -> Json:
    """The value at a path; None if it does not exist."""
    for step in path:
        if not _has(value, step):
            return None
        value = value[step]
    return value


def present(value: Json, path: FieldPath) -> bool:
    """Whether a path exists; its value may be null."""
    for step in path:
        if not _has(value, step):
            return False
        value = value[step]
    return True


def _has(value: Json, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and 0 <= step < len(value)
    return isinstance(value, dict) and step in value
