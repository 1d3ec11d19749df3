"""The no-op proof: whether a server-side apply would store what is there, told without merging anything.

It holds where our entry of managedFields covers exactly the fields that are sent, at the same apiVersion, and each
of them has the value that is sent, defaults filled in. It never holds by accident: whatever is unclear is not proved.
A property test holds it to `server.apply`, and another to a real API server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.document import Json, JsonObject, dig
from reconciler.semantics.ownership.fieldset import FieldSet, of_object
from reconciler.semantics.ownership.managers import Entry, entries
from reconciler.semantics.ownership.typed import mistyped
from reconciler.semantics.schema.crd import CrdVersion
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.schema.structural import Schema

_NAMES = ("name", "namespace")


def stays(version: CrdVersion, live: Mapping[str, Any], sent: JsonObject, manager: str) -> bool:
    """Whether an apply of `sent` by this manager provably changes nothing.

    Preconditions in `sent` (uid, resourceVersion) are for the caller to leave out.
    """
    ours, others = _ours_and_others(live, manager)
    if ours is None or ours.owned.api_version != sent.get("apiVersion"):
        return False
    if live.get("apiVersion") != sent.get("apiVersion") or mistyped(version.schema, sent):
        return False
    fields = of_object(version.schema, sent)
    if fields != ours.fields or any(_crosses(fields, entry.fields) for entry in others):
        return False
    filled = with_defaults(version.schema, sent)
    told = {**sent, "metadata": {k: v for k, v in sent["metadata"].items() if k not in _NAMES}}
    return all(
        _same_below(version.schema.child(key), value, filled.get(key), live.get(key))
        for key, value in told.items()
        if key not in ("apiVersion", "kind")
    )


def _ours_and_others(live: Mapping[str, Any], manager: str) -> tuple[Entry | None, list[Entry]]:
    """The one Apply entry of a manager, and all others.

    None where there is none, or more than one, or an entry that cannot be read.
    """
    found = entries(dict(live))
    ours = [entry for entry in found if entry.is_apply_of(manager)]
    clear = len(ours) == 1 and len(found) == len(dig(dict(live), "metadata", "managedFields"))
    return (ours[0] if clear else None), [entry for entry in found if entry not in ours]


def _crosses(ours: FieldSet, other: FieldSet) -> bool:
    """Whether one of the two owns as a whole what the other owns in parts: a null, or a mapping that was replaced."""
    return any(
        bool(child.children) != bool(other.children[step].children)
        or _crosses(child, other.children[step])
        for step, child in ours.children.items()
        if step in other.children
    )


def _same_below(schema: Schema | None, sent: Json, filled: Json, live: Json) -> bool:
    """Whether live holds all that is sent. Beside it only others' fields; a default inside of one field is ours too."""
    if not isinstance(sent, dict) or (schema is not None and schema.map_type == "atomic"):
        return _equal(filled, live)
    return isinstance(live, dict) and all(
        key in live
        and _same_below(schema.child(key) if schema else None, value, filled[key], live[key])
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
