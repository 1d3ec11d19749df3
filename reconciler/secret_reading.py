"""The Secrets of a cluster, read the same way by both cluster adapters.

`read_reference` resolves a reference to a state and a fingerprint; `keyring_of` and `keyring_secret` read and write
the Secret that holds the fingerprint key. `Secrets` does both with the requests of a cluster.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.identity import SECRET
from reconciler.model.refused_secrets import TYPES
from reconciler.model.secret import (
    KEY_BYTES,
    NOT_BASE64,
    Format,
    Keyring,
    SecretOwner,
    SecretReading,
    SecretReference,
    SecretState,
)
from reconciler.text.certificates import first_expiry
from reconciler.text.credentials import is_unfilled

_PARSE_LIMIT = 64 * 1024  # bytes; a larger value is fingerprinted without being parsed
_KEYRING_ENTRY = "current"  # the key of the fingerprint key in its Secret


def keyring_secret(namespace: str, name: str, key: bytes) -> Document:
    """The Secret that holds a fingerprint key."""
    return Document.of(
        {
            "apiVersion": SECRET.api_version,
            "kind": SECRET.kind,
            "metadata": {"name": name, "namespace": namespace},
            "type": "Opaque",
            "data": {_KEYRING_ENTRY: base64.b64encode(key).decode()},
        }
    )


def keyring_of(secret: JsonObject) -> Keyring:
    """The fingerprint key in a Secret.

    Raises:
        Refused: INVALID if the Secret does not hold a valid key.
    """
    name = f"{dig(secret, 'metadata', 'namespace')}/{dig(secret, 'metadata', 'name')}"
    try:
        return Keyring(_decode(dig(secret, "data", _KEYRING_ENTRY)) or b"")
    except ValueError:
        raise Refused(
            RefusalReason.INVALID,
            f"the Secret {name} holds no fingerprint key: data.{_KEYRING_ENTRY} must be {KEY_BYTES} bytes in base64",
            hint="restore it from a backup; removing it makes the next apply create a new one, "
            "and rotations before that cannot be seen",
        ) from None


def unreadable(
    references: Sequence[SecretReference], error: ClusterError
) -> tuple[SecretReading, ...]:
    """The readings of all references to a Secret that cannot be read: the error decides their state."""
    forbidden = isinstance(error, Refused) and error.reason is RefusalReason.FORBIDDEN
    if forbidden:
        return tuple(SecretReading(SecretState.FORBIDDEN, each.keys[0]) for each in references)
    return tuple(
        SecretReading(SecretState.ERROR, each.keys[0], unread=error.message, hint=error.hint)
        for each in references
    )


class Secrets:
    """The Secrets of a cluster: what references resolve to, and the fingerprint key.

    It knows no cluster: `get` reads the Secret of a namespace and a name, `create` stores one, and `register` makes a
    value known to the redactor.
    """

    def __init__(
        self,
        get: Callable[[str, str], JsonObject | None],
        create: Callable[[Document], object],
        register: Callable[[bytes], None],
    ) -> None:
        self._get, self._create, self._register = get, create, register
        self._draft: bytes | None = None  # of the fingerprint key
        self._run_key = Keyring(secrets.token_bytes(KEY_BYTES))

    def read(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        """What references to one Secret resolve to; a failure is a state."""
        try:
            body = self._get(namespace, name)
        except ClusterError as error:
            return unreadable(references, error)
        keys = ReadingKeys(keyring, environment, self._run_key)
        return tuple(read_reference(reference, body, keys) for reference in references)

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        """The key in `data.current`.

        Raises:
            Refused: FORBIDDEN, or INVALID when there are no 32 bytes in it.
        """
        body = self._get(namespace, name)
        return None if body is None else keyring_of(body)

    def draft_keyring(self) -> Keyring:
        """Make a key that `create_keyring` stores."""
        self._draft = secrets.token_bytes(KEY_BYTES)
        self._register(self._draft)
        return Keyring(self._draft)

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        """Store the draft, or take the key that another run has stored meanwhile."""
        if self._draft is None:
            self.draft_keyring()
        key, self._draft = self._draft or b"", None
        try:
            self._create(keyring_secret(namespace, name, key))
        except Refused as refused:
            if refused.reason is not RefusalReason.EXISTS:
                raise
            keyring = self.keyring(namespace, name)
            if keyring is None:  # deleted in between
                raise
            return keyring
        return Keyring(key)


def values_of(secret: JsonObject) -> tuple[bytes, ...]:
    """Every decoded value of a Secret, for the redactor; entries that are not base64 are left out."""
    decoded = (_decode(value) for value in dig_map(secret, "data").values())
    return tuple(value for value in decoded if value)


@dataclass(frozen=True, slots=True)
class ReadingKeys:
    """The keys of the fingerprints that leave an adapter in place of values.

    Attributes:
        run: lives as long as the adapter, and makes values of copies comparable; the fingerprint key may not exist.
    """

    keyring: Keyring | None
    environment: str
    run: Keyring

    def likeness(self, reference: SecretReference, key: str, value: bytes) -> str:
        return self.run.fingerprint("", "", reference.name, key, value).digest


def read_reference(
    reference: SecretReference, secret: JsonObject | None, keys: ReadingKeys
) -> SecretReading:
    """The state of a reference and, if the state is OK, the fingerprint of its value."""
    if secret is None:
        return SecretReading(SecretState.MISSING_SECRET, reference.keys[0])
    if secret.get("type") in TYPES:
        return SecretReading(SecretState.REFUSED, reference.keys[0])
    entries = dig_map(secret, "data")
    names, labels = tuple(sorted(entries)), _labels(secret)
    key = next((key for key in reference.keys if key in entries), None)
    if key is None:
        return SecretReading(
            SecretState.MISSING_KEY,
            reference.keys[0],
            found_keys=names,
            labels=labels,
        )
    value = _decode(entries[key])
    state = _state(value, reference.format)
    if state is SecretState.OK and dig(secret, "metadata", "deletionTimestamp"):
        state = SecretState.LEAVING
    owner, written = _external_owner(secret), _last_write(secret, key)
    unread = NOT_BASE64 if value is None else ""
    reading = SecretReading(
        state, key, None, names, written, labels=labels, owner=owner, unread=unread
    )
    if value is None or state is not SecretState.OK:
        return reading
    fingerprint = None
    if keys.keyring:
        fingerprint = keys.keyring.fingerprint(
            keys.environment, reference.namespace, reference.name, key, value
        )
    return replace(
        reading,
        state=state if fingerprint else SecretState.UNAVAILABLE,
        fingerprint=fingerprint,
        expires=first_expiry(value) if len(value) <= _PARSE_LIMIT else "",
        likeness=keys.likeness(reference, key, value),
    )


def _external_owner(secret: JsonObject) -> SecretOwner | None:
    owners = dig(secret, "metadata", "ownerReferences")
    for owner in owners if isinstance(owners, list) else []:
        if not isinstance(owner, dict):
            continue
        group, _, version = str(dig(owner, "apiVersion") or "").partition("/")
        name = dig(owner, "name")
        is_external = group == "external-secrets.io" and dig(owner, "kind") == "ExternalSecret"
        if is_external and version and isinstance(name, str):
            return SecretOwner(version, name)
    return None


def _labels(secret: JsonObject) -> tuple[tuple[str, str], ...]:
    labels = dig_map(secret, "metadata", "labels")
    return tuple(sorted((key, str(value)) for key, value in labels.items()))


def _decode(value: object) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None


def _state(value: bytes | None, expected: Format) -> SecretState:
    if value is None:
        return SecretState.MALFORMED
    if not value.strip():
        return SecretState.EMPTY
    if len(value) <= _PARSE_LIMIT and is_unfilled(value.decode("latin-1")):
        return SecretState.PLACEHOLDER
    return SecretState.OK if _parses(value, expected) else SecretState.MALFORMED


def _parses(value: bytes, expected: Format) -> bool:
    if expected is Format.ANY or len(value) > _PARSE_LIMIT:
        return True
    if expected is Format.PEM:
        return b"-----BEGIN " in value and b"-----END " in value
    try:
        return isinstance(json.loads(value), dict)
    except (ValueError, RecursionError):
        return False


def _last_write(secret: JsonObject, key: str) -> str:
    """When a key was last written, RFC 3339; "" if the server does not say.

    It is the time of the managedFields entries that own the key. No other time counts: neither the creation time nor
    the time of other entries tells when the key was written.
    """
    entries = dig(secret, "metadata", "managedFields")
    times = [
        entry["time"]
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("time"), str) and _owns(entry, key)
    ]
    return max(times, default="")


def _owns(entry: JsonObject, key: str) -> bool:
    """Whether a managedFields entry owns a key of the Secret, or `data` as a whole."""
    owned = (dig(entry, "fieldsV1", f"f:{field}") for field in ("data", "stringData"))
    return any(isinstance(keys, dict) and (not keys or f"f:{key}" in keys) for keys in owned)
