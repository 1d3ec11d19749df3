"""A schema as structured-merge-diff sees it: which values may stand where, and what is one field.

KEP-555 calls these atoms. A schema without a type admits a scalar, a list and a mapping at once;
which of them counts is decided by the value. What lies below x-kubernetes-preserve-unknown-fields
without a schema is "open": its type is deduced from each value (mappings granular, lists atomic).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from weakref import WeakKeyDictionary

from reconciler.model.document import Json
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import ABSENT, Absent, copied

Form: TypeAlias = Literal["map", "scalar", "list", "any"]


@dataclass(frozen=True, eq=False, slots=True)
class MapAtom:
    """A mapping: named fields, and what other keys may hold (None: nothing)."""

    fields: Mapping[str, Atom] = field(default_factory=dict)
    others: Atom | None = None
    atomic: bool = False
    open: bool = False

    def child(self, key: str) -> Atom | None:
        """The atom of a key; None for a key that is not declared."""
        return self.fields.get(key, OPEN if self.open else self.others)

    @property
    def deduced(self) -> bool:
        """Whether nothing at all is known of its content."""
        return self.open and not self.fields


@dataclass(frozen=True, eq=False, slots=True)
class ListAtom:
    """A list: atomic, a set (associative without keys) or a map list (with keys)."""

    item: Atom | None = None  # None: anything, as one field
    associative: bool = False
    keys: tuple[str, ...] = ()

    @property
    def element(self) -> Atom:
        return UNTYPED if self.item is None else self.item

    def key_default(self, key: str) -> Json:
        """The default of a key field, by which an item without that key is known."""
        mapping = self.element.mapping
        child = mapping.fields.get(key) if mapping else None
        return copied(child.default) if child else None


@dataclass(frozen=True, eq=False, slots=True)
class Atom:
    """What may stand in one place. `scalar` is "", string, numeric, boolean or untyped."""

    scalar: str = ""
    list: ListAtom | None = None
    mapping: MapAtom | None = None
    default: Json = None

    @property
    def whole(self) -> Form:
        """The form that counts where the value does not decide."""
        forms: list[Form] = []
        if self.mapping is not None:
            forms.append("map")
        if self.scalar:
            forms.append("scalar")
        if self.list is not None:
            forms.append("list")
        return forms[0] if len(forms) == 1 else "any"

    def form(self, value: Json | Absent) -> Form:
        """Which of its forms a value takes; `any` where null, or a value of a wrong type, leaves it open."""
        if isinstance(value, dict):
            found: Form = "map" if self.mapping is not None else "any"
        elif isinstance(value, list):
            found = "list" if self.list is not None else "any"
        elif value is None or value is ABSENT:
            found = "any"
        else:
            found = "scalar" if self.scalar else "any"
        return self.whole if found == "any" else found

    def first(self, form: Form) -> Form:
        """The form to act on: a mapping goes before a scalar, a scalar before a list."""
        if form != "any":
            return form
        if self.mapping is not None:
            return "map"
        return "scalar" if self.scalar else "list"


# Everything, as one field; and everything, with mappings taken apart.
UNTYPED = Atom("untyped", ListAtom(), MapAtom(atomic=True, open=True))
OPEN = Atom("untyped", ListAtom(), MapAtom(open=True))

_TEXT = Atom("string")
_ANY_SCALAR = Atom("untyped")
_NUMBER = Atom("numeric")
_TEXTS = Atom(mapping=MapAtom(others=_TEXT))
_OWNER = Atom(
    mapping=MapAtom(
        # Required in Kubernetes' own OpenAPI, and with an empty default: validation asks for them, typing does not.
        dict.fromkeys(("apiVersion", "kind", "name", "uid"), Atom("string", default=""))
        | {name: Atom("boolean") for name in ("blockOwnerDeletion", "controller")},
        atomic=True,
    )
)
_MANAGED = Atom(
    mapping=MapAtom(
        dict.fromkeys(("apiVersion", "fieldsType", "manager", "operation", "subresource"), _TEXT)
        | {"time": _ANY_SCALAR, "fieldsV1": OPEN}
    )
)
# ObjectMeta as Kubernetes' own OpenAPI declares it.
OBJECT_META = Atom(
    mapping=MapAtom(
        dict.fromkeys(
            ("generateName", "name", "namespace", "resourceVersion", "selfLink", "uid"), _TEXT
        )
        | dict.fromkeys(("annotations", "labels"), _TEXTS)
        | dict.fromkeys(("creationTimestamp", "deletionTimestamp"), _ANY_SCALAR)
        | dict.fromkeys(("deletionGracePeriodSeconds", "generation"), _NUMBER)
        | {
            "finalizers": Atom(list=ListAtom(_TEXT, associative=True)),
            "ownerReferences": Atom(list=ListAtom(_OWNER, associative=True, keys=("uid",))),
            "managedFields": Atom(list=ListAtom(_MANAGED)),
        }
    )
)

_ROOTS: WeakKeyDictionary[Schema, Atom] = WeakKeyDictionary()


def root_atom(schema: Schema) -> Atom:
    """The atom of a whole object of this schema, with apiVersion, kind and metadata; cached."""
    atom = _ROOTS.get(schema)
    if atom is None:
        plain = _atom(schema, keeps_unknown=False)
        mapping = plain.mapping or MapAtom()
        fields = {**mapping.fields, "apiVersion": _TEXT, "kind": _TEXT, "metadata": OBJECT_META}
        atom = Atom(mapping=MapAtom(fields, mapping.others, mapping.atomic, mapping.open))
        _ROOTS[schema] = atom
    return atom


def _atom(schema: Schema, *, keeps_unknown: bool) -> Atom:
    # Below a node that keeps unknown fields every mapping does, as far as typing goes (not pruning).
    keeps = keeps_unknown or schema.preserve_unknown
    default = schema.default_value
    if schema.type == "object":
        return Atom(mapping=_mapping(schema, keeps=keeps), default=default)
    if schema.type == "array":
        return Atom(list=_list(schema, keeps=keeps), default=default)
    if schema.type:
        return Atom(_scalar(schema), default=default)
    return Atom("untyped", _list(schema, keeps=keeps), _mapping(schema, keeps=keeps), default)


def _scalar(schema: Schema) -> str:
    if schema.type == "boolean":
        return "boolean"
    if schema.type in ("integer", "number"):
        return "numeric"
    # A format other than byte makes a string untyped here; validation still looks at it.
    return "string" if schema.format in ("", "byte") else "untyped"


def _mapping(schema: Schema, *, keeps: bool) -> MapAtom:
    fields = {key: _atom(child, keeps_unknown=keeps) for key, child in schema.properties.items()}
    others = None if schema.additional is None else _atom(schema.additional, keeps_unknown=keeps)
    # An object without any declared content is free-form to typing; pruning then empties it.
    is_open = others is None and (keeps or not fields)
    return MapAtom(fields, others, schema.map_type == "atomic", is_open)


def _list(schema: Schema, *, keeps: bool) -> ListAtom:
    item = None if schema.items is None else _atom(schema.items, keeps_unknown=keeps)
    associative = schema.list_type in ("set", "map")
    keys = schema.list_map_keys if schema.list_type == "map" else ()
    return ListAtom(item, associative, keys)
