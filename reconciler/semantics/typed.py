"""What server-side apply refuses before it merges: the typed conversion of structured-merge-diff (KEP-555)."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.schema import Schema


@dataclass(frozen=True, slots=True)
class Mistyped:
    """One place where a body cannot be read by the schema's types.

    `printed` is the path as the server writes it (".spec.nope"), `message` what it says after it.
    """

    path: FieldPath
    printed: str
    message: str  # "field not declared in schema", "expected string, got ..."
    undeclared: bool
    near: tuple[str, ...] = ()  # the declared names beside it, for a did-you-mean


def mistyped(schema: Schema, body: JsonObject) -> tuple[Mistyped, ...]:
    """All such places, in the server's order: an apply is refused if there is any."""
    raise NotImplementedError


def undeclared(schema: Schema, body: JsonObject) -> tuple[Mistyped, ...]:
    """Only the fields that the schema does not have (a PUT or a patch loses them in silence)."""
    raise NotImplementedError
