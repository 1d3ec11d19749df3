"""Names of HTTP headers."""

from __future__ import annotations

from reconciler.kind import Named
from reconciler.model.document import JsonObject, dig_map

_CREDENTIALS = ("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie")


def is_credential(name: str) -> bool:
    """Whether a header of this name carries a credential; names know no case."""
    return name.lower() in _CREDENTIALS


def named(body: JsonObject, *path: str) -> tuple[Named, ...]:
    """The names of the headers that stand in a field."""
    return tuple(Named((*path, name), name) for name in dig_map(body, *path))
