"""A schema as structured-merge-diff reads it: the types of values, and which of them are owned as one field.

structured-merge-diff (KEP-555) calls the type of a value an atom. The atom of a schema without a type is a scalar, a
list and a mapping at once, and the value decides which of these parts applies. Values without a schema, which
x-kubernetes-preserve-unknown-fields admits, have a "deduced" atom: each mapping is granular, each list atomic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from weakref import WeakKeyDictionary

from reconciler.frozen import dataclass
from reconciler.model.document import Json
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import Absent, copied


@dataclass(frozen=True, eq=False, slots=True)
class MapAtom:
    """A mapping: the atoms of its declared fields and, as `additional`, of all other keys (None: undeclared)."""

    fields: Mapping[str, Atom] = field(default_factory=dict)
    additional: Atom | None = None
    atomic: bool = False
    deduced: bool = False  # other keys have deduced atoms

    def child(self, key: str) -> Atom | None:
        """The atom of a key; None for an undeclared key."""
        return self.fields.get(key, DEDUCED if self.deduced else self.additional)

    @property
    def declares_nothing(self) -> bool:
        """Whether the schema declares no content, so that every atom below is deduced."""
        return self.deduced and not self.fields


@dataclass(frozen=True, eq=False, slots=True)
class ListAtom:
    """A list: atomic, a set (associative without keys) or a map list (associative with keys)."""

    items: Atom | None = None  # None: the schema declares no items
    associative: bool = False
    keys: tuple[str, ...] = ()

    @property
    def item_atom(self) -> Atom:
        return UNTYPED if self.items is None else self.items

    def key_default(self, key: str) -> Json:
        """The default of a key field, which identifies an item that omits the key."""
        mapping = self.item_atom.mapping
        child = mapping.fields.get(key) if mapping else None
        return copied(child.default) if child else None


@dataclass(frozen=True, eq=False, slots=True)
class Atom:
    """The type of a value: one of scalar, list and mapping, or all three.

    Attributes:
        scalar: "" (no scalar), string, numeric, boolean or untyped.
        default: of a key field of a list.
    """

    scalar: str = ""
    list: ListAtom | None = None
    mapping: MapAtom | None = None
    default: Json = None

    def part_for(self, value: Json | Absent) -> MapAtom | ListAtom | None:
        """The part of the atom by which it reads a value; None for the scalar.

        It is the part of the value's form. Null, or a value of a form that the atom does not have, is read as a mapping
        if the atom is one.
        """
        if self.list is not None and isinstance(value, list):
            return self.list
        if self.scalar and isinstance(value, (str, int, float)):
            return None
        return self.list if self.mapping is None else self.mapping


# Any value: as one field, or with each mapping granular.
UNTYPED = Atom("untyped", ListAtom(), MapAtom(atomic=True, deduced=True))
DEDUCED = Atom("untyped", ListAtom(), MapAtom(deduced=True))

_STRING = Atom("string")
_ANY_SCALAR = Atom("untyped")
_NUMBER = Atom("numeric")
_STRINGS = Atom(mapping=MapAtom(additional=_STRING))
_OWNER = Atom(
    mapping=MapAtom(
        # Kubernetes' OpenAPI gives these required fields an empty default: validation requires them, typing does not.
        dict.fromkeys(("apiVersion", "kind", "name", "uid"), Atom("string", default=""))
        | {name: Atom("boolean") for name in ("blockOwnerDeletion", "controller")},
        atomic=True,
    )
)
_MANAGED_FIELDS_ENTRY = Atom(
    mapping=MapAtom(
        dict.fromkeys(("apiVersion", "fieldsType", "manager", "operation", "subresource"), _STRING)
        | {"time": _ANY_SCALAR, "fieldsV1": DEDUCED}
    )
)
# ObjectMeta as Kubernetes' OpenAPI declares it.
OBJECT_META = Atom(
    mapping=MapAtom(
        dict.fromkeys(
            ("generateName", "name", "namespace", "resourceVersion", "selfLink", "uid"), _STRING
        )
        | dict.fromkeys(("annotations", "labels"), _STRINGS)
        | dict.fromkeys(("creationTimestamp", "deletionTimestamp"), _ANY_SCALAR)
        | dict.fromkeys(("deletionGracePeriodSeconds", "generation"), _NUMBER)
        | {
            "finalizers": Atom(list=ListAtom(_STRING, associative=True)),
            "ownerReferences": Atom(list=ListAtom(_OWNER, associative=True, keys=("uid",))),
            "managedFields": Atom(list=ListAtom(_MANAGED_FIELDS_ENTRY)),
        }
    )
)

_ROOTS: WeakKeyDictionary[Schema, Atom] = WeakKeyDictionary()


def root_atom(schema: Schema) -> Atom:
    """The atom of an object with this schema, including apiVersion, kind and metadata; cached."""
    atom = _ROOTS.get(schema)
    if atom is None:
        mapping = _atom(schema, preserve=False).mapping or MapAtom()
        fields = {**mapping.fields, "apiVersion": _STRING, "kind": _STRING, "metadata": OBJECT_META}
        atom = Atom(mapping=replace(mapping, fields=fields))
        _ROOTS[schema] = atom
    return atom


def _atom(schema: Schema, *, preserve: bool) -> Atom:
    # For typing, but not for pruning, all mappings below a node that preserves unknown fields preserve them too.
    preserve = preserve or schema.preserve_unknown
    if schema.type == "object":
        return Atom(mapping=_mapping(schema, preserve=preserve))
    if schema.type == "array":
        return Atom(list=_list(schema, preserve=preserve))
    if schema.type:
        return Atom(_scalar(schema), default=schema.default_value)
    return Atom(
        "untyped",
        _list(schema, preserve=preserve),
        _mapping(schema, preserve=preserve),
        schema.default_value,
    )


def _scalar(schema: Schema) -> str:
    if schema.type == "boolean":
        return "boolean"
    if schema.type in ("integer", "number"):
        return "numeric"
    # To structured-merge-diff a string with a format other than byte is untyped; validation still checks the format.
    return "string" if schema.format in ("", "byte") else "untyped"


def _mapping(schema: Schema, *, preserve: bool) -> MapAtom:
    fields = {key: _atom(child, preserve=preserve) for key, child in schema.properties.items()}
    additional = None if schema.additional is None else _atom(schema.additional, preserve=preserve)
    # Typing admits any content in an object that declares none; pruning then empties it.
    deduced = additional is None and (preserve or not fields)
    return MapAtom(fields, additional, schema.map_type == "atomic", deduced)


def _list(schema: Schema, *, preserve: bool) -> ListAtom:
    items = None if schema.items is None else _atom(schema.items, preserve=preserve)
    return ListAtom(items, schema.list_type in ("set", "map"), schema.list_map_keys)
