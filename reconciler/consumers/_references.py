"""References to other objects, read leniently: a value of another type counts as absent."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import ObjectReference
from reconciler.model.document import Json, JsonObject
from reconciler.model.identity import GroupKind
from reconciler.model.path import FieldPath, at


def entries(body: JsonObject, *path: str | int) -> Iterator[tuple[FieldPath, JsonObject]]:
    """The mappings in a list, with their paths."""
    held = at(body, path)
    for number, entry in enumerate(held if isinstance(held, list) else ()):
        if isinstance(entry, dict):
            yield (*path, number), entry


def reference(
    body: JsonObject, target: GroupKind, *path: str | int, default: str = "", literal: bool = False
) -> Iterator[ObjectReference]:
    """The reference `{name, namespace}` at a path, if it has a name.

    Args:
        default: the namespace if the reference has none; the object's own one without it.
        literal: an empty namespace is that name, which no namespace has, and not the default.
    """
    held: Json = at(body, path)
    name = held.get("name") if isinstance(held, dict) else None
    if not isinstance(name, str) or not name:
        return
    namespace = held.get("namespace")
    if not isinstance(namespace, str) or not (namespace or literal):
        namespace = default or str(body["metadata"].get("namespace") or "")
    yield ObjectReference((*path, "name"), target, namespace, name)
