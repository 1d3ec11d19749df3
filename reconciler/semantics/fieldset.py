"""Sets of fields: FieldsV1 (KEP-555) as an immutable value, and the fields a body owns.

A path inside a set is a tuple of FieldsV1 steps, as managedFields writes them:
`f:name` a field, `k:{"type":"Ready"}` an item of a map list, `v:"x"` an item of a set, `i:0` an index.
For people the same path is a `FieldPath` whose step for an item is the text inside the server's
brackets: `("status", "conditions", 'type="Ready"', "status")`; `model.path.show` then prints what
the server prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.schema import Schema

Steps: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A set of paths; a trie, so that set operations cost what differs. Compare by value."""

    member: bool = False  # whether the path that leads here is in the set (FieldsV1's ".")
    children: Mapping[str, FieldSet] = field(default_factory=dict)

    @classmethod
    def from_fields_v1(cls, fields: Mapping[str, Any]) -> FieldSet:
        raise NotImplementedError

    def to_fields_v1(self) -> JsonObject:
        raise NotImplementedError

    @classmethod
    def of_paths(cls, paths: Iterable[Steps]) -> FieldSet:
        raise NotImplementedError

    def __bool__(self) -> bool:
        raise NotImplementedError

    def __contains__(self, steps: Steps) -> bool:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Steps]:
        """Every path in the set, in the server's order."""
        raise NotImplementedError

    def __or__(self, other: FieldSet) -> FieldSet:
        raise NotImplementedError

    def __and__(self, other: FieldSet) -> FieldSet:
        raise NotImplementedError

    def __sub__(self, other: FieldSet) -> FieldSet:
        raise NotImplementedError

    def leaves(self) -> FieldSet:
        """Only the paths below which nothing else is in the set."""
        raise NotImplementedError

    def paths(self) -> Iterator[FieldPath]:
        """The same, for people."""
        raise NotImplementedError


def of_object(schema: Schema, body: JsonObject) -> FieldSet:
    """The fields that an apply of this body owns (without the ones nobody owns: kind, name, uid ...)."""
    raise NotImplementedError


def printed(steps: Steps) -> str:
    """`.status.conditions[type="Ready"].status`: how the server writes a path."""
    raise NotImplementedError


def field_path(steps: Steps) -> FieldPath:
    """The path for people (see the module's docstring)."""
    raise NotImplementedError


def locate(body: Json, steps: Steps) -> FieldPath | None:
    """Where that field stands in this body now, items as indices; None if it is not there."""
    raise NotImplementedError
