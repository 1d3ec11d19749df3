"""FieldsV1 (KEP-555) as an immutable set of paths, and the fields that an apply of a body owns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from reconciler.frozen import dataclass
from reconciler.model.document import Json, JsonObject
from reconciler.semantics.ownership.atoms import Atom, ListAtom, MapAtom, root_atom
from reconciler.semantics.ownership.path_elements import (
    ElementPath,
    canonical_element,
    field_element,
    item_element,
    sort_key,
)
from reconciler.semantics.schema.structural import Schema


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A set of paths as a trie, in which every leaf is a member. Sets compare by value."""

    member: bool = False  # whether the path to this node is in the set ("." in FieldsV1)
    children: Mapping[str, FieldSet] = field(default_factory=dict)  # by path element

    @classmethod
    def from_fields_v1(cls, fields: Mapping[str, Any]) -> FieldSet:
        """Read FieldsV1; path elements of an unknown type are left out.

        Raises:
            ValueError: the mapping is not FieldsV1.
        """
        children: dict[str, FieldSet] = {}
        for text, below in fields.items():
            element = None if text == "." else canonical_element(text)
            if element is None:
                continue
            if not isinstance(below, dict):
                raise ValueError(f"FieldsV1 has {below!r} under {text!r}")  # noqa: TRY004 -- the object is wrong, not the call
            child = cls.from_fields_v1(below)
            # A node is a member if it is an empty mapping or holds ".".
            member = "." in below or not child.children
            children[element] = cls(member, child.children)
        return cls(children=children)

    def to_fields_v1(self) -> JsonObject:
        fields: JsonObject = {}
        for element in sorted(self.children, key=sort_key):
            child = self.children[element]
            below = child.to_fields_v1()
            fields[element] = {".": {}, **below} if child.member and below else below
        return fields

    @classmethod
    def of_paths(cls, paths: Iterable[ElementPath]) -> FieldSet:
        builder = _Builder()
        for path in paths:
            builder.add(path)
        return builder.build()

    def __bool__(self) -> bool:
        return bool(self.children)

    def __iter__(self) -> Iterator[ElementPath]:
        """Every path in the set, in the server's order: the members of a level before those below it."""
        elements = sorted(self.children, key=sort_key)
        yield from ((element,) for element in elements if self.children[element].member)
        for element in elements:
            yield from ((element, *rest) for rest in self.children[element])

    def __or__(self, other: FieldSet) -> FieldSet:
        children = dict(self.children)
        for element, theirs in other.children.items():
            ours = children.get(element)
            children[element] = theirs if ours is None else ours | theirs
        return FieldSet(self.member or other.member, children)

    def __and__(self, other: FieldSet) -> FieldSet:
        pairs = (
            (element, ours & other.children[element])
            for element, ours in self.children.items()
            if element in other.children
        )
        return FieldSet(
            self.member and other.member,
            {element: both for element, both in pairs if both.has_members},
        )

    def __sub__(self, other: FieldSet) -> FieldSet:
        """The paths that are not in `other`: subtracting `a` leaves `a.b`."""
        children = dict(self.children)
        for element, theirs in other.children.items():
            ours = children.get(element)
            if ours is not None:
                rest = ours - theirs
                if rest.has_members:
                    children[element] = rest
                else:
                    del children[element]
        return FieldSet(self.member and not other.member, children)

    def without(self, other: FieldSet) -> FieldSet:
        """The paths that are neither in `other` nor below a path in `other`."""
        children: dict[str, FieldSet] = {}
        for element, ours in self.children.items():
            theirs = other.children.get(element)
            if theirs is None:
                children[element] = ours
            elif not theirs.member:
                rest = ours.without(theirs)
                if rest.has_members:
                    children[element] = rest
        return FieldSet(self.member and not other.member, children)

    @property
    def has_members(self) -> bool:
        """Whether this node or a node below it is a member."""
        return self.member or bool(self.children)

    def with_named_fields(self, atom: Atom | None) -> FieldSet:
        """The set with every declared field above a member; keys of additionalProperties are not added."""
        mapping, items = (atom.mapping, atom.list) if atom else (None, None)
        children: dict[str, FieldSet] = {}
        for element, child in self.children.items():
            named, child_atom = False, None
            if element[0] == "f" and mapping is not None:
                named, child_atom = element[2:] in mapping.fields, mapping.child(element[2:])
            elif element[0] == "k" and items is not None:
                child_atom = items.item_atom
            inner = child.with_named_fields(child_atom)
            children[element] = FieldSet(
                child.member or (named and bool(child.children)), inner.children
            )
        return FieldSet(self.member, children)

    def leaves(self) -> FieldSet:
        """The paths below which the set has no other path."""
        children = {element: child.leaves() for element, child in self.children.items()}
        return FieldSet(self.member and not children, children)


EMPTY = FieldSet()


class _Builder:
    """A mutable trie from which `build` makes a `FieldSet`."""

    __slots__ = ("children", "member")

    def __init__(self) -> None:
        self.member = False
        self.children: dict[str, _Builder] = {}

    def child(self, element: str) -> _Builder:
        child = self.children.get(element)
        if child is None:
            child = self.children[element] = _Builder()
        return child

    def add(self, path: ElementPath) -> None:
        node = self
        for element in path:
            node = node.child(element)
        node.member = True

    def build(self) -> FieldSet:
        children = {element: child.build() for element, child in self.children.items()}
        return FieldSet(
            self.member,
            {element: child for element, child in children.items() if child.has_members},
        )


def fields_of_apply(schema: Schema, body: JsonObject) -> FieldSet:
    """The fields that an apply of this body owns, without those that nobody owns (kind, name, uid ...).

    The body must fit the schema's types (`typed.mismatches` is empty). The set has the scalars, nulls, empty mappings,
    atomic lists and atomic mappings of the body, and the items of its sets and map lists together with their keys.
    """
    return field_set(root_atom(schema), body) - NEVER_OWNED


def field_set(atom: Atom, value: Json) -> FieldSet:
    """Every field of a value, including those that nobody owns."""
    builder = _Builder()
    _add_value(builder, atom, value)
    return FieldSet(children=builder.build().children)


def _add_value(node: _Builder, atom: Atom, value: Json) -> None:
    part = atom.part_for(value)
    if isinstance(part, MapAtom):
        if part.atomic:
            node.member = True
        elif isinstance(value, dict):
            _add_fields(node, part, value)
    elif isinstance(part, ListAtom):
        if not part.associative:
            node.member = True
        elif isinstance(value, list):
            _add_items(node, part, value)
    else:
        node.member = True


def _add_fields(node: _Builder, atom: MapAtom, value: JsonObject) -> None:
    for key, child_value in value.items():
        child_atom = atom.child(key)
        child = node.child(field_element(key))
        if child_atom is not None:
            _add_value(child, child_atom, child_value)
        if child_value is None or child_value == {} or key not in atom.fields:
            child.member = True


def _add_items(node: _Builder, atom: ListAtom, values: list[Json]) -> None:
    elements = [item_element(atom, value) for value in values]
    for element, value in zip(elements, values, strict=True):
        child = node.child(element)
        # An update may store an item twice; the item is then a field, but its content is not.
        if elements.count(element) == 1:
            _add_value(child, atom.item_atom, value)
        child.member = True


# The fields that the server strips from every managedFields entry.
NEVER_OWNED = FieldSet.of_paths(
    [("f:apiVersion",), ("f:kind",), ("f:metadata",)]
    + [
        ("f:metadata", field_element(name))
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    ]
)
