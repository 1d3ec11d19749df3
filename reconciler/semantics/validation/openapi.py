"""OpenAPI v3 validation of a value, in the server's words (those of kube-openapi's validator)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation import formats, patterns
from reconciler.semantics.validation.ratcheting import Correlated
from reconciler.semantics.values import go_number, go_quoted, same
from reconciler.semantics.violation import (
    INVALID,
    NOT_SUPPORTED,
    REQUIRED,
    TOO_LONG,
    TOO_MANY,
    TYPE_INVALID,
    Violation,
    value_text,
    violation,
)

_TYPE_META = ("kind", "apiVersion")


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a value. `prefix` is the part of the path that the server's sentences leave out (status)."""

    path: FieldPath = ()
    name: str = ""
    prefix: str = ""

    def key(self, key: str) -> Place:
        return Place((*self.path, key), f"{self.name}.{key}" if self.name else key, self.prefix)

    def index(self, index: int) -> Place:
        return Place((*self.path, index), f"{self.name}[{index}]", self.prefix)

    @property
    def field(self) -> str:
        return ".".join(part for part in (self.prefix, self.name) if part)


@dataclass(slots=True)
class Check:
    """Validates one value.

    Attributes:
        not_provable: what it could not check.
    """

    not_provable: list[str] = field(default_factory=list)

    def violations(
        self, schema: Schema, value: Json, place: Place, pair: Correlated | None = None
    ) -> list[Violation]:
        """All violations at and below a place. A value that did not change is forgiven."""
        violations = list(dict.fromkeys(self._at(schema, value, place, pair)))
        return [] if violations and pair is not None and pair.unchanged else violations

    def _at(
        self, schema: Schema, value: Json, place: Place, pair: Correlated | None
    ) -> Iterator[Violation]:
        yield from _type_violations(schema, value, place)
        if value is not None:
            yield from self._parts(schema, value, place)
            if isinstance(value, str):
                yield from self._string(schema, value, place)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                yield from _number(schema, value, place)
            elif isinstance(value, list):
                yield from self._items(schema, value, place, pair)
        if schema.enum and not any(same(value, allowed) for allowed in schema.enum):
            yield _not_in_enum(schema, value, place)
        if isinstance(value, dict):
            yield from self._fields(schema, value, place, pair)

    def _parts(self, schema: Schema, value: Json, place: Place) -> Iterator[Violation]:
        """allOf, anyOf, oneOf and not. Violations of their parts are not forgiven separately."""
        if schema.any_of:
            results = [self.violations(part, value, place) for part in schema.any_of]
            if all(results):
                yield _without_field(
                    f"{go_quoted(place.name)} must validate at least one schema (anyOf)"
                )
                yield from results[0]
        if schema.one_of:
            results = [self.violations(part, value, place) for part in schema.one_of]
            valid = sum(not result for result in results)
            if valid != 1:
                count = f"Found {valid} valid alternatives" if valid else "Found none valid"
                yield _without_field(
                    f"{go_quoted(place.name)} must validate one and only one schema (oneOf). {count}"
                )
                yield from () if valid else results[0]
        failed = 0
        for part in schema.all_of:
            result = self.violations(part, value, place)
            failed += bool(result)
            yield from result
        if failed:
            none = ". None validated" if failed == len(schema.all_of) else ""
            yield _without_field(
                f"{go_quoted(place.name)} must validate all the schemas (allOf){none}"
            )
        if schema.negated is not None and not self.violations(schema.negated, value, place):
            yield _without_field(f"{go_quoted(place.name)} must not validate the schema (not)")

    def _string(self, schema: Schema, value: str, place: Place) -> Iterator[Violation]:
        if schema.max_length is not None and len(value) > schema.max_length:
            yield violation(
                place.path,
                place.field,
                TOO_LONG,
                f"may not be more than {_count(schema.max_length, 'byte')}",
            )
        elif schema.min_length is not None and len(value) < schema.min_length:
            yield _invalid(place, value, f"should be at least {schema.min_length} chars long")
        elif schema.pattern:
            matches = patterns.search(schema.pattern, value)
            if matches is None:
                self.not_provable.append(f"{place.field}: the pattern {schema.pattern}")
            elif not matches:
                yield _invalid(place, value, f"should match '{schema.pattern}'")
        checked = formats.checks(schema.format) if schema.format else False
        if checked is None:
            self.not_provable.append(f"{place.field}: the format {schema.format}")
        elif checked and not formats.is_date_time(value):
            yield _mistyped(place, schema.format, value)

    def _items(
        self, schema: Schema, value: list[Json], place: Place, pair: Correlated | None
    ) -> Iterator[Violation]:
        if schema.items is not None:
            for index, element in enumerate(value):
                below = pair.index(index) if pair is not None else None
                yield from self.violations(schema.items, element, place.index(index), below)
        size = len(value)
        if schema.min_items is not None and size < schema.min_items:
            yield _invalid(place, size, f"should have at least {schema.min_items} items")
        if schema.max_items is not None and size > schema.max_items:
            yield _too_many(place, size, schema.max_items)
        if schema.unique_items and any(
            same(value[i], value[j]) for i in range(size) for j in range(i)
        ):
            yield _invalid(place, "", "shouldn't contain duplicates")

    def _fields(
        self, schema: Schema, value: JsonObject, place: Place, pair: Correlated | None
    ) -> Iterator[Violation]:
        size = len(value)
        if schema.min_properties is not None and size < schema.min_properties:
            yield _invalid(place, size, f"should have at least {schema.min_properties} properties")
        if schema.max_properties is not None and size > schema.max_properties:
            yield _too_many(place, size, schema.max_properties)
        for key, element in value.items():
            child = schema.child(key)
            if child is not None:
                type_meta = not place.name and key in _TYPE_META
                below = None if pair is None or type_meta else pair.key(key)
                yield from self.violations(child, element, place.key(key), below)
        for key in schema.required:
            if key not in value:
                missing = place.key(key)
                yield violation(missing.path, missing.field, REQUIRED)


def _type_violations(schema: Schema, value: Json, place: Place) -> Iterator[Violation]:
    allowed = (
        ("integer", "string") if schema.int_or_string else (schema.type,) if schema.type else ()
    )
    if value is None:
        if allowed and not schema.nullable:
            yield _mistyped(place, ",".join(allowed), "null")
        return
    actual = _json_type(value)
    if formats.checks(schema.format) and "string" in allowed:
        if actual not in ("string", "array"):
            yield _mistyped(place, schema.format, _GO_FORMATS.get(actual, ""))
        return
    fits = actual in allowed or (actual == "integer" and "number" in allowed)
    if (
        allowed
        and not fits
        and not (actual == "number" and "integer" in allowed and float(value).is_integer())
    ):
        yield _mistyped(place, ",".join(allowed), actual)


# The server's names of types where it compares formats instead of types.
_GO_FORMATS = {"integer": "int64", "number": "float64"}


def _json_type(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((str, "string"), (int, "integer"), (float, "number"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"


def _number(schema: Schema, value: float, place: Place) -> Iterator[Violation]:
    if schema.multiple_of is not None and not (value / schema.multiple_of).is_integer():
        yield _invalid(place, value, f"should be a multiple of {_bound(value, schema.multiple_of)}")
    low, high = schema.minimum, schema.maximum
    if low is not None and (value < low or (schema.exclusive_minimum and value == low)):
        words = "greater than" if schema.exclusive_minimum else "greater than or equal to"
        yield _invalid(place, value, f"should be {words} {_bound(value, low)}")
    if high is not None and (value > high or (schema.exclusive_maximum and value == high)):
        words = "less than" if schema.exclusive_maximum else "less than or equal to"
        yield _invalid(place, value, f"should be {words} {_bound(value, high)}")


def _bound(value: float, bound: float) -> str:
    return str(int(bound)) if isinstance(value, int) else go_number(float(bound))


def _not_in_enum(schema: Schema, value: Json, place: Place) -> Violation:
    names = (
        element if isinstance(element, str) else value_text(element) for element in schema.enum
    )
    detail = "supported values: " + ", ".join(go_quoted(name) for name in names)
    return violation(place.path, place.field, NOT_SUPPORTED, detail, value=value_text(value))


def _mistyped(place: Place, expected: str, actual: str) -> Violation:
    detail = f"{place.name} in body must be of type {expected}: {go_quoted(actual)}"
    return violation(place.path, place.field, TYPE_INVALID, detail, value=go_quoted(actual))


def _invalid(place: Place, value: Json, words: str) -> Violation:
    return violation(
        place.path, place.field, INVALID, f"{place.name} in body {words}", value=value_text(value)
    )


def _without_field(words: str) -> Violation:
    """A violation of a combination of schemas, which the server reports without a field."""
    return violation((), "", INVALID, words, value='""')


def _too_many(place: Place, size: int, limit: int) -> Violation:
    detail = f"must have at most {_count(limit, 'item')}"
    return violation(place.path, place.field, TOO_MANY, detail, value=str(size))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
