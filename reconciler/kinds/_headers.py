"""HTTP headers in a manifest: those that no request can carry, and those that carry a credential."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kind import FieldFinding, FieldText
from reconciler.kinds._findings import finding, warning
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110
_CREDENTIALS = ("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie")


def header_names(body: JsonObject, *path: str) -> tuple[FieldText, ...]:
    """The names of the headers in a field."""
    return tuple(FieldText((*path, name), name) for name in dig_map(body, *path))


def credentials(
    code: str, path: FieldPath, headers: Mapping[str, Any], hint: str
) -> Iterator[FieldFinding]:
    """Headers whose name says that they carry a credential; case does not matter."""
    for name in headers:
        if name.lower() in _CREDENTIALS:
            message = (
                "a credential in a header can be read by everyone who may read git or the object"
            )
            yield warning(code, (*path, name), message, hint)


def malformed(
    severity: Severity, code: str, path: FieldPath, headers: Mapping[str, Any]
) -> Iterator[FieldFinding]:
    """Headers that no request can carry as they are written. Messages never repeat a value."""
    known: dict[str, str] = {}
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            message = "the name of a header consists of letters, digits and dashes"
            yield finding(severity, code, (*path, name), message, "write it like X-Team")
        elif name.lower() in known:
            message = f"{known[name.lower()]} is the same header: case does not matter in names"
            yield finding(severity, code, (*path, name), message, "remove one of them")
        elif isinstance(value, str) and any(not char.isprintable() for char in value):
            message = "the value contains a line break or another control character"
            hint = "write it on one line: a block scalar ends with a line break after | or >, but not after |- or >-"
            yield finding(severity, code, (*path, name), message, hint)
        known.setdefault(name.lower(), name)
