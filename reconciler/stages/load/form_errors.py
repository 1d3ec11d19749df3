"""The errors of the form of environment.yaml, each at a field of the file.

Where the form allows several types, pydantic reports an error for each of them, and names the type in the location.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from reconciler.model.document import Json
from reconciler.model.path import FieldPath


def errors_of(invalid: ValidationError, value: Json) -> list[Mapping[str, Any]]:
    """The errors by field. Of several types for one field, that of the value counts, or else the first."""
    errors: dict[FieldPath, Mapping[str, Any]] = {}
    alternatives: set[FieldPath] = set()
    for error in invalid.errors(include_url=False, include_input=False):
        field = _field(error, value)
        if len(field) < len(error["loc"]):
            alternatives.add(field)
        errors.setdefault(field, {**error, "loc": field})
    inside = {field[:end] for field in errors for end in range(len(field))}
    return [error for field, error in errors.items() if field not in alternatives & inside]


def _field(error: Mapping[str, Any], value: Json) -> FieldPath:
    """The location without names of types: the steps that lead through the value, and a last one that it lacks."""
    path: list[str | int] = []
    node = value
    steps = error["loc"]
    for index, step in enumerate(steps):
        last = index == len(steps) - 1
        if _has(node, step):
            node = node[step]
        elif not (step == "[key]" or (last and error["type"] == "missing")):
            continue
        path.append(step)
    return tuple(path)


def _has(node: Json, step: str | int) -> bool:
    if isinstance(node, list):
        return isinstance(step, int) and step < len(node)
    return isinstance(node, dict) and step in node
