"""The no-op proof: whether a server-side apply would store what is there, told without merging anything.

It holds where our entry of managedFields covers exactly the fields that are sent, at the same apiVersion, and each
of them has the value that is sent, defaults filled in. It never holds by accident: whatever is unclear is not proved.
A property test holds it to `server.apply`, and another to a real API server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.semantics.crd import CrdVersion
from reconciler.semantics.defaults import with_defaults
from reconciler.semantics.fieldset import FieldSet, of_object
from reconciler.semantics.schema import Schema
from reconciler.semantics.typed import mistyped


def stays(version: CrdVersion, live: Mapping[str, Any], sent: JsonObject, manager: str) -> bool:
    """Whether an apply of `sent` by this manager provably changes nothing.

    Preconditions in `sent` (uid, resourceVersion) are for the caller to leave out.
    """
    entry = _entry(live, manager)
    if entry is None or entry.get("apiVersion") != sent.get("apiVersion"):
        return False
    if live.get("apiVersion") != sent.get("apiVersion") or mistyped(version.schema, sent):
        return False
    if of_object(version.schema, sent) != FieldSet.from_fields_v1(dig_map(entry, "fieldsV1")):
        return False
    filled = with_defaults(version.schema, sent)
    metadata = dig_map(filled, "metadata")
    return all(
        _same_below(None, metadata.get(key), dig(live, "metadata", key))
        for key in metadata
        if key not in ("name", "namespace")
    ) and all(
        key in live and _same_below(version.schema.properties.get(key), value, live[key])
        for key, value in filled.items()
        if key not in ("apiVersion", "kind", "metadata")
    )


def _entry(live: Mapping[str, Any], manager: str) -> JsonObject | None:
    """The one Apply entry of a manager; None where there is none, or more than one."""
    found = dig(dict(live), "metadata", "managedFields")
    ours = [
        entry
        for entry in (found if isinstance(found, list) else [])
        if entry.get("manager") == manager
        and entry.get("operation") == "Apply"
        and not entry.get("subresource")
    ]
    return ours[0] if len(ours) == 1 else None


def _same_below(schema: Schema | None, sent: Json, live: Json) -> bool:
    """Whether live holds all that is sent; beside it, only what others may own."""
    if not isinstance(sent, dict) or (schema is not None and schema.map_type == "atomic"):
        return _equal(sent, live)
    if not isinstance(live, dict):
        return False
    return all(
        key in live and _same_below(schema.child(key) if schema else None, value, live[key])
        for key, value in sent.items()
    )


def _equal(sent: Json, live: Json) -> bool:
    """Equal as JSON: `True` is not 1. A list counts as a whole, a null proves nothing."""
    if isinstance(sent, bool) or isinstance(live, bool) or sent is None:
        return sent is live and sent is not None
    if isinstance(sent, dict) and isinstance(live, dict):
        return sent.keys() == live.keys() and all(_equal(sent[key], live[key]) for key in sent)
    if isinstance(sent, list) and isinstance(live, list):
        return len(sent) == len(live) and all(map(_equal, sent, live))
    return bool(sent == live)
