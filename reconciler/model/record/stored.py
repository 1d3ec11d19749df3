"""The record as JSON: writes this version, and reads this one and version 1."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.model.record import (
    Record,
    RecordedObject,
    RecordedReference,
    RecordedSecret,
    SecretKey,
)
from reconciler.model.record.history import history_json, history_of
from reconciler.model.record.stored_rotations import (
    acknowledgement_json,
    acknowledgement_of,
    moment_json,
    moment_of,
    rotation_json,
    rotation_of,
    unknown_keys,
)
from reconciler.model.record.version1 import upgraded
from reconciler.model.secret import Fingerprint, SecretState

SCHEMA_VERSION: Final = 2

_RECORD = (
    *("schemaVersion", "environment", "revision", "applied", "observed", "objects", "secrets"),
    *("watched", "inSync", "history"),
)
_OBJECT = ("ref", "uid", "revision", "digest", "owned", "applied", "written", "restored")
_SECRET = ("namespace", "name", "key", "fingerprint", "since", "rotations", "references")
_ACKNOWLEDGED = "acknowledged"
_REFERENCE = ("owner", "path", "state", "since", "keys", "reader", "optional")


class UnreadableRecord(ValueError):
    """The stored record is truncated, was edited, or is of a later version."""


class LaterRecord(UnreadableRecord):
    """A later version of this program wrote the record, so this version must not overwrite it."""


def same_facts(record: Record, other: Record) -> bool:
    """Whether two records differ only in times, so that the second need not be written."""
    return _facts(record) == _facts(other)


def _facts(record: Record) -> JsonObject:
    body = to_json(record)
    body.pop("observed")
    body.pop("applied")
    return body


def to_json(record: Record) -> JsonObject:
    """The JSON of a record, in an order that depends only on its content; `from_json` reads it."""
    moments = {"watched": record.watched, "inSync": record.in_sync}
    optional: JsonObject = {k: moment_json(moment) for k, moment in moments.items() if moment.time}
    optional |= {"history": history_json(record.history)} if record.history else {}
    return (
        record.unknown.body()
        | optional
        | {
            "schemaVersion": SCHEMA_VERSION,
            "environment": record.environment,
            "revision": record.revision,
            "applied": record.applied,
            "observed": record.observed,
            "objects": [_object_json(ref, o) for ref, o in sorted(record.objects.items())],
            "secrets": [_secret_json(key, s) for key, s in sorted(record.secrets.items())],
        }
    )


def _object_json(ref: ObjectRef, recorded: RecordedObject) -> JsonObject:
    optional: JsonObject = {"written": recorded.written} if recorded.written else {}
    optional |= {"restored": True} if recorded.restored else {}
    return (
        recorded.unknown.body()
        | optional
        | {
            "ref": _ref_json(ref),
            "uid": recorded.uid,
            "revision": recorded.revision,
            "digest": recorded.digest,
            "owned": recorded.owned.body(),
            "applied": recorded.applied,
        }
    )


def _secret_json(key: SecretKey, recorded: RecordedSecret) -> JsonObject:
    ahead = recorded.acknowledged
    optional = {_ACKNOWLEDGED: acknowledgement_json(ahead)} if ahead else {}
    return (
        recorded.unknown.body()
        | optional
        | {
            "namespace": key.namespace,
            "name": key.name,
            "key": key.key,
            "fingerprint": str(recorded.fingerprint or ""),
            "since": recorded.since,
            "rotations": list(map(rotation_json, recorded.rotations)),
            "references": [_reference_json(reference) for reference in recorded.references],
        }
    )


def _reference_json(reference: RecordedReference) -> JsonObject:
    optional: JsonObject = {"keys": list(reference.keys)} if reference.keys else {}
    optional |= {"reader": reference.reader} if reference.reader else {}
    optional |= {"optional": True} if reference.optional else {}
    return (
        reference.unknown.body()
        | optional
        | {
            "owner": _ref_json(reference.owner),
            "path": reference.path,
            "state": reference.state.value,
            "since": reference.since,
        }
    )


def _ref_json(ref: ObjectRef) -> list[str]:
    return [ref.group, ref.kind, ref.namespace, ref.name]


def from_json(body: JsonObject) -> Record:
    """The record in a JSON object.

    Raises:
        LaterRecord: it has a later schemaVersion, or a value that only a later version can have written.
        UnreadableRecord: it is not a record.
    """
    version = body.get("schemaVersion")
    if type(version) is int and version > SCHEMA_VERSION:
        raise LaterRecord(f"schemaVersion {version}; this version knows {SCHEMA_VERSION}")
    if type(version) is not int or version < 1:
        raise UnreadableRecord(f"its schemaVersion is {version!r}, not {SCHEMA_VERSION}")
    try:
        return _record(upgraded(body) if version == 1 else body)
    except LaterRecord:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UnreadableRecord("a part of it is missing or malformed") from error


def _record(body: JsonObject) -> Record:
    return Record(
        environment=str(body["environment"]),
        revision=str(body["revision"]),
        applied=str(body["applied"]),
        observed=str(body["observed"]),
        objects={_ref(each["ref"]): _object(each) for each in body["objects"]},
        secrets=dict(map(_secret, body["secrets"])),
        watched=moment_of(dig_map(body, "watched")),
        in_sync=moment_of(dig_map(body, "inSync")),
        history=history_of(body),
        unknown=unknown_keys(body, _RECORD),
    )


def _object(body: JsonObject) -> RecordedObject:
    if not _is_fields_v1(body["owned"]):
        raise ValueError("owned is not FieldsV1")
    return RecordedObject(
        uid=str(body["uid"]),
        revision=str(body["revision"]),
        digest=str(body["digest"]),
        owned=Document.of(body["owned"]),
        applied=str(body["applied"]),
        written=str(body.get("written", "")),
        restored=bool(body.get("restored", False)),
        unknown=unknown_keys(body, _OBJECT),
    )


def _is_fields_v1(value: Any) -> bool:
    """A trie of mappings whose keys are `.` or begin with f:, k:, v: or i: (KEP-555)."""
    return isinstance(value, dict) and all(
        (key == "." or key[:2] in ("f:", "k:", "v:", "i:")) and _is_fields_v1(below)
        for key, below in value.items()
    )


def _secret(body: JsonObject) -> tuple[SecretKey, RecordedSecret]:
    ahead = body.get(_ACKNOWLEDGED)
    key = SecretKey(*(str(body[part]) for part in ("namespace", "name", "key")))
    return key, RecordedSecret(
        fingerprint=_fingerprint(str(body["fingerprint"])),
        since=str(body["since"]),
        rotations=tuple(map(rotation_of, body["rotations"])),
        references=tuple(map(_reference, body["references"])),
        acknowledged=acknowledgement_of(ahead) if ahead else None,
        unknown=unknown_keys(body, (*_SECRET, _ACKNOWLEDGED)),
    )


def _reference(body: JsonObject) -> RecordedReference:
    return RecordedReference(
        owner=_ref(body["owner"]),
        path=str(body["path"]),
        state=_state(str(body["state"])),
        since=str(body["since"]),
        keys=tuple(map(str, body.get("keys", ()))),
        reader=str(body.get("reader", "")),
        optional=body.get("optional") is True,
        unknown=unknown_keys(body, _REFERENCE),
    )


def _fingerprint(text: str) -> Fingerprint | None:
    fingerprint = Fingerprint.parse(text)
    if text and fingerprint is None:
        raise LaterRecord("this version does not know the form of a fingerprint in it")
    return fingerprint


def _state(word: str) -> SecretState:
    try:
        return SecretState(word)
    except ValueError:
        raise LaterRecord(f"this version does not know the state {word!r}") from None


def _ref(parts: list[str]) -> ObjectRef:
    group, kind, namespace, name = map(str, parts)
    if not (kind and namespace and name):
        raise ValueError("an object without a kind, namespace or name")
    return ObjectRef(group, kind, namespace, name)
