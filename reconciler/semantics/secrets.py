"""Secrets as both clusters read them: what a reference resolves to, and the Secret that holds the fingerprint key."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence

from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.identity import SECRET
from reconciler.model.secret import (
    KEY_BYTES,
    Format,
    Keyring,
    SecretReading,
    SecretReference,
    SecretState,
)
from reconciler.text.credentials import is_placeholder

_PARSE_LIMIT = 64 * 1024  # bytes; larger values are fingerprinted, never parsed
_ENTRY = "current"  # of the Secret that holds the fingerprint key


def keyring_secret(namespace: str, name: str, key: bytes) -> Document:
    """The Secret that holds a fingerprint key."""
    return Document.of(
        {
            "apiVersion": SECRET.api_version,
            "kind": SECRET.kind,
            "metadata": {"name": name, "namespace": namespace},
            "type": "Opaque",
            "data": {_ENTRY: base64.b64encode(key).decode()},
        }
    )


def keyring_of(secret: JsonObject) -> Keyring:
    """The fingerprint key in a Secret.

    Raises:
        Refused: INVALID when it holds no usable one.
    """
    name = f"{dig(secret, 'metadata', 'namespace')}/{dig(secret, 'metadata', 'name')}"
    try:
        return Keyring(_decode(dig(secret, "data", _ENTRY)) or b"")
    except ValueError:
        raise Refused(
            RefusalReason.INVALID,
            f"the Secret {name} holds no fingerprint key: data.{_ENTRY} must be {KEY_BYTES} bytes in base64",
            hint="restore it from a backup; removing it makes the next apply create a new one, "
            "and rotations before that cannot be seen",
        ) from None


def unread(references: Sequence[SecretReference], error: ClusterError) -> tuple[SecretReading, ...]:
    """What references to a Secret resolve to that cannot be read: the failure is their state."""
    forbidden = isinstance(error, Refused) and error.reason is RefusalReason.FORBIDDEN
    state = SecretState.FORBIDDEN if forbidden else SecretState.ERROR
    return tuple(SecretReading(state, reference.keys[0]) for reference in references)


def values_of(secret: JsonObject) -> tuple[bytes, ...]:
    """Every decoded value of a Secret: what a redactor must know. Entries that are not base64 are left out."""
    decoded = (_decode(value) for value in dig_map(secret, "data").values())
    return tuple(value for value in decoded if value)


def read_reference(
    reference: SecretReference, secret: JsonObject | None, keyring: Keyring | None, environment: str
) -> SecretReading:
    """The state of one reference, and its fingerprint when the state is ok."""
    wanted = reference.keys[0]
    if secret is None:
        return SecretReading(SecretState.MISSING_SECRET, wanted)
    found = dig_map(secret, "data")
    written = _last_write(secret)
    names = tuple(sorted(found))
    key = next((k for k in reference.keys if k in found), None)
    if key is None:
        return SecretReading(SecretState.MISSING_KEY, wanted, found_keys=names, written=written)
    value = _decode(found[key])
    state = _judge(value, reference.format)
    fingerprint = None
    if value is not None and state is SecretState.OK:
        if keyring is None:
            state = SecretState.UNAVAILABLE
        else:
            fingerprint = keyring.fingerprint(
                environment, reference.namespace, reference.name, key, value
            )
    return SecretReading(state, key, fingerprint, names, written)


def _decode(value: object) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None


def _judge(value: bytes | None, wanted: Format) -> SecretState:
    if value is None:
        return SecretState.MALFORMED
    if not value.strip():
        return SecretState.EMPTY
    if len(value) <= _PARSE_LIMIT and is_placeholder(value.decode("latin-1")):
        return SecretState.PLACEHOLDER
    return SecretState.OK if _parses(value, wanted) else SecretState.MALFORMED


def _parses(value: bytes, wanted: Format) -> bool:
    if wanted is Format.ANY or len(value) > _PARSE_LIMIT:
        return True
    if wanted is Format.PEM:
        return b"-----BEGIN " in value and b"-----END " in value
    try:
        return isinstance(json.loads(value), dict)
    except ValueError:
        return False


def _last_write(secret: JsonObject) -> str:
    """The latest time in managedFields, else the creation: when the Secret was last written, RFC 3339."""
    entries = dig(secret, "metadata", "managedFields")
    times = [
        entry["time"]
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("time"), str)
    ]
    created = dig(secret, "metadata", "creationTimestamp")
    return max(times, default=created if isinstance(created, str) else "")
