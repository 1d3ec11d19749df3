"""What every stored object has, because a server decodes its metadata into types.

Code that reads an object relies on it. A broken proxy, a hostile server or a damaged file may say anything instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.model.document import Json, JsonObject, dig_map, is_deep
from reconciler.semantics.validation.objectmeta import decode_error

_NUMBERS: Final = ("generation", "deletionGracePeriodSeconds")
_TEXTS: Final = ("creationTimestamp", "deletionTimestamp")
_ENTRY_TEXTS: Final = ("manager", "operation", "apiVersion", "time", "fieldsType", "subresource")
_INT64: Final = 1 << 63


def stored_error(body: JsonObject) -> str:
    """Why no server would have stored an object; "" if it could have."""
    if is_deep(body):
        return "it is nested too deeply"
    return decode_error(body.get("metadata")) or next(_errors(dig_map(body, "metadata")), "")


def _errors(metadata: JsonObject) -> Iterator[str]:
    for key in _NUMBERS:
        value = metadata.get(key)
        # A bool is an int in Python.
        if value is not None and (type(value) is not int or not -_INT64 <= value < _INT64):
            yield f"metadata.{key} must be an integer"
    for key in _TEXTS:
        if not isinstance(metadata.get(key), str | None):
            yield f"metadata.{key} must be a time"
    entries = metadata.get("managedFields")
    if not isinstance(entries, list | None) or not all(map(_is_entry, entries or ())):
        yield "metadata.managedFields must be a list of entries"


def _is_entry(entry: Json) -> bool:
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(key), str | None) for key in _ENTRY_TEXTS)
        and isinstance(entry.get("fieldsV1"), dict | None)
    )
