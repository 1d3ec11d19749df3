"""Hints for values that a schema does not allow: what to write instead, as far as the schema shows it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from reconciler.model.document import Json
from reconciler.model.path import FieldPath, show
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation import patterns
from reconciler.semantics.validation.openapi import Check, Place
from reconciler.semantics.values import go_number
from reconciler.text.suggest import one_of

_NUMBERS = ("integer", "number")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_THOUSANDS = re.compile(r"(\d{1,9})[kK]")
_DURATION = re.compile(r"(\d{1,6})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_QUOTED = re.compile(r'"([^"\s]{1,40})"')
_RANGE = re.compile(r"\((-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)\)")
_SHAPES = ("0.5", "NAME", "/path/to/file", "name", "en")
_LISTED = 4  # fields of a block in a hint
_PLACES = 3  # fields of one name in a hint
_FIELDS = 15  # names of a block in a hint


def type_hint(schema: Schema, value: Json, name: str = "") -> str:
    """For a value of a wrong type; `name` is that of the field."""
    if value is None:
        return _null_hint(schema)
    match schema.type:
        case "object":
            return f"write {outline(schema)}"
        case "array":
            return "write a list: [...]"
        case "boolean":
            return "write true or false, without quotes"
        case "integer" | "number":
            return _number_hint(schema, value, name)
    return _string_hint(schema, value)


def pattern_hint(schema: Schema) -> str:
    """For a string that does not match the pattern: an example that does, from the description if possible."""
    examples = (*_QUOTED.findall(schema.description), *_SHAPES)
    example = next((text for text in examples if patterns.search(schema.pattern, text)), "")
    limits = _RANGE.search(schema.description)
    between = f", from {limits[1]} to {limits[2]}" if limits else ""
    return f'write it like "{example}"{between}' if example else ""


def limit_hint(schema: Schema) -> str:
    """For a number, a string, a list or a mapping that is too small or too large."""
    if schema.type in _NUMBERS:
        return f"write {_noun(schema)}{_bounds(schema.minimum, schema.maximum)}"
    lengths = {
        "string": ("characters", schema.min_length, schema.max_length),
        "array": ("elements", schema.min_items, schema.max_items),
        "object": ("fields", schema.min_properties, schema.max_properties),
    }
    unit, low, high = lengths.get(schema.type, ("", None, None))
    if (low, high) == (1, None):
        return "do not leave it empty"
    bounds = _bounds(low, high)
    return f"write a number of {unit}{bounds}" if bounds else ""


def missing_hint(schema: Schema | None, name: str) -> str:
    """For a required field that is missing."""
    if schema is None:
        return ""
    if schema.enum:
        return f"add {name}: {' or '.join(map(str, schema.enum))}"
    if schema.type == "object":
        return f"add {name}: {outline(schema)}"
    return f"add {name}: [...]" if schema.type == "array" else f"add {name}: ..."


def unknown_hint(schema: Schema, path: FieldPath, declared: Collection[str]) -> str:
    """For a field that is like none of those beside it: where the schema has one of its name, or what is there."""
    places = () if path[0] == "metadata" else _places_of(str(path[-1]), schema)
    if 0 < len(places) <= _PLACES:
        return f"move it to {' or '.join(places)}, or remove it"
    names = [name for name in declared if (*path[:-1], name) != ("status",)]
    block = show(path[:-1]) or "an object"
    return f"remove it; {block} has the fields {one_of(names, _FIELDS)}" if names else "remove it"


def _places_of(name: str, schema: Schema) -> tuple[str, ...]:
    """The fields of that name in the spec, of those nearest to its top."""
    spec = schema.properties.get("spec")
    fields = field_names(spec, "spec") if spec else ()
    same = [field for field in fields if "*" not in field and field.rpartition(".")[2] == name]
    top = min((field.count(".") for field in same), default=0)
    return tuple(field for field in same if field.count(".") == top)


def field_names(schema: Schema, name: str) -> Iterator[str]:
    """The names of a field and of all below it, as globs: `*` stands for the keys of a mapping."""
    yield name
    for key, below in schema.properties.items():
        yield from field_names(below, f"{name}.{key}")
    if schema.additional is not None:
        yield from field_names(schema.additional, f"{name}.*")
    elif schema.preserve_unknown:
        yield f"{name}.*"


def outline(schema: Schema) -> str:
    """`{name: ..., key: ...}`: a block with its required fields, or else with some of its fields."""
    names = schema.required or tuple(schema.properties)[:_LISTED]
    if (
        "name" in schema.properties and "name" not in names
    ):  # a reference says of what, even if a CRD has a default
        names = ("name", *names)
    return "{" + ", ".join(f"{name}: ..." for name in names) + "}" if names else "a block: {...}"


def _null_hint(schema: Schema) -> str:
    if schema.type == "object":
        return (
            f"indent its fields: {outline(schema)}"
            if schema.required
            else "indent its fields, write {} for an empty mapping, or remove it"
        )
    return "write a value, or remove it"


def _number_hint(schema: Schema, value: Json, name: str) -> str:
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text) and _fits(schema, _number(text)):
            return "write the number without quotes"
        number = _abbreviated(text, name)
        if number and _fits(schema, number):
            return f"write {number}"
    return f"write {_noun(schema)}, such as {_example(schema, name)}"


def _abbreviated(text: str, name: str) -> int:
    """The number that 200k stands for, or 1m in a field of seconds; 0 for any other text."""
    if match := _THOUSANDS.fullmatch(text):
        return int(match[1]) * 1000
    match = _DURATION.fullmatch(text) if name.endswith("Seconds") else None
    return int(match[1]) * _SECONDS[match[2]] if match else 0


def _example(schema: Schema, name: str) -> str:
    example: float = 60 if name.endswith("Seconds") else 4096 if schema.type == "integer" else 0.5
    if isinstance(schema.default, int | float):  # a file of the user may have any other default
        example = schema.default
    if schema.maximum is not None:
        example = min(example, schema.maximum)
    if schema.minimum is not None:
        example = max(example, schema.minimum)
    return go_number(float(example))


def _string_hint(schema: Schema, value: Json) -> str:
    """To quote the value, unless the schema does not allow the quoted value either."""
    if isinstance(value, (dict, list)):
        return "write a single string"
    if next(iter(Check().violations(schema, quoted(value), Place())), None) is None:
        return "put the value in quotes"
    return pattern_hint(schema) if schema.pattern else "write a string"


def quoted(value: Json) -> str:
    """The string that a number or a boolean becomes when it is put in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return go_number(float(value)) if isinstance(value, float) else str(value)


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def _fits(schema: Schema, value: float) -> bool:
    return not Check().violations(schema, value, Place())


def _noun(schema: Schema) -> str:
    return "a whole number" if schema.type == "integer" else "a number"


def _bounds(low: float | None, high: float | None) -> str:
    limits: Iterator[str] = (go_number(float(limit)) for limit in (low, high) if limit is not None)
    if low is not None and high is not None:
        return " from " + " to ".join(limits)
    if low is None and high is None:
        return ""
    return f" of at {'least' if high is None else 'most'} {next(limits)}"
