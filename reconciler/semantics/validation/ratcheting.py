"""An old value beside the new one (KEP-4008): what did not change may stay invalid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reconciler.model.document import Json
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import same


@dataclass(frozen=True, eq=False)
class Correlated:
    """A new value, the old one in the same place, and the schema that tells which place is the same."""

    new: Json
    old: Json
    schema: Schema

    def key(self, key: str) -> Correlated | None:
        """The pair under a key; None where either side or the schema has nothing."""
        if not isinstance(self.new, dict) or not isinstance(self.old, dict):
            return None
        child = self.schema.child(key)
        if key not in self.new or key not in self.old or child is None:
            return None
        return Correlated(self.new[key], self.old[key], child)

    def index(self, index: int) -> Correlated | None:
        """The pair of one item: only items of a map list have an old one."""
        items = self.schema.items
        if not isinstance(self.new, list) or not isinstance(self.old, list) or items is None:
            return None
        if self.schema.list_type != "map":
            return None
        old = item_with_keys(self.schema.list_map_keys, self.old, self.new[index])
        return None if old is None else Correlated(self.new[index], old, items)

    @cached_property
    def unchanged(self) -> bool:
        """Equal as far as places can be told: an item of a map list may have moved."""
        if isinstance(self.new, dict) and isinstance(self.old, dict):
            if len(self.new) != len(self.old):
                return False
            return all((pair := self.key(key)) is not None and pair.unchanged for key in self.new)
        if isinstance(self.new, list) and isinstance(self.old, list):
            if len(self.new) != len(self.old):
                return False
            if self.schema.list_type != "map":
                return same(self.old, self.new)
            return all(
                (pair := self.index(i)) is not None and pair.unchanged for i in range(len(self.new))
            )
        return same(self.old, self.new)


def item_with_keys(
    keys: tuple[str, ...], items: list[Json], wanted: Json
) -> Mapping[str, Any] | None:
    """The item of a map list that has the same keys as `wanted`; None when a key is missing."""
    if (
        not isinstance(wanted, dict)
        or not keys
        or not all(_scalar(wanted.get(key)) for key in keys)
    ):
        return None
    for item in items:
        if isinstance(item, dict) and all(
            key in item and same(item[key], wanted[key]) for key in keys
        ):
            return item
    return None


def _scalar(value: Json) -> bool:
    return isinstance(value, (str, int, float))
