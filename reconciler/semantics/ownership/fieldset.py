"""Sets of fields: FieldsV1 (KEP-555) as an immutable value, and the fields a body owns.

A path inside a set is a tuple of FieldsV1 steps, as managedFields writes them (`steps.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.atoms import Atom, ListAtom, MapAtom, root_atom
from reconciler.semantics.ownership.steps import (
    Steps,
    field_path,
    field_step,
    item_step,
    known_step,
    locate,
    order,
    printed,
)
from reconciler.semantics.schema.structural import Schema

__all__ = ["EMPTY", "FieldSet", "Steps", "field_path", "locate", "of_object", "printed"]


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A set of paths, as a trie. Compare by value; no node is there without a member below it."""

    member: bool = False  # whether the path that leads here is in the set (FieldsV1's ".")
    children: Mapping[str, FieldSet] = field(default_factory=dict)

    @classmethod
    def from_fields_v1(cls, fields: Mapping[str, Any]) -> FieldSet:
        """Read FieldsV1.

        Raises:
            ValueError: it is not FieldsV1.
        """
        children: dict[str, FieldSet] = {}
        for text, below in fields.items():
            step = None if text == "." else known_step(text)
            if step is None:
                continue
            if not isinstance(below, dict):
                raise ValueError(f"FieldsV1 holds {below!r} under {text!r}")  # noqa: TRY004 -- what was stored is wrong, not its caller
            child = cls.from_fields_v1(below)
            # An empty mapping is a leaf; "." says that the inner node is one too.
            children[step] = cls(member="." in below or not child.children, children=child.children)
        return cls(children=children)

    def to_fields_v1(self) -> JsonObject:
        fields: JsonObject = {}
        for step in sorted(self.children, key=order):
            child = self.children[step]
            below = child.to_fields_v1()
            fields[step] = {".": {}, **below} if child.member and below else below
        return fields

    @classmethod
    def of_paths(cls, paths: Iterable[Steps]) -> FieldSet:
        tree = _Tree()
        for path in paths:
            tree.insert(path)
        return tree.frozen()

    def __bool__(self) -> bool:
        return bool(self.children)

    def __contains__(self, steps: Steps) -> bool:
        here = self
        for step in steps:
            child = here.children.get(step)
            if child is None:
                return False
            here = child
        return here.member and bool(steps)

    def __iter__(self) -> Iterator[Steps]:
        """Every path in the set, in the server's order: the members of a level, then what is below."""
        steps = sorted(self.children, key=order)
        yield from ((step,) for step in steps if self.children[step].member)
        for step in steps:
            yield from ((step, *rest) for rest in self.children[step])

    def below(self, step: str) -> FieldSet:
        """What is in the set under a step, without the step itself."""
        child = self.children.get(step)
        return EMPTY if child is None else FieldSet(children=child.children)

    def __or__(self, other: FieldSet) -> FieldSet:
        children = dict(self.children)
        for step, theirs in other.children.items():
            ours = children.get(step)
            children[step] = theirs if ours is None else ours | theirs
        return FieldSet(self.member or other.member, children)

    def __and__(self, other: FieldSet) -> FieldSet:
        pairs = (
            (step, ours & other.children[step])
            for step, ours in self.children.items()
            if step in other.children
        )
        return FieldSet(
            self.member and other.member, {step: both for step, both in pairs if both.kept}
        )

    def __sub__(self, other: FieldSet) -> FieldSet:
        """Path by path: taking `a` away leaves `a.b`."""
        children = dict(self.children)
        for step, theirs in other.children.items():
            ours = children.get(step)
            if ours is not None:
                rest = ours - theirs
                if rest.kept:
                    children[step] = rest
                else:
                    del children[step]
        return FieldSet(self.member and not other.member, children)

    def without(self, other: FieldSet) -> FieldSet:
        """As `-`, but a path in `other` takes everything below it along."""
        children: dict[str, FieldSet] = {}
        for step, ours in self.children.items():
            theirs = other.children.get(step)
            if theirs is None:
                children[step] = ours
            elif not theirs.member:
                rest = ours.without(theirs)
                if rest.kept:
                    children[step] = rest
        return FieldSet(self.member and not other.member, children)

    @property
    def kept(self) -> bool:
        """Whether a trie needs this node."""
        return self.member or bool(self.children)

    def with_named_fields(self, atom: Atom | None) -> FieldSet:
        """With every declared field that leads to a path in the set; keys of a free map are not added."""
        mapping, items = (atom.mapping, atom.list) if atom else (None, None)
        children: dict[str, FieldSet] = {}
        for step, child in self.children.items():
            named, below = False, None
            if step[0] == "f" and mapping is not None:
                named, below = step[2:] in mapping.fields, mapping.child(step[2:])
            elif step[0] == "k" and items is not None:
                below = items.element
            inner = child.with_named_fields(below)
            children[step] = FieldSet(
                child.member or (named and bool(child.children)), inner.children
            )
        return FieldSet(self.member, children)

    def leaves(self) -> FieldSet:
        """Only the paths below which nothing else is in the set."""
        children = {step: child.leaves() for step, child in self.children.items()}
        return FieldSet(self.member and not children, children)

    def paths(self) -> Iterator[FieldPath]:
        """The same, for people."""
        return (field_path(steps) for steps in self)


EMPTY = FieldSet()


class _Tree:
    """A set while it is built."""

    __slots__ = ("children", "member")

    def __init__(self) -> None:
        self.member = False
        self.children: dict[str, _Tree] = {}

    def down(self, step: str) -> _Tree:
        child = self.children.get(step)
        if child is None:
            child = self.children[step] = _Tree()
        return child

    def insert(self, path: Steps) -> None:
        here = self
        for step in path:
            here = here.down(step)
        here.member = True

    def frozen(self) -> FieldSet:
        frozen = {step: child.frozen() for step, child in self.children.items()}
        return FieldSet(self.member, {step: child for step, child in frozen.items() if child.kept})


def of_object(schema: Schema, body: JsonObject) -> FieldSet:
    """The fields that an apply of this body owns (without the ones nobody owns: kind, name, uid ...).

    The body must be typed (`typed.mistyped` finds nothing). Leaves are scalars, nulls, empty mappings,
    atomic lists and mappings; items of a set or a map list count as well, with their keys below them.
    """
    return set_of(root_atom(schema), body) - NEVER_OWNED


def set_of(atom: Atom, value: Json) -> FieldSet:
    """Every field of a value, the ones nobody owns too."""
    tree = _Tree()
    _collect(tree, atom, value)
    frozen = tree.frozen()
    return FieldSet(children=frozen.children)


def _collect(tree: _Tree, atom: Atom, value: Json) -> None:
    form = atom.first(atom.form(value))
    if form == "map" and atom.mapping is not None:
        if atom.mapping.atomic:
            tree.member = True
        elif isinstance(value, dict):
            _collect_fields(tree, atom.mapping, value)
    elif form == "list" and atom.list is not None:
        if not atom.list.associative:
            tree.member = True
        elif isinstance(value, list):
            _collect_items(tree, atom.list, value)
    else:
        tree.member = True


def _collect_fields(tree: _Tree, mapping: MapAtom, value: JsonObject) -> None:
    for key, item in value.items():
        child = mapping.child(key)
        below = tree.down(field_step(key))
        if child is not None:
            _collect(below, child, item)
        if item is None or item == {} or key not in mapping.fields:
            below.member = True


def _collect_items(tree: _Tree, items: ListAtom, value: list[Json]) -> None:
    steps = [item_step(items, item) for item in value]
    for step, item in zip(steps, value, strict=True):
        below = tree.down(step)
        # Of duplicates (an update may store them) only the item itself is a field.
        if steps.count(step) == 1:
            _collect(below, items.element, item)
        below.member = True


# The server strips these from every entry it writes.
NEVER_OWNED = FieldSet.of_paths(
    [("f:apiVersion",), ("f:kind",), ("f:metadata",)]
    + [
        ("f:metadata", field_step(name))
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
