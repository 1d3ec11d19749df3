"""Desired states near another one: what git may say next, each one change away."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.values import copied

_PARTS = ("spec", "metadata")
_FIXED = ("name", "namespace")


def neighbours(body: JsonObject) -> Iterator[JsonObject]:
    """The body with each value below its spec, labels and annotations changed in every way of `_changed`."""
    for part in _PARTS:
        if isinstance(body.get(part), dict):
            for changed in _inside(body[part], fixed=_FIXED if part == "metadata" else ()):
                yield copied(body | {part: changed})


def _inside(value: Json, fixed: tuple[str, ...] = ()) -> Iterator[Json]:
    """A mapping or a list with one change anywhere inside it."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key not in fixed:
                yield {other: value[other] for other in value if other != key}
                yield from (value | {key: changed} for changed in _changed(child))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            for changed in _changed(child):
                yield [*value[:index], changed, *value[index + 1 :]]


def _changed(value: Json) -> Iterator[Json]:
    """Another value, of the same type or not; a mapping or a list with more, less, or nothing in it."""
    yield None
    match value:
        case dict():
            yield from ({}, [], "a", value | {"a": "b"})
        case list():
            yield from ([], {}, "a", value[:-1], value[::-1], value + value[-1:])
        case bool():
            yield from (not value, int(value), str(value).lower())
        case str():
            yield from ("", value + "x", 1, [value])
        case int() | float():
            yield from (value + 2, float(value), str(value), value == 1)
    yield from _inside(value)
