"""Rotations and acknowledgements as JSON of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.document import NOTHING, Document, JsonObject
from reconciler.model.record.rotations import (
    Acknowledgement,
    Closing,
    Moment,
    Opening,
    RecordedRotation,
)

_ROTATION = ("previous", "opened", "closed")
# By key of the JSON: the attribute. A key whose value is "" is left out, unless version 1 of the program wrote it.
_OPENING = {
    "time": "time",
    "revision": "revision",
    "noticed": "noticed",
    "gap": "gap",
    "gapSince": "gap_since",
    "keyBefore": "key_before",
}
_CLOSING = {"time": "time", "how": "how", "revision": "revision", "reason": "reason"}
_ACKNOWLEDGEMENT = {"until": "until", "reason": "reason", "time": "time", "revision": "revision"}
_MOMENT = {"time": "time", "revision": "revision"}
_ALWAYS = frozenset({"time", "how", "until"})


def unknown_keys(body: Mapping[str, Any], known: tuple[str, ...]) -> Document:
    """The keys that this version does not know, so that it can write them again."""
    unknown = {key: value for key, value in body.items() if key not in known}
    return Document.of(unknown) if unknown else NOTHING


def rotation_json(rotation: RecordedRotation) -> JsonObject:
    """The JSON of a rotation; without `closed` while it is open."""
    opened = rotation.opened
    body = rotation.unknown.body() | {
        "previous": rotation.previous,
        # Every version has written the revision of an opening.
        "opened": _texts(opened, _OPENING) | {"revision": opened.revision},
    }
    return body | {"closed": _texts(rotation.closed, _CLOSING)} if rotation.closed else body


def rotation_of(body: JsonObject) -> RecordedRotation:
    """The rotation in a JSON object.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not a rotation.
    """
    body = dict(body)
    closed = body.get("closed")
    return RecordedRotation(
        previous=str(body["previous"]),
        opened=Opening(**_attributes(body["opened"], _OPENING)),
        closed=Closing(**_attributes(closed, _CLOSING)) if closed else None,
        unknown=unknown_keys(body, _ROTATION),
    )


def acknowledgement_json(acknowledgement: Acknowledgement) -> JsonObject:
    """The JSON of an acknowledgement."""
    return _texts(acknowledgement, _ACKNOWLEDGEMENT)


def acknowledgement_of(body: JsonObject) -> Acknowledgement:
    """The acknowledgement in a JSON object.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not an acknowledgement.
    """
    return Acknowledgement(**{"reason": ""} | _attributes(body, _ACKNOWLEDGEMENT))


def moment_json(moment: Moment) -> JsonObject:
    """The JSON of a moment."""
    return _texts(moment, _MOMENT)


def moment_of(body: JsonObject) -> Moment:
    """The moment in a JSON object; {} is no moment."""
    return Moment(**_attributes(body, _MOMENT))


def _texts(
    value: Opening | Closing | Acknowledgement | Moment, keys: Mapping[str, str]
) -> JsonObject:
    texts = {key: getattr(value, attribute) for key, attribute in keys.items()}
    return value.unknown.body() | {k: str(t) for k, t in texts.items() if t or k in _ALWAYS}


def _attributes(body: JsonObject, keys: Mapping[str, str]) -> dict[str, Any]:
    known = {attribute: str(body[key]) for key, attribute in keys.items() if key in body}
    return known | {"unknown": unknown_keys(body, tuple(keys))}
