"""The fields in which two objects differ. The only user of deepdiff, which is imported when something differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.frozen import dataclass
from reconciler.model.document import Json, JsonObject
from reconciler.model.marks import LAST_APPLIED
from reconciler.model.path import FieldPath, at, present
from reconciler.semantics.validation.objectmeta import SERVER_FIELDS
from reconciler.semantics.values import same


@dataclass(frozen=True, slots=True)
class Pair:
    """A leaf that differs, with its value on both sides. A list is a leaf: the managed CRDs' lists are atomic."""

    path: FieldPath
    left: Json
    right: Json
    in_left: bool
    in_right: bool


def authored(body: JsonObject) -> JsonObject:
    """The part of an object that people and tools write, without what the server, the operators and kubectl keep."""
    metadata = {k: v for k, v in body.get("metadata", {}).items() if k not in SERVER_FIELDS}
    if LAST_APPLIED in (annotations := metadata.get("annotations") or {}):
        metadata["annotations"] = {k: v for k, v in annotations.items() if k != LAST_APPLIED}
        if not metadata["annotations"]:
            del metadata["annotations"]
    rest = {k: v for k, v in body.items() if k != "status"}
    return {**rest, "metadata": metadata}


def compare(left: JsonObject, right: JsonObject) -> tuple[Pair, ...]:
    """The leaves that differ, in path order: all of them, if one side is empty.

    1 and 1.0 are the same number; 1 and true are not the same value.
    """
    if same(left, right):
        return ()
    leaves = _differing(left, right) if left and right else _leaves((), left or right)
    return tuple(
        Pair(path, at(left, path), at(right, path), present(left, path), present(right, path))
        for path in sorted(leaves, key=lambda p: tuple(map(str, p)))
    )


def _differing(left: JsonObject, right: JsonObject) -> set[FieldPath]:
    from deepdiff import DeepDiff

    tree = DeepDiff(
        left,
        right,
        view="tree",
        custom_operators=[_JsonLeaf()],
        ignore_private_variables=False,  # a key may begin with two underscores
        threshold_to_diff_deeper=0,  # two mappings without a common key are two mappings nevertheless
    )
    return {
        leaf
        for levels in tree.values()
        for level in levels
        for leaf in _leaves(tuple(level.path(output_format="list")), level.t1, level.t2)
    }


class _JsonLeaf:
    """An operator of deepdiff: unless both values are mappings, compares them as JSON values."""

    def match(self, level: Any) -> bool:
        return not (isinstance(level.t1, dict) and isinstance(level.t2, dict))

    def give_up_diffing(self, level: Any, diff_instance: Any) -> bool:
        if not same(level.t1, level.t2):
            diff_instance.custom_report_result("values_changed", level)
        return True


def _leaves(path: FieldPath, *sides: Any) -> Iterator[FieldPath]:
    """A mapping that only one side has is shown by its leaves; an empty one is a leaf itself."""
    mapping = next((side for side in sides if isinstance(side, dict)), {})
    if not mapping:
        yield path
    for key, below in mapping.items():
        yield from _leaves((*path, key), below)
