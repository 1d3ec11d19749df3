"""The structural schema of a custom resource as an immutable tree.

Source: the CRD API (x-kubernetes-*), KEP-1150 for defaults. A structural schema has no $ref, and
what stands in allOf, anyOf, oneOf and not only restricts values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.document import Json, dig_map
from reconciler.semantics.schema.keywords import check_shape
from reconciler.semantics.values import copied, with_plain_numbers


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of x-kubernetes-validations."""

    rule: str
    message: str = ""
    message_expression: str = ""
    reason: str = "FieldValueInvalid"
    field_path: str = ""
    optional_old_self: bool = False


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Schema:
    """One node. `type` is "" where the schema names none (int-or-string, preserve-unknown).

    Compare by identity: a schema is read once from its CRD, and what is derived of it is cached on it.
    """

    type: str = ""
    properties: Mapping[str, Schema] = field(default_factory=dict)
    additional: Schema | None = None  # additionalProperties; an empty schema for `true`
    items: Schema | None = None
    required: tuple[str, ...] = ()
    nullable: bool = False
    default_value: Json = None  # never null in a CRD, so None is "none"
    enum: tuple[Json, ...] = ()
    format: str = ""
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_properties: int | None = None
    max_properties: int | None = None
    preserve_unknown: bool = False
    int_or_string: bool = False
    list_type: str = ""  # "" is atomic, as the server reads it
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""  # "" is granular
    rules: tuple[Rule, ...] = ()
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    negated: Schema | None = None  # `not`
    description: str = ""
    has_defaults: bool = False  # here or anywhere below
    has_rules: bool = False  # here or anywhere below
    has_times: bool = False  # strings that CEL takes for times, durations or bytes, here or below

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Schema:
        """The tree of an `openAPIV3Schema` (or any schema below it).

        Raises:
            ValueError: a keyword holds something else than it may.
        """
        return _read(body)

    @property
    def has_default(self) -> bool:
        return self.default_value is not None

    @property
    def default(self) -> Json:
        """A fresh copy of the default; None when there is none."""
        return copied(self.default_value)

    @property
    def atomic(self) -> bool:
        """Whether server-side apply treats a value here as one field."""
        if self.type == "array" or (not self.type and self.list_type):
            return self.list_type in ("", "atomic")
        return self.map_type == "atomic"

    def child(self, key: str) -> Schema | None:
        """The schema of one key of a mapping: a property, else additionalProperties, else None."""
        return self.properties.get(key, self.additional)

    def at(self, *path: str | int) -> Schema | None:
        """The schema under a path; an integer step, or a step of a list, goes into the items."""
        here: Schema | None = self
        for step in path:
            if here is None:
                return None
            here = here.items if isinstance(step, int) or here.type == "array" else here.child(step)
        return here


# What the server's own API knows and this engine does not evaluate.
UNSUPPORTED = (
    "$ref",
    "patternProperties",
    "definitions",
    "dependencies",
    "additionalItems",
    "id",
    "$schema",
)

_TIMES = frozenset({"date", "date-time", "datetime", "duration", "byte"})
_NUMBERS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
    "minProperties": "min_properties",
    "maxProperties": "max_properties",
}
_FLAGS = {
    "nullable": "nullable",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "uniqueItems": "unique_items",
    "x-kubernetes-preserve-unknown-fields": "preserve_unknown",
    "x-kubernetes-int-or-string": "int_or_string",
}
_TEXTS = {
    "type": "type",
    "format": "format",
    "pattern": "pattern",
    "description": "description",
    "x-kubernetes-list-type": "list_type",
    "x-kubernetes-map-type": "map_type",
}


def _read(body: Mapping[str, Any]) -> Schema:
    check_shape(body)
    values: dict[str, Any] = {
        name: body[key] for key, name in _NUMBERS.items() if body.get(key) is not None
    }
    values |= {name: True for key, name in _FLAGS.items() if body.get(key) is True}
    values |= {name: str(body[key]) for key, name in _TEXTS.items() if body.get(key)}
    values |= {
        name: tuple(_read(part) for part in body.get(key) or ()) for key, name in _PARTS.items()
    }
    properties = {str(key): _read(part) for key, part in dig_map(body, "properties").items()}
    additional = body.get("additionalProperties")
    items = body.get("items")
    children = [*properties.values()]
    if isinstance(additional, dict) or additional is True:
        values["additional"] = _read(additional if isinstance(additional, dict) else {})
        children.append(values["additional"])
    if isinstance(items, dict):
        values["items"] = _read(items)
        children.append(values["items"])
    if isinstance(body.get("not"), dict):
        values["negated"] = _read(body["not"])
    rules = tuple(_rule(entry) for entry in body.get("x-kubernetes-validations") or ())
    default = with_plain_numbers(body.get("default"))
    return Schema(
        properties=properties,
        required=tuple(body.get("required") or ()),
        default_value=default,
        enum=tuple(with_plain_numbers(list(body.get("enum") or ()))),
        list_map_keys=tuple(body.get("x-kubernetes-list-map-keys") or ()),
        rules=rules,
        has_defaults=default is not None or any(child.has_defaults for child in children),
        has_rules=bool(rules) or any(child.has_rules for child in (*children, *values["all_of"])),
        has_times=values.get("format") in _TIMES or any(child.has_times for child in children),
        **values,
    )


_PARTS = {"allOf": "all_of", "anyOf": "any_of", "oneOf": "one_of"}


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        rule=str(entry.get("rule") or ""),
        message=str(entry.get("message") or ""),
        message_expression=str(entry.get("messageExpression") or ""),
        reason=str(entry.get("reason") or "FieldValueInvalid"),
        field_path=str(entry.get("fieldPath") or ""),
        optional_old_self=entry.get("optionalOldSelf") is True,
    )


def unsupported_in(body: Mapping[str, Any], where: str = "") -> tuple[str, ...]:
    """What a schema holds that this engine does not evaluate, as sentences; () for a plain one."""
    found = [f"{where or 'the root'} uses {key}" for key in UNSUPPORTED if key in body]
    if body.get("x-kubernetes-embedded-resource") is True:
        found.append(f"{where or 'the root'} embeds a whole resource")
    for key, part in dig_map(body, "properties").items():
        found += unsupported_in(part, f"{where}.{key}")
    for key in ("items", "additionalProperties", "not"):
        if isinstance(body.get(key), dict):
            found += unsupported_in(body[key], f"{where}[]" if key == "items" else where)
    for key in _PARTS:
        for part in body.get(key) or ():
            found += unsupported_in(part, where)
    return tuple(found)
