"""Secrets without their values: references, states, keyed fingerprints.

A fingerprint is an HMAC-SHA-256 over the length-prefixed identity and value of a Secret key, with the fingerprint key
of the installation. So a reader of a report can neither guess a weak value nor see that two references share one. The
value is not trimmed: removing a newline at its end is a rotation.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import field
from enum import StrEnum
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.identity import ObjectRef, secret_ref
from reconciler.model.path import FieldPath, show

KEY_BYTES = 32  # of a fingerprint key
_DOMAIN = (
    b"llmgitops/"  # fixed by the test vectors; with another one every Secret would look rotated
)


class SecretState(StrEnum):
    """The state of a Secret reference."""

    OK = "ok"
    MISSING_SECRET = "missing-secret"  # noqa: S105 -- a state, no secret
    MISSING_KEY = "missing-key"
    EMPTY = "empty"
    PLACEHOLDER = "placeholder"
    MALFORMED = "malformed"
    LEAVING = "leaving"  # usable, but the Secret is being deleted: only finalizers keep it
    FORBIDDEN = "forbidden"
    ERROR = "error"
    REFUSED = "refused"  # a Secret that the program does not read, `model/refused_secrets.py`
    UNAVAILABLE = "unavailable"  # present, but there is no fingerprint key


# Whoever reads it finds something that is not the key that it needs.
_UNUSABLE = frozenset(
    {SecretState.EMPTY, SecretState.PLACEHOLDER, SecretState.MALFORMED, SecretState.REFUSED}
)

# There is no such key, or there soon will not be.
_ABSENT = frozenset({SecretState.MISSING_SECRET, SecretState.MISSING_KEY, SecretState.LEAVING})


class Format(StrEnum):
    """The format that the consumer of a value needs."""

    ANY = "any"
    JSON_OBJECT = "json-object"
    PEM = "pem"


@dataclass(frozen=True, order=True, slots=True)
class SecretReference:
    """A reference from a provider to a key of a Secret.

    Attributes:
        text: the field as reports print it, `spec.apiKeySecretRef`; a field that needs several keys is one reference
            per key, `spec.auth.credentialsSecretRef[AWS_ACCESS_KEY_ID]`.
        keys: the keys that the operator tries, in its order; it uses the first that exists.
        optional: the key may be missing.
        format: the format that the value must have.
        path: the same field in the manifest; () in a report that was read from JSON.
    """

    namespace: str
    name: str
    text: str = field(metadata={"key": "path"})
    keys: tuple[str, ...]
    optional: bool = False
    format: Format = Format.ANY
    path: FieldPath = field(default=(), compare=False)

    @classmethod
    def at(
        cls,
        path: FieldPath,
        namespace: str,
        name: str,
        keys: tuple[str, ...],
        *,
        several: bool = False,
        optional: bool = False,
        value_format: Format = Format.ANY,
    ) -> SecretReference:
        """The reference of a field; `several` if the field needs other keys as well."""
        text = show(path) + (f"[{keys[0]}]" if several else "")
        return cls(namespace, name, text, keys, optional, value_format, path)

    @property
    def secret(self) -> ObjectRef:
        """The Secret that it names, whether that exists or not."""
        return secret_ref(self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`hs1:<key id>:<first 8 bytes>`; comparable only with the same key id."""

    key_id: str
    digest: str  # 64 hex characters

    def __str__(self) -> str:
        return f"hs1:{self.key_id}:{self.digest[:16]}"

    @classmethod
    def parse(cls, text: str) -> Fingerprint | None:
        match text.split(":"):
            case ["hs1", key_id, digest] if key_id and digest:
                return cls(key_id, digest[:16])
        return None

    def same(self, other: Fingerprint) -> bool:
        return self.key_id == other.key_id and self.digest[:16] == other.digest[:16]


def is_wrong(state: SecretState, *, optional: bool) -> bool:
    """Whether whoever reads a reference in this state will not find the value that it needs; False if it is unknown."""
    if state in _ABSENT:
        return not optional
    return state in _UNUSABLE


@dataclass(frozen=True, order=True, slots=True)
class SecretOwner:
    """The ExternalSecret that writes a Secret, by its ownerReference."""

    version: str
    name: str


NOT_BASE64: Final = "not base64"


@dataclass(frozen=True, slots=True)
class SecretReading:
    """What a reference resolves to, without the value, its length or any part of it.

    Attributes:
        key: the key that exists, or the first that the operator tries.
        found_keys: the names of all keys of the Secret, as a help to correct a missing one.
        written: RFC 3339, the last write to the key; "" if unknown.
        expires: RFC 3339, when the first certificate in the value expires; "" if it contains none.
        likeness: equal for equal values of one run in Secrets of the same name, and without meaning beyond that.
        labels: of the Secret, sorted, since operators watch some Secrets by label; None if it was not read.
        unread: why it could not be read; for a file with its path and line; NOT_BASE64 for a value that is none.
        hint: what to do about that.
    """

    state: SecretState
    key: str = ""
    fingerprint: Fingerprint | None = None
    found_keys: tuple[str, ...] = ()
    written: str = ""
    expires: str = ""
    likeness: str = field(default="", compare=False, repr=False)
    owner: SecretOwner | None = None
    labels: tuple[tuple[str, str], ...] | None = None
    unread: str = ""
    hint: str = ""


def _enc(part: bytes) -> bytes:
    return struct.pack(">I", len(part)) + part


@dataclass(frozen=True, slots=True)
class Keyring:
    """The fingerprint key of this installation: it computes fingerprints and digests, and cannot be printed."""

    _key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._key) != KEY_BYTES:
            raise ValueError(f"the fingerprint key is not {KEY_BYTES} bytes long")

    def __reduce__(self) -> str:
        raise TypeError("a keyring is never serialised")

    @property
    def key_id(self) -> str:
        return self._mac(_DOMAIN + b"kid/v1")[:8]

    def fingerprint(
        self, environment: str, namespace: str, name: str, key: str, value: bytes
    ) -> Fingerprint:
        """The fingerprint of a value, bound to the identity of its Secret key."""
        parts = (environment, namespace, name, key)
        return Fingerprint(
            self.key_id,
            self._mac(_DOMAIN + b"secret-fp/v1", *(p.encode() for p in parts), value),
        )

    def digest(self, text: str) -> str:
        """The keyed digest of a manifest, which may contain header values: 32 hex characters."""
        return self._mac(_DOMAIN + b"content/v1", text.encode())[:32]

    def _mac(self, *parts: bytes) -> str:
        message = b"".join(_enc(part) for part in parts)
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
