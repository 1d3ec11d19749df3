"""Which values a snapshot leaves out, and how those that git has come back.

No digest of a value is in a snapshot: whoever has it could guess the value with one. A value that could be a secret
(of a header, of an annotation, or whatever looks like a key) is replaced by a mark, which says whether git has the
same at the commit of the snapshot. With that commit the value comes back, so that the plan of any other commit is the
same as with the cluster. A value that git did not have stays unknown, and differs from any.
"""

from __future__ import annotations

import json
from typing import Final

from reconciler.kind import Kind
from reconciler.model.document import Json, JsonObject, canonical, dig_map
from reconciler.model.path import FieldPath, at, present
from reconciler.model.snapshot import AS_GIT
from reconciler.semantics.values import same
from reconciler.text.foreign import MARK, masked_name, masked_text, masked_value

_SERVER: Final = ("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp")
# What tells whether an object is ready, and names none of its values.
_OF_STATUS: Final = ("type", "status", "reason", "phase", "lastTransitionTime")
_AUTHORED: Final = ("labels", "annotations", "finalizers", "ownerReferences")


def without_secrets(kind: Kind, body: JsonObject, git: JsonObject) -> JsonObject:
    """A live object as a snapshot holds it.

    Args:
        git: the manifest at the commit of the snapshot; {} if there is none.
    """
    metadata = dig_map(body, "metadata")
    visible: JsonObject = {
        key: metadata[key] for key in ("name", "namespace", *_SERVER) if key in metadata
    }
    for key in _AUTHORED:
        if key in metadata:
            visible[key] = _visible(kind, metadata[key], ("metadata", key), git)
    if isinstance(metadata.get("managedFields"), list):
        visible["managedFields"] = [_entry(each) for each in metadata["managedFields"]]
    rest = {
        key: _status(value) if key == "status" else _visible(kind, value, (key,), git)
        for key, value in body.items()
        if key != "metadata"
    }
    return rest | {"metadata": visible}


def with_values(body: JsonObject, git: JsonObject) -> JsonObject:
    """The object with each value that is as in git; `git` is the manifest at the commit of the snapshot."""
    restored: JsonObject = _restored(body, (), git)
    return restored


def _restored(value: Json, path: FieldPath, git: JsonObject) -> Json:
    if isinstance(value, dict):
        return {key: _restored(child, (*path, key), git) for key, child in value.items()}
    if isinstance(value, list):
        return [_restored(child, (*path, n), git) for n, child in enumerate(value)]
    return at(git, path) if value == AS_GIT and present(git, path) else value


def _visible(kind: Kind, value: Json, path: FieldPath, git: JsonObject) -> Json:
    if isinstance(value, dict):
        return {
            masked_name(key): _visible(kind, child, (*path, key), git)
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [_visible(kind, child, (*path, n), git) for n, child in enumerate(value)]
    shown = _shown(kind, value, path)
    if same(shown, value):
        return value
    return AS_GIT if present(git, path) and same(at(git, path), value) else shown


def _shown(kind: Kind, value: Json, path: FieldPath) -> Json:
    """The value, or the mark in its place, of the same type, so that the object stays valid."""
    if value is None:
        return None
    hidden = path[:2] == ("metadata", "annotations") or kind.holds_sensitive(path)
    if not isinstance(value, str):
        return type(value)() if hidden else value
    if hidden or value == AS_GIT:
        return MARK if value else value
    names = [step for step in path if isinstance(step, str)]
    return masked_value(value, names[-1])


def _status(value: Json, name: str = "") -> Json:
    """A status without its sentences, in which an operator may quote the value of a Secret, however short."""
    if isinstance(value, dict):
        return {masked_name(key): _status(child, key) for key, child in value.items()}
    if isinstance(value, list):
        return [_status(child, name) for child in value]
    if not isinstance(value, str):
        return value
    return masked_value(value, name) if name in _OF_STATUS else MARK


def _entry(entry: Json) -> Json:
    """An entry of managedFields: names of fields, and values only of a set and of the keys of a list."""
    if not isinstance(entry, dict):
        return {}
    shown = {key: masked_text(value) for key, value in entry.items() if isinstance(value, str)}
    return shown | {"fieldsV1": _fields(entry.get("fieldsV1"))}


def _fields(fields: Json) -> Json:
    if not isinstance(fields, dict):
        return {}
    return {_element(element): _fields(below) for element, below in fields.items()}


def _element(element: str) -> str:
    letter, separator, rest = element.partition(":")
    if letter not in ("k", "v"):
        return f"{letter}{separator}{masked_name(rest)}"
    try:
        return f"{letter}:{canonical(masked_value(json.loads(rest)))}"
    except ValueError:  # not FieldsV1: any client may have written it
        return f"{letter}:{MARK}"
