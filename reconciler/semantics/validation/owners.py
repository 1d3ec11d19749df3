"""What the server asks of metadata.ownerReferences."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.violation import INVALID, Violation, value_text, violation

_FIELDS = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
_TEXTS = _FIELDS[:4]
_NO_OWNER = ("", "v1", "Event")


def owner_problems(owners: list[JsonObject]) -> Iterator[Violation]:
    """What is missing in each, and of those that claim control, all but the first."""
    controller = ""
    for index, owner in enumerate(owners):
        yield from _problems(owner, index)
        if owner.get("controller") is True:
            name = f"{owner.get('kind') or ''}/{owner.get('name') or ''}"
            if controller:
                words = (
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {name}'
                )
                yield _of_all(words, [_written(one) for one in owners])
            controller = controller or name


def _problems(owner: JsonObject, index: int) -> Iterator[Violation]:
    written = owner.get("apiVersion") or ""
    group, version = _parts(written)
    if not version:
        yield _of_field(index, "apiVersion", "version must not be empty", written)
    for key in ("kind", "name", "uid"):
        if not owner.get(key):
            yield _of_field(index, key, "must not be empty", "")
    if (group, version, owner.get("kind")) == _NO_OWNER:
        words = f"{group}/{version}, Kind={owner.get('kind')} is disallowed from being an owner"
        yield _of_all(words, _written(owner), (index,))


def _parts(api_version: str) -> tuple[str, str]:
    """Group and version; neither of a text with more than one slash."""
    group, _, version = api_version.rpartition("/")
    return ("", "") if "/" in group else (group, version)


def _of_field(index: int, key: str, words: str, value: str) -> Violation:
    path = ("metadata", "ownerReferences", index, key)
    # The server names no item.
    field = f"metadata.ownerReferences.{key}"
    return violation(path, field, INVALID, words, value=value_text(value))


def _of_all(words: str, value: Json, below: tuple[int, ...] = ()) -> Violation:
    path: FieldPath = ("metadata", "ownerReferences", *below)
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return violation(path, "metadata.ownerReferences", INVALID, words, value=text)


def _written(owner: JsonObject) -> JsonObject:
    """As the server writes one: its fields in their order, what is not set left out, but for the texts."""
    return {
        key: owner.get(key) or "" if key in _TEXTS else owner[key]
        for key in _FIELDS
        if key in _TEXTS or owner.get(key) is not None
    }
