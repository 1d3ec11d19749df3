"""Validation of metadata.ownerReferences."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.violation import INVALID, Violation, value_text, violation

_FIELDS = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
_ALWAYS_PRINTED = _FIELDS[:4]
_FORBIDDEN_OWNER = ("", "v1", "Event")


def is_owner(owner: Json) -> bool:
    """Whether a value can be decoded as an OwnerReference."""
    if not isinstance(owner, dict):
        return False
    return all(
        isinstance(owner.get(key), (str if key in _ALWAYS_PRINTED else bool, type(None)))
        for key in _FIELDS
    )


def owner_violations(owners: list[JsonObject]) -> Iterator[Violation]:
    """Missing fields and forbidden kinds of each reference, and every controller after the first."""
    controller = ""
    for index, owner in enumerate(owners):
        yield from _of_reference(owner, index)
        if owner.get("controller") is True:
            name = f"{owner.get('kind') or ''}/{owner.get('name') or ''}"
            if controller:
                detail = (
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {name}'
                )
                yield _violation(detail, [_printed(each) for each in owners])
            controller = controller or name


def _of_reference(owner: JsonObject, index: int) -> Iterator[Violation]:
    api_version = owner.get("apiVersion") or ""
    group, version = _group_and_version(api_version)
    if not version:
        yield _field_violation(index, "apiVersion", "version must not be empty", api_version)
    for key in ("kind", "name", "uid"):
        if not owner.get(key):
            yield _field_violation(index, key, "must not be empty", "")
    if (group, version, owner.get("kind")) == _FORBIDDEN_OWNER:
        detail = f"{group}/{version}, Kind={owner.get('kind')} is disallowed from being an owner"
        yield _violation(detail, _printed(owner), (index,))


def _group_and_version(api_version: str) -> tuple[str, str]:
    """Group and version; both are empty for a text with more than one slash."""
    group, _, version = api_version.rpartition("/")
    return ("", "") if "/" in group else (group, version)


def _field_violation(index: int, key: str, detail: str, value: str) -> Violation:
    path = ("metadata", "ownerReferences", index, key)
    field = f"metadata.ownerReferences.{key}"  # the server does not print the index
    return violation(path, field, INVALID, detail, value=value_text(value))


def _violation(detail: str, value: Json, index: tuple[int, ...] = ()) -> Violation:
    path: FieldPath = ("metadata", "ownerReferences", *index)
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return violation(path, "metadata.ownerReferences", INVALID, detail, value=text)


def _printed(owner: JsonObject) -> JsonObject:
    """A reference as the server prints it: fields in Go's order, and of the unset ones only the strings."""
    return {
        key: owner.get(key) or "" if key in _ALWAYS_PRINTED else owner[key]
        for key in _FIELDS
        if key in _ALWAYS_PRINTED or owner.get(key) is not None
    }
