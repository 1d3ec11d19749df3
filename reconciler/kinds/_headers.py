"""HTTP headers that stand in a manifest: what no request can carry, and what nobody should read there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kind import FieldFinding, Named
from reconciler.kinds._contract import Breach, warning
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.path import FieldPath

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110
_CREDENTIALS = ("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie")


def named(body: JsonObject, *path: str) -> tuple[Named, ...]:
    """The names of the headers that stand in a field."""
    return tuple(Named((*path, name), name) for name in dig_map(body, *path))


def credentials(
    code: str, path: FieldPath, headers: Mapping[str, Any], instead: str
) -> Iterator[FieldFinding]:
    """Headers whose name says that they carry a credential; names know no case."""
    for name in headers:
        if name.lower() in _CREDENTIALS:
            message = "a credential in a header stands in git and in the object, for everyone who may read them"
            yield warning(code, (*path, name), message, instead)


def breaches(code: str, path: FieldPath, headers: Mapping[str, Any]) -> Iterator[Breach]:
    """Headers that no request can carry as they stand; never a value."""
    known: dict[str, str] = {}
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            message = "a name of a header has letters, digits and dashes only"
            yield Breach(code, (*path, name), message, "write it like X-Team")
        elif name.lower() in known:
            message = f"{known[name.lower()]} is the same header: names know no case"
            yield Breach(code, (*path, name), message, "remove one of them")
        elif isinstance(value, str) and any(not char.isprintable() for char in value):
            message = "the value holds a line break or another control character"
            hint = "write it on one line: a text after | or > ends with a line break, after |- or >- it does not"
            yield Breach(code, (*path, name), message, hint)
        known.setdefault(name.lower(), name)
