"""What to write instead of a value that a schema does not allow, as far as the schema itself tells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.model.document import Json
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation import patterns
from reconciler.semantics.validation.openapi import Check, Place
from reconciler.semantics.values import go_number

_NUMBERS = ("integer", "number")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_THOUSANDS = re.compile(r"(\d{1,9})[kK]")
_DURATION = re.compile(r"(\d{1,6})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_QUOTED = re.compile(r'"([^"\s]{1,40})"')
_RANGE = re.compile(r"\((-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)\)")
_SHAPES = ("0.5", "NAME", "/path/to/file", "name", "en")
_SHOWN = 4  # fields of a block


def for_type(schema: Schema, value: Json, name: str = "") -> str:
    """Of a value whose type is another one; `name` is that of the field."""
    if value is None:
        return _for_null(schema)
    match schema.type:
        case "object":
            return f"write {shape(schema)}"
        case "array":
            return "write a list: [...]"
        case "boolean":
            return "write true or false, without quotes"
        case "integer" | "number":
            return _for_number(schema, value, name)
    return _for_text(schema, value)


def for_pattern(schema: Schema) -> str:
    """Of a text that does not match: an example that does, of the description if it has one."""
    examples = (*_QUOTED.findall(schema.description), *_SHAPES)
    example = next((text for text in examples if patterns.search(schema.pattern, text)), "")
    between = _RANGE.search(schema.description)
    within = f", from {between[1]} to {between[2]}" if between else ""
    return f'write it like "{example}"{within}' if example else ""


def for_limits(schema: Schema) -> str:
    """Of a number, a text or a list that is too small or too large."""
    if schema.type in _NUMBERS:
        return f"write {_noun(schema)}{_within(schema.minimum, schema.maximum)}"
    lengths = {
        "string": ("characters", schema.min_length, schema.max_length),
        "array": ("items", schema.min_items, schema.max_items),
        "object": ("fields", schema.min_properties, schema.max_properties),
    }
    unit, low, high = lengths.get(schema.type, ("", None, None))
    if (low, high) == (1, None):
        return "do not leave it empty"
    within = _within(low, high)
    return f"write a number of {unit}{within}" if within else ""


def for_missing(schema: Schema | None, name: str) -> str:
    """Of a field that has to be there."""
    if schema is None:
        return ""
    if schema.enum:
        return f"add {name}: {' or '.join(str(item) for item in schema.enum)}"
    if schema.type == "object":
        return f"add {name}: {shape(schema)}"
    return f"add {name}: [...]" if schema.type == "array" else f"add {name}: ..."


def shape(schema: Schema) -> str:
    """`{name: ..., key: ...}`: a block with what it needs, else with what it may hold."""
    names = schema.required or tuple(schema.properties)[:_SHOWN]
    return "{" + ", ".join(f"{name}: ..." for name in names) + "}" if names else "a block: {...}"


def _for_null(schema: Schema) -> str:
    if schema.type == "object":
        return (
            f"indent what belongs to it: {shape(schema)}"
            if schema.required
            else "indent what belongs to it, write {} for an empty block, or leave the line out"
        )
    return "write a value, or leave the line out"


def _for_number(schema: Schema, value: Json, name: str) -> str:
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text) and _fits(schema, _number(text)):
            return "write the number without quotes"
        meant = _meant(text, name)
        if meant and _fits(schema, meant):
            return f"write {meant}"
    return f"write {_noun(schema)}, such as {_example(schema, name)}"


def _meant(text: str, name: str) -> int:
    """200k, and 1m in a field of seconds; 0 where nothing is obvious."""
    if found := _THOUSANDS.fullmatch(text):
        return int(found[1]) * 1000
    found = _DURATION.fullmatch(text) if name.endswith("Seconds") else None
    return int(found[1]) * _SECONDS[found[2]] if found else 0


def _example(schema: Schema, name: str) -> str:
    wanted: float = 60 if name.endswith("Seconds") else 4096 if schema.type == "integer" else 0.5
    if schema.has_default:
        wanted = schema.default
    if schema.maximum is not None:
        wanted = min(wanted, schema.maximum)
    if schema.minimum is not None:
        wanted = max(wanted, schema.minimum)
    return go_number(float(wanted))


def _for_text(schema: Schema, value: Json) -> str:
    """In quotes, unless the quoted value would be refused next."""
    if isinstance(value, (dict, list)):
        return "write one text"
    if next(iter(Check().violations(schema, as_text(value), Place())), None) is None:
        return "put the value in quotes"
    return for_pattern(schema) if schema.pattern else "write a text"


def as_text(value: Json) -> str:
    """A scalar as it stands between quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return go_number(float(value)) if isinstance(value, float) else str(value)


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def _fits(schema: Schema, value: float) -> bool:
    return not Check().violations(schema, value, Place())


def _noun(schema: Schema) -> str:
    return "a whole number" if schema.type == "integer" else "a number"


def _within(low: float | None, high: float | None) -> str:
    bounds: Iterator[str] = (go_number(float(bound)) for bound in (low, high) if bound is not None)
    if low is not None and high is not None:
        return " from " + " to ".join(bounds)
    if low is None and high is None:
        return ""
    return f" of at {'least' if high is None else 'most'} {next(bounds)}"
