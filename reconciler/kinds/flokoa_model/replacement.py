"""A Model in the other dialect: `settings` since 2026-06-11, `parameters` before, and in Helm charts."""

from __future__ import annotations

from typing import Final

from reconciler.model.document import Json, JsonObject, dig_map
from reconciler.model.path import FieldPath

_HIDDEN: Final = "(unchanged)"  # stands for the sensitive values of headers and bodies
_BODY: Final[JsonObject] = {"extra_body": _HIDDEN}
_NUMBERS = (
    "topK",
    "maxTokens",
    "seed",
    "temperature",
    "topP",
    "presencePenalty",
    "frequencyPenalty",
)
_SAME = frozenset({*_NUMBERS, "parallelToolCalls", "logitBias", "stopSequences"})


def replacement(body: JsonObject, path: FieldPath) -> JsonObject | None:
    """The block in the other dialect; None where one of its fields has no counterpart."""
    spec = dig_map(body, "spec")
    if path == ("spec", "parameters") and "settings" not in spec:
        return _block("settings", [_setting(*pair) for pair in dig_map(spec, "parameters").items()])
    if path == ("spec", "settings") and "parameters" not in spec:
        return _block(
            "parameters", [_parameter(*pair) for pair in dig_map(spec, "settings").items()]
        )
    return None


def _block(name: str, fields: list[JsonObject | None]) -> JsonObject | None:
    block: JsonObject = {}
    for field in fields:
        if field is None:
            return None
        block |= field
    return {name: block}


def _setting(name: str, value: Json) -> JsonObject | None:
    if name in _SAME:
        return {name: value}
    others = {"timeOut": {"timeoutSeconds": value}, "extraHeaders": {name: _HIDDEN}}
    return {**others, "extraBody": {"extra": _BODY}}.get(name)


def _parameter(name: str, value: Json) -> JsonObject | None:
    if name in _SAME:
        return {name: value}
    if name == "extra" and (not isinstance(value, dict) or value.keys() != _BODY.keys()):
        return None
    others = {"timeoutSeconds": {"timeOut": value}, "extraHeaders": {name: _HIDDEN}}
    return {**others, "extra": {"extraBody": _HIDDEN}}.get(name)
