"""Field by field: what differs between two objects. The only user of deepdiff, loaded when something differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.document import Json, JsonObject, canonical
from reconciler.model.path import FieldPath, at, present
from reconciler.semantics.validation.objectmeta import SERVER_FIELDS
from reconciler.semantics.values import same, with_plain_numbers


@dataclass(frozen=True, slots=True)
class Pair:
    """One leaf on both sides. A list is one leaf: the managed CRDs' lists are atomic."""

    path: FieldPath
    left: Json
    right: Json
    in_left: bool
    in_right: bool


def authored(body: JsonObject) -> JsonObject:
    """The part of an object that people and tools write: no difference in the rest is anyone's doing."""
    metadata = {k: v for k, v in body.get("metadata", {}).items() if k not in SERVER_FIELDS}
    rest = {k: v for k, v in body.items() if k not in ("status", "metadata")}
    return {**rest, "metadata": metadata}


def compare(left: JsonObject, right: JsonObject) -> tuple[Pair, ...]:
    """The leaves that differ, in path order; 1 and 1.0 are the same number, `true` is none."""
    if same(left, right):
        return ()
    from deepdiff import DeepDiff

    tree = DeepDiff(_sealed(left), _sealed(right), view="tree")
    roots = {tuple(level.path(output_format="list")) for group in tree.values() for level in group}
    leaves = {leaf for root in roots for leaf in _leaves(root, left, right)}
    return tuple(
        Pair(path, at(left, path), at(right, path), present(left, path), present(right, path))
        for path in sorted(leaves, key=lambda p: tuple(map(str, p)))
    )


def _sealed(value: Json) -> Json:
    """Every list as bytes, which JSON has none of: it is one leaf, and inside of it Python takes 1 for `true`."""
    if isinstance(value, dict):
        return {key: _sealed(below) for key, below in value.items()}
    return canonical(with_plain_numbers(value)).encode() if isinstance(value, list) else value


def _leaves(root: FieldPath, left: JsonObject, right: JsonObject) -> Iterator[FieldPath]:
    """A mapping that came or went is shown by its leaves; an empty one is a leaf itself."""
    both = present(left, root) and present(right, root)
    if both and same(at(left, root), at(right, root)):
        return
    sides = [side for side in (at(left, root), at(right, root)) if isinstance(side, dict) and side]
    if not sides:
        yield root
    for key in {key for side in sides for key in side}:
        yield from _leaves((*root, key), left, right)
