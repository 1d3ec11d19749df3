"""The fingerprint key, and what references to a Secret resolve to."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Sequence

from reconciler.errors import ClusterError, Refusal, Refused
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import SECRET
from reconciler.model.secret import Keyring, SecretReading, SecretReference, SecretState
from reconciler.ports import Redactor
from reconciler.semantics.secrets import read_reference

_ENTRY = "current"
_BYTES = 32


def new_secret(namespace: str, name: str, redactor: Redactor) -> Document:
    """A Secret with a fresh key."""
    key = secrets.token_bytes(_BYTES)
    redactor.register(key)
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
    """The key in a Secret.

    Raises:
        Refused: INVALID when it holds no usable one.
    """
    name = f"{dig(secret, 'metadata', 'namespace')}/{dig(secret, 'metadata', 'name')}"
    try:
        return Keyring(base64.b64decode(dig(secret, "data", _ENTRY) or "", validate=True))
    except (binascii.Error, TypeError, ValueError):
        raise Refused(
            Refusal.INVALID,
            f"Secret {name} holds no fingerprint key: data.{_ENTRY} must be {_BYTES} bytes in base64",
            hint="restore it; after removing it the next apply makes a new one, and rotations before that are lost",
        ) from None


def read(
    get: Callable[[], Document | None],
    references: Sequence[SecretReference],
    keyring: Keyring | None,
    environment: str,
) -> tuple[SecretReading, ...]:
    """What each reference to one Secret resolves to; a Secret that cannot be read is a state."""
    try:
        found = get()
    except ClusterError:
        return tuple(SecretReading(SecretState.ERROR, r.keys[0]) for r in references)
    secret = found.body() if found else None
    return tuple(read_reference(r, secret, keyring, environment) for r in references)
