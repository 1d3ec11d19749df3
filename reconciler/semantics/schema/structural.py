"""The structural schema of a custom resource as an immutable tree.

Source: the CRD API (x-kubernetes-*); KEP-1150 for defaults. A structural schema has no $ref, and the schemas in its
allOf, anyOf, oneOf and not only restrict values: they declare no fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from reconciler.frozen import dataclass
from reconciler.model.document import Json, dig_map
from reconciler.semantics.schema.keywords import check_keywords
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
    """One node of the tree. `type` is "" where the schema declares none (int-or-string, preserve-unknown).

    Schemas compare by identity: each is read once from its CRD, and values derived from it are cached under it.
    """

    type: str = ""
    properties: Mapping[str, Schema] = field(default_factory=dict)
    additional: Schema | None = None  # additionalProperties; an empty schema for `true`
    items: Schema | None = None
    required: tuple[str, ...] = ()
    nullable: bool = False
    default_value: Json = None  # None: no default; a default in a CRD is never null
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
    list_type: str = ""  # the server reads "" as atomic
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""  # the server reads "" as granular
    rules: tuple[Rule, ...] = ()
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    negated: Schema | None = None  # `not`
    description: str = ""
    has_defaults: bool = False  # here or anywhere below
    has_rules: bool = False  # here or anywhere below
    has_times: bool = (
        False  # strings that are times, durations or bytes in CEL, here or anywhere below
    )

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Schema:
        """Read an `openAPIV3Schema`, or any schema inside one.

        Raises:
            ValueError: a keyword has a value of the wrong type.
        """
        return _read(body)

    @property
    def has_default(self) -> bool:
        return self.default_value is not None

    @property
    def default(self) -> Json:
        """A copy of the default; None without one."""
        return copied(self.default_value)

    def child(self, key: str) -> Schema | None:
        """The schema of a key: its property, else additionalProperties, else None."""
        return self.properties.get(key, self.additional)

    def at(self, *path: str | int) -> Schema | None:
        """The schema at a path; an integer, or any step below an array, leads to the schema of the items."""
        node: Schema | None = self
        for step in path:
            if node is None:
                return None
            node = node.items if isinstance(step, int) or node.type == "array" else node.child(step)
        return node


# Keywords of JSONSchemaProps that this engine does not evaluate.
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
    check_keywords(body)
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


def unsupported_features(body: Mapping[str, Any], path: str = "") -> tuple[str, ...]:
    """The parts of a schema that this engine does not evaluate, one sentence each."""
    sentences = [f"{path or 'the root'} uses {key}" for key in UNSUPPORTED if key in body]
    if body.get("x-kubernetes-embedded-resource") is True:
        sentences.append(f"{path or 'the root'} embeds a whole resource")
    for key, part in dig_map(body, "properties").items():
        sentences += unsupported_features(part, f"{path}.{key}")
    for key in ("items", "additionalProperties", "not"):
        if isinstance(body.get(key), dict):
            sentences += unsupported_features(body[key], f"{path}[]" if key == "items" else path)
    for key in _PARTS:
        for part in body.get(key) or ():
            sentences += unsupported_features(part, path)
    return tuple(sentences)
