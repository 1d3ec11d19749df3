"""The no-op proof, which shows without a merge that a server-side apply would change nothing.

The proof holds if our managedFields entry has exactly the fields of the applied body, at the same apiVersion, and if
each field has the applied value, defaults included. In doubt there is no proof. Property tests compare the proof with
`server.apply` and with a real API server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reconciler.model.document import Json, JsonObject, dig
from reconciler.semantics.ownership.fieldset import FieldSet, fields_of_apply
from reconciler.semantics.ownership.managed_fields import ManagedFieldsEntry, entries
from reconciler.semantics.ownership.typed import mismatches_in
from reconciler.semantics.schema.crd import CrdVersion
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import content, same

_IDENTITY = ("name", "namespace")


def proves_noop(
    version: CrdVersion, live: Mapping[str, Any], body: JsonObject, manager: str
) -> bool:
    """Whether an apply of `body` by this manager provably changes nothing.

    The caller leaves preconditions (uid, resourceVersion) out of `body`.
    """
    ours, others = _ours_and_others(live, manager)
    if ours is None or ours.owned.api_version != body.get("apiVersion"):
        return False
    applied = _applied(version.schema, content(body))
    if live.get("apiVersion") != body.get("apiVersion") or applied is None:
        return False
    fields, defaulted = applied
    if fields != ours.fields or any(_overlaps(fields, entry.fields) for entry in others):
        return False
    metadata = {key: value for key, value in body["metadata"].items() if key not in _IDENTITY}
    return all(
        _has_applied(version.schema.child(key), value, defaulted.get(key), live.get(key))
        for key, value in (body | {"metadata": metadata}).items()
    )


@lru_cache(maxsize=512)  # a bound on memory: only objects of one template share an entry
def _applied(schema: Schema, text: str) -> tuple[FieldSet, JsonObject] | None:
    """The fields that an apply of this content owns, and the content with its defaults; None if its types are wrong."""
    body = json.loads(text)
    if mismatches_in(schema, text):
        return None
    return fields_of_apply(schema, body), with_defaults(schema, body)


def _ours_and_others(
    live: Mapping[str, Any], manager: str
) -> tuple[ManagedFieldsEntry | None, list[ManagedFieldsEntry]]:
    """The Apply entry of the manager, and all other entries.

    None in place of the Apply entry if there are none or several, or if any entry is not valid.
    """
    managed = entries(dict(live))
    ours = [entry for entry in managed if entry.is_apply_of(manager)]
    usable = len(ours) == 1 and len(managed) == len(dig(dict(live), "metadata", "managedFields"))
    return (ours[0] if usable else None), [entry for entry in managed if entry not in ours]


def _overlaps(ours: FieldSet, other: FieldSet) -> bool:
    """Whether one set has a field as one, and the other has fields inside it (a null, or a replaced mapping)."""
    return any(
        bool(child.children) != bool(other.children[element].children)
        or _overlaps(child, other.children[element])
        for element, child in ours.children.items()
        if element in other.children
    )


def _has_applied(schema: Schema | None, applied: Json, defaulted: Json, live: Json) -> bool:
    """Whether the live value has every applied field.

    A live mapping may have more fields, which others own. A value that is owned as one must equal the applied value
    with its defaults.
    """
    if not isinstance(applied, dict) or (schema is not None and schema.map_type == "atomic"):
        # A null proves nothing: it may have been dropped, and where a default has taken its place it differs from it.
        return same(defaulted, live) and not _has_null(applied)
    return isinstance(live, dict) and all(
        key in live
        and _has_applied(schema.child(key) if schema else None, value, defaulted[key], live[key])
        for key, value in applied.items()
    )


def _has_null(value: Json) -> bool:
    children = value.values() if isinstance(value, dict) else value
    return value is None or (isinstance(value, (dict, list)) and any(map(_has_null, children)))
