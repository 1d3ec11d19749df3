"""Names of HTTP headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kind import Named
from reconciler.model.document import JsonObject, dig_map

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110
_CREDENTIALS = ("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie")


def is_credential(name: str) -> bool:
    """Whether a header of this name carries a credential; names know no case."""
    return name.lower() in _CREDENTIALS


def named(body: JsonObject, *path: str) -> tuple[Named, ...]:
    """The names of the headers that stand in a field."""
    return tuple(Named((*path, name), name) for name in dig_map(body, *path))


def problems_of(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names of headers that no request can carry as they stand, and why; never a value."""
    known: dict[str, str] = {}
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            yield name, "a name of a header has letters, digits and dashes only"
        elif name.lower() in known:
            yield name, f"{known[name.lower()]} is the same header: names know no case"
        elif isinstance(value, str) and any(not char.isprintable() for char in value):
            yield name, "the value holds a line break or another control character"
        known.setdefault(name.lower(), name)
