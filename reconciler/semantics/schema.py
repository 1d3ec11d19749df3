"""The structural schema of a custom resource as an immutable tree (KEP-1150, x-kubernetes-* of the CRD API)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.document import Json


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of x-kubernetes-validations."""

    rule: str
    message: str = ""
    message_expression: str = ""
    reason: str = "FieldValueInvalid"
    field_path: str = ""
    optional_old_self: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Schema:
    """One node. `type` is "" where the schema names none (int-or-string, preserve-unknown)."""

    type: str = ""
    properties: Mapping[str, Schema] = field(default_factory=dict)
    additional: Schema | None = None  # additionalProperties, {} for `true`
    items: Schema | None = None
    required: tuple[str, ...] = ()
    nullable: bool = False
    has_default: bool = False
    default_text: str = ""  # canonical JSON
    enum: tuple[Json, ...] | None = None
    format: str = ""
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_properties: int | None = None
    max_properties: int | None = None
    preserve_unknown: bool = False
    int_or_string: bool = False
    embedded: bool = False
    list_type: str = ""  # "" is atomic, as the server reads it
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""  # "" is granular
    rules: tuple[Rule, ...] = ()
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    not_: Schema | None = None
    description: str = ""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Schema:
        """The tree of an `openAPIV3Schema` (or any schema below it)."""
        raise NotImplementedError

    @property
    def default(self) -> Json:
        """A fresh copy of the default; only meaningful when `has_default`."""
        raise NotImplementedError

    def child(self, key: str) -> Schema | None:
        """The schema of one key of a mapping: a property, else additionalProperties, else None."""
        raise NotImplementedError

    def at(self, *path: str | int) -> Schema | None:
        """The schema under a path; an integer step (or `[...]` key step) goes into the items."""
        raise NotImplementedError
