"""What the last run left for the next: who owned what, and what the Secrets were. No values.

It is stored compressed in the environment's ConfigMap (`to_binary`), written by compare-and-swap.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.document import Document, JsonObject, canonical, dig, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.model.secret import Fingerprint, SecretState

SCHEMA_VERSION = 1
DATA_KEY = "record.json.gz"
_MAX_BYTES = 64 * 1024 * 1024  # decompressed; a ConfigMap holds 1 MiB at most


class UnreadableRecord(ValueError):
    """The stored record is not one: truncated, edited, or of a later version."""


class LaterRecord(UnreadableRecord):
    """Written by a later version of this program: not to be overwritten by this one."""


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """What we applied to one object.

    Attributes:
        digest: keyed digest of the manifest that was applied, "" without a key.
        owned: our FieldsV1 entry of the apply's answer.
        applied: RFC 3339.
    """

    uid: str
    revision: str
    digest: str
    owned: Document
    applied: str


@dataclass(frozen=True, order=True, slots=True)
class SecretKey:
    """Which reference: one row of the secrets, and the Secret key that it named."""

    owner: ObjectRef
    path: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class RecordedSecret:
    """What one reference resolved to.

    Attributes:
        since: RFC 3339, when this fingerprint or state was first seen.
        previous: the fingerprint before the last rotation that was recorded.
    """

    state: SecretState
    key: str
    fingerprint: Fingerprint | None
    since: str
    previous: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one environment.

    Attributes:
        revision: commit of the last apply that ran to its end; "" before the first.
        applied: RFC 3339, its time.
        observed: RFC 3339, when the secrets were last advanced.
    """

    environment: str
    revision: str = ""
    applied: str = ""
    observed: str = ""
    objects: dict[ObjectRef, RecordedObject] = field(default_factory=dict)
    secrets: dict[SecretKey, RecordedSecret] = field(default_factory=dict)

    def same_facts(self, other: Record) -> bool:
        """Whether nothing but a time differs: then there is nothing to write."""
        return _facts(self) == _facts(other)


def _facts(record: Record) -> JsonObject:
    body = to_json(record)
    body.pop("observed")
    body.pop("applied")
    return body


def to_json(record: Record) -> JsonObject:
    """The stored form, in an order that only the facts decide; `from_json` reads it back."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "environment": record.environment,
        "revision": record.revision,
        "applied": record.applied,
        "observed": record.observed,
        "objects": [
            {"ref": _ref(ref), "uid": o.uid, "revision": o.revision, "digest": o.digest}
            | {"owned": o.owned.body(), "applied": o.applied}
            for ref, o in sorted(record.objects.items())
        ],
        "secrets": [
            {"owner": _ref(key.owner), "path": key.path, "secret": [key.namespace, key.name]}
            | {"state": s.state.value, "key": s.key, "since": s.since}
            | {"fingerprint": _text(s.fingerprint), "previous": _text(s.previous)}
            for key, s in sorted(record.secrets.items())
        ],
    }


def from_json(body: JsonObject) -> Record:
    """A record out of its JSON.

    Raises:
        LaterRecord: its schemaVersion is greater than ours.
        UnreadableRecord: it is none.
    """
    version = body.get("schemaVersion")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise LaterRecord(f"schemaVersion {version}; this version knows {SCHEMA_VERSION}")
    if version != SCHEMA_VERSION:
        raise UnreadableRecord(f"its schemaVersion is {version!r}, not {SCHEMA_VERSION}")
    try:
        return Record(
            environment=str(body["environment"]),
            revision=str(body["revision"]),
            applied=str(body["applied"]),
            observed=str(body["observed"]),
            objects={_ref_of(o["ref"]): _object(o) for o in body["objects"]},
            secrets={_secret_key(s): _secret(s) for s in body["secrets"]},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableRecord("it lacks a part of what a record holds") from error


def to_binary(record: Record) -> str:
    """For `binaryData` of a ConfigMap: base64 of gzip of canonical JSON; same record, same bytes."""
    packed = gzip.compress(canonical(to_json(record)).encode(), mtime=0)
    return base64.b64encode(packed).decode()


def from_config_map(config_map: JsonObject, environment: str) -> Record | None:
    """The record of an environment in a ConfigMap; None when it holds none yet.

    Raises:
        LaterRecord: a later version of this program wrote it.
        UnreadableRecord: what it holds is not a record.
    """
    packed = dig(config_map, "binaryData", DATA_KEY)
    if packed is None:
        return None
    try:
        body = json.loads(_decompress(base64.b64decode(packed, validate=True)))
    except (ValueError, TypeError, OSError, EOFError, RecursionError) as error:
        raise UnreadableRecord("it is not gzip of JSON") from error
    if not isinstance(body, dict):
        raise UnreadableRecord("it is no JSON object")
    record = from_json(body)
    if record.environment != environment:
        raise UnreadableRecord(f"it is of the environment {record.environment!r}")
    return record


def with_record(config_map: JsonObject, record: Record) -> JsonObject:
    """The ConfigMap holding this record; everything else in it stays."""
    data = dig_map(config_map, "binaryData") | {DATA_KEY: to_binary(record)}
    return config_map | {"binaryData": data}


def _decompress(packed: bytes) -> bytes:
    import io

    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        raw = stream.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        raise ValueError("too large")
    return raw


def _ref(ref: ObjectRef) -> list[str]:
    return [ref.group, ref.kind, ref.namespace, ref.name]


def _text(fingerprint: Fingerprint | None) -> str:
    return str(fingerprint) if fingerprint else ""


def _object(body: dict[str, Any]) -> RecordedObject:
    if not _is_fields_v1(body["owned"]):
        raise ValueError("owned is no FieldsV1")
    return RecordedObject(
        uid=str(body["uid"]),
        revision=str(body["revision"]),
        digest=str(body["digest"]),
        owned=Document.of(body["owned"]),
        applied=str(body["applied"]),
    )


def _is_fields_v1(value: Any) -> bool:
    """A trie of mappings whose keys are `.` or begin with f:, k:, v: or i: (KEP-555)."""
    return isinstance(value, dict) and all(
        (key == "." or key[:2] in ("f:", "k:", "v:", "i:")) and _is_fields_v1(below)
        for key, below in value.items()
    )


def _ref_of(parts: list[str]) -> ObjectRef:
    group, kind, namespace, name = map(str, parts)
    if not (kind and namespace and name):
        raise ValueError("an object without a kind, namespace or name")
    return ObjectRef(group, kind, namespace, name)


def _secret_key(body: dict[str, Any]) -> SecretKey:
    namespace, name = body["secret"]
    return SecretKey(_ref_of(body["owner"]), str(body["path"]), str(namespace), str(name))


def _secret(body: dict[str, Any]) -> RecordedSecret:
    return RecordedSecret(
        state=SecretState(body["state"]),
        key=str(body["key"]),
        fingerprint=Fingerprint.parse(str(body["fingerprint"])),
        since=str(body["since"]),
        previous=Fingerprint.parse(str(body["previous"])),
    )
