"""The typed conversion of structured-merge-diff (KEP-555), which a body must pass before server-side apply merges it.

The server answers a body that does not pass with a 500, "failed to create typed patch object (...): .spec.nope:
field not declared in schema". It reports only the first undeclared field of each mapping.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from reconciler.frozen import dataclass
from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.atoms import Atom, ListAtom, MapAtom, root_atom
from reconciler.semantics.ownership.path_elements import (
    field_element,
    item_element,
    printed_element,
)
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import go_text

_UNDECLARED = "field not declared in schema"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A field that does not fit the schema's types: undeclared, of another type, or a repeated item.

    Attributes:
        path: where the field is in the body, with the index of each list item.
        field: the path as the server prints it (".spec.nope").
        message: the server's message after the field ("field not declared in schema", "expected string, got ...").
        declared: for an undeclared field, the fields that the schema declares in the same mapping.
        expected_type: for a value of another type, the type in the schema's terms; "" for other mismatches.
    """

    path: FieldPath
    field: str
    message: str
    undeclared: bool = False
    declared: tuple[str, ...] = ()
    expected_type: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


def mismatches(
    schema: Schema, body: JsonObject, *, duplicates: bool = False
) -> tuple[Mismatch, ...]:
    """All mismatches of a body; the server refuses an apply that has any.

    `duplicates` admits repeated items in a set or a map list, which an update may store.
    """
    return tuple(_check(root_atom(schema), body, _Position((), ""), duplicates=duplicates))


@lru_cache(maxsize=512)  # a bound on memory: only objects of one template share an entry
def mismatches_in(schema: Schema, text: str) -> tuple[Mismatch, ...]:
    """All mismatches of a body, by its content (`values.content`)."""
    return mismatches(schema, json.loads(text))


def undeclared(schema: Schema, body: JsonObject) -> tuple[Mismatch, ...]:
    """The undeclared fields, which a PUT or a patch drops silently."""
    return tuple(each for each in mismatches(schema, body) if each.undeclared)


@dataclass(frozen=True, slots=True)
class _Position:
    """The position of a value in the body; `field` is the path as the server prints it."""

    path: FieldPath
    field: str

    def child(self, step: str | int, element: str) -> _Position:
        return _Position((*self.path, step), self.field + printed_element(element))

    def wrong_type(self, message: str, expected_type: str = "") -> Mismatch:
        return Mismatch(self.path, self.field, message, expected_type=expected_type)


def _check(atom: Atom, value: Json, position: _Position, *, duplicates: bool) -> Iterator[Mismatch]:
    if value is None:
        return
    part = atom.part_for(value)
    if isinstance(part, MapAtom):
        if isinstance(value, dict):
            yield from _check_fields(part, value, position, duplicates=duplicates)
        else:
            yield position.wrong_type(f"expected map, got {_go_value(value)}", "object")
    elif isinstance(part, ListAtom):
        if isinstance(value, list):
            yield from _check_items(part, value, position, duplicates=duplicates)
        else:
            yield position.wrong_type(f"expected list, got {_go_value(value)}", "array")
    else:
        yield from _check_scalar(atom.scalar, value, position)


def _check_fields(
    atom: MapAtom, value: JsonObject, position: _Position, *, duplicates: bool
) -> Iterator[Mismatch]:
    for key, child_value in value.items():
        child_atom, child = atom.child(key), position.child(key, field_element(key))
        if child_atom is None:
            declared = tuple(sorted(atom.fields))
            yield Mismatch(child.path, child.field, _UNDECLARED, undeclared=True, declared=declared)
        else:
            yield from _check(child_atom, child_value, child, duplicates=duplicates)


def _check_items(
    atom: ListAtom, values: list[Json], position: _Position, *, duplicates: bool
) -> Iterator[Mismatch]:
    previous: set[str] = set()
    for index, value in enumerate(values):
        element, path = f"i:{index}", (*position.path, index)
        if atom.associative:
            try:
                element = item_element(atom, value)
            except ValueError as error:
                yield Mismatch(path, position.field, f"element {index}: {error}")
                return
            if element in previous and not duplicates:
                message = f"duplicate entries for key {printed_element(element)}"
                yield Mismatch(path, position.field, message)
            previous.add(element)
        child = position.child(index, element)
        yield from _check(atom.item_atom, value, child, duplicates=duplicates)


def _check_scalar(scalar: str, value: Json, position: _Position) -> Iterator[Mismatch]:
    composite = isinstance(value, (dict, list))
    if scalar == "string" and not isinstance(value, str):
        yield position.wrong_type(
            f"expected string, got &value.valueUnstructured{{Value:{_go_literal(value)}}}", "string"
        )
    elif scalar == "numeric" and (isinstance(value, (bool, str)) or composite):
        yield position.wrong_type(
            f"expected numeric (int or float), got {_go_type(value)}", "number"
        )
    elif scalar == "boolean" and not isinstance(value, bool):
        yield position.wrong_type(f"expected boolean, got {_go_value(value)}", "boolean")
    elif scalar == "untyped" and composite:
        yield position.wrong_type(f"expected any scalar, got {_go_value(value)}")


def _go_type(value: Json) -> str:
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, list):
        return "[]interface {}"
    return "bool" if isinstance(value, bool) else "string"


def _go_value(value: Json) -> str:
    """Go's %v of the value that structured-merge-diff wraps in a struct."""
    return f"&{{{_plain(value)}}}"


def _plain(value: Json) -> str:
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(_plain, value)) + "]"
    if value is None:
        return "<nil>"
    return value if isinstance(value, str) else go_text(value)


def _go_literal(value: Json) -> str:
    """Go's %#v."""
    if isinstance(value, dict):
        pairs = (f'"{key}":{_go_literal(value[key])}' for key in sorted(value))
        return "map[string]interface {}{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(map(_go_literal, value)) + "}"
    if value is None:
        return "interface {}(nil)"
    return go_text(value)
