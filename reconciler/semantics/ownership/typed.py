"""What server-side apply refuses before it merges: the typed conversion of structured-merge-diff (KEP-555).

The server answers such a body with a 500, "failed to create typed patch object (...): .spec.nope:
field not declared in schema", and stops at the first undeclared field of each mapping.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.atoms import Atom, ListAtom, MapAtom, root_atom
from reconciler.semantics.ownership.steps import field_step, item_step, printed_step
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import go_number, go_text

_UNDECLARED = "field not declared in schema"


@dataclass(frozen=True, slots=True)
class Mistyped:
    """One place where a body cannot be read by the schema's types.

    Attributes:
        path: where in the body, items as indices.
        printed: the path as the server writes it (".spec.nope").
        message: what the server says after it.
        near: the declared names beside an undeclared one, for a did-you-mean.
        wanted: the type, as schemas name them, that a value of another one has; "" for the rest.
    """

    path: FieldPath
    printed: str
    message: str  # "field not declared in schema", "expected string, got ..."
    undeclared: bool = False
    near: tuple[str, ...] = ()
    wanted: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.printed}: {self.message}" if self.printed else self.message


def mistyped(schema: Schema, body: JsonObject, *, duplicates: bool = False) -> tuple[Mistyped, ...]:
    """All such places: an apply is refused if there is any.

    `duplicates` allows items of a set or map list to come twice, as in what an update may store.
    """
    return tuple(_check(root_atom(schema), body, _Place((), ""), duplicates=duplicates))


def undeclared(schema: Schema, body: JsonObject) -> tuple[Mistyped, ...]:
    """Only the fields that the schema does not have (a PUT or a patch loses them in silence)."""
    return tuple(found for found in mistyped(schema, body, duplicates=True) if found.undeclared)


@dataclass(frozen=True, slots=True)
class _Place:
    path: FieldPath
    printed: str

    def down(self, step: str | int, printed: str) -> _Place:
        return _Place((*self.path, step), self.printed + printed)

    def wrong(self, message: str, wanted: str = "") -> Mistyped:
        return Mistyped(self.path, self.printed, message, wanted=wanted)


def _check(atom: Atom, value: Json, place: _Place, *, duplicates: bool) -> Iterator[Mistyped]:
    form = atom.first(atom.form(value))
    if value is None:
        return
    if form == "map" and atom.mapping is not None:
        if isinstance(value, dict):
            yield from _check_fields(atom.mapping, value, place, duplicates=duplicates)
        else:
            yield place.wrong(f"expected map, got {_go_value(value)}", "object")
    elif form == "list" and atom.list is not None:
        if isinstance(value, list):
            yield from _check_items(atom.list, value, place, duplicates=duplicates)
        else:
            yield place.wrong(f"expected list, got {_go_value(value)}", "array")
    else:
        yield from _check_scalar(atom.scalar, value, place)


def _check_fields(
    mapping: MapAtom, value: JsonObject, place: _Place, *, duplicates: bool
) -> Iterator[Mistyped]:
    for key, item in value.items():
        child = mapping.child(key)
        below = place.down(key, printed_step(field_step(key)))
        if child is None:
            yield Mistyped(
                below.path,
                below.printed,
                _UNDECLARED,
                undeclared=True,
                near=tuple(sorted(mapping.fields)),
            )
        else:
            yield from _check(child, item, below, duplicates=duplicates)


def _check_items(
    items: ListAtom, value: list[Json], place: _Place, *, duplicates: bool
) -> Iterator[Mistyped]:
    seen: set[str] = set()
    for index, item in enumerate(value):
        step = f"i:{index}"
        if items.associative:
            try:
                step = item_step(items, item)
            except ValueError as error:
                yield Mistyped((*place.path, index), place.printed, f"element {index}: {error}")
                return
            if step in seen and not duplicates:
                message = f"duplicate entries for key {printed_step(step)}"
                yield Mistyped((*place.path, index), place.printed, message)
            seen.add(step)
        yield from _check(
            items.element, item, place.down(index, printed_step(step)), duplicates=duplicates
        )


def _check_scalar(scalar: str, value: Json, place: _Place) -> Iterator[Mistyped]:
    composite = isinstance(value, (dict, list))
    if scalar == "string" and not isinstance(value, str):
        yield place.wrong(
            f"expected string, got &value.valueUnstructured{{Value:{_go_literal(value)}}}", "string"
        )
    elif scalar == "numeric" and (isinstance(value, (bool, str)) or composite):
        yield place.wrong(f"expected numeric (int or float), got {_go_type(value)}", "number")
    elif scalar == "boolean" and not isinstance(value, bool):
        yield place.wrong(f"expected boolean, got {_go_value(value)}", "boolean")
    elif scalar == "untyped" and composite:
        yield place.wrong(f"expected any scalar, got {_go_value(value)}")


def _go_type(value: Json) -> str:
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, list):
        return "[]interface {}"
    return "bool" if isinstance(value, bool) else "string"


def _go_value(value: Json) -> str:
    """%v of the server's value: a struct around a pointerless interface."""
    return f"&{{{_plain(value)}}}"


def _plain(value: Json) -> str:
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(_plain(item) for item in value) + "]"
    if value is None:
        return "<nil>"
    return value if isinstance(value, str) else go_text(value)


def _go_literal(value: Json) -> str:
    """%#v of Go."""
    if isinstance(value, dict):
        pairs = (f'"{key}":{_go_literal(value[key])}' for key in sorted(value))
        return "map[string]interface {}{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(_go_literal(item) for item in value) + "}"
    if value is None:
        return "interface {}(nil)"
    return go_number(value) if isinstance(value, float) else go_text(value)
