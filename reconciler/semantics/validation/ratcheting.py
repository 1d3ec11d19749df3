"""Ratcheting validation (KEP-4008): an update may keep an invalid value that it does not change."""

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
    """A new value with the old value that it replaces; the schema decides how items of lists correlate."""

    new: Json
    old: Json
    schema: Schema

    def key(self, key: str) -> Correlated | None:
        """The correlated values of a key; None if a side does not have it or the schema does not declare it."""
        if not isinstance(self.new, dict) or not isinstance(self.old, dict):
            return None
        child = self.schema.child(key)
        if key not in self.new or key not in self.old or child is None:
            return None
        return Correlated(self.new[key], self.old[key], child)

    def index(self, index: int) -> Correlated | None:
        """The correlated values of an item; None for an item without an old value, and outside of map lists."""
        items = self.schema.items
        if not isinstance(self.new, list) or not isinstance(self.old, list) or items is None:
            return None
        if self.schema.list_type != "map":
            return None
        old = item_with_keys(self.schema.list_map_keys, self.old, self.new[index])
        return None if old is None else Correlated(self.new[index], old, items)

    @cached_property
    def unchanged(self) -> bool:
        """Whether the values are equal; items of a map list may be in another order."""
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
    keys: tuple[str, ...], values: list[Json], new: Json
) -> Mapping[str, Any] | None:
    """The item of a map list that has the keys of the item `new`; None if `new` lacks a key."""
    if not isinstance(new, dict) or not keys or not all(_is_scalar(new.get(key)) for key in keys):
        return None
    for value in values:
        if isinstance(value, dict) and all(
            key in value and same(value[key], new[key]) for key in keys
        ):
            return value
    return None


def _is_scalar(value: Json) -> bool:
    return isinstance(value, (str, int, float))
