"""Secrets without their values: references, states, keyed fingerprints.

The fingerprint is HMAC-SHA-256 with a key of this installation over length-prefixed identity and value, so that a
reader of a report can neither guess a weak value nor see that two references share one. The raw decoded bytes
are used, nothing is trimmed: a mended trailing newline is a real change.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.path import FieldPath, show

KEY_BYTES = 32  # of the key that makes fingerprints, drawn at random
_DOMAIN = b"llmgitops/"  # fixed by the published vectors; changing it would look like a rotation of everything


class SecretState(StrEnum):
    """What a Secret reference resolved to."""

    OK = "ok"
    MISSING_SECRET = "missing-secret"  # noqa: S105 -- a state, no secret
    MISSING_KEY = "missing-key"
    EMPTY = "empty"
    PLACEHOLDER = "placeholder"
    MALFORMED = "malformed"
    FORBIDDEN = "forbidden"
    ERROR = "error"
    UNAVAILABLE = "unavailable"  # present, but there is no key to fingerprint it with


class Format(StrEnum):
    """What a value must parse as, where its consumer needs that."""

    ANY = "any"
    JSON_OBJECT = "json-object"
    PEM = "pem"


@dataclass(frozen=True, order=True, slots=True)
class SecretReference:
    """One Secret key that a provider names.

    Attributes:
        text: the field as reports print it, `spec.apiKeySecretRef`; a field that needs several keys is one reference
            per key, `spec.auth.credentialsSecretRef[AWS_ACCESS_KEY_ID]`.
        keys: candidates in the operator's order; the first that exists counts. One for an explicit key.
        optional: its absence is no finding.
        format: what the value must parse as.
        path: the same field in the manifest; () in a report that was read back.
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
        """What a field refers to; `several`: it needs more keys than this one."""
        text = show(path) + (f"[{keys[0]}]" if several else "")
        return cls(namespace, name, text, keys, optional, value_format, path)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`hs1:<kid>:<first 8 bytes>`; comparable only under the same key id."""

    key_id: str
    digest: str  # 64 hex characters

    def __str__(self) -> str:
        return f"hs1:{self.key_id}:{self.digest[:16]}"

    @classmethod
    def parse(cls, text: str) -> Fingerprint | None:
        match text.split(":"):
            case ["hs1", key_id, digest] if key_id and digest:
                return cls(key_id, digest)
        return None

    def same(self, other: Fingerprint) -> bool:
        return self.key_id == other.key_id and self.digest[:16] == other.digest[:16]


@dataclass(frozen=True, slots=True)
class SecretReading:
    """What one reference resolved to, at the time it was read. Never the value, its length or a part of it."""

    state: SecretState
    key: str = ""  # the key that was used, or the first that was looked for
    fingerprint: Fingerprint | None = None
    found_keys: tuple[
        str, ...
    ] = ()  # names of the keys the Secret has; they help to mend a missing one
    written: str = ""  # RFC 3339 time of the last write to the Secret, "" when unknown


def _enc(part: bytes) -> bytes:
    return struct.pack(">I", len(part)) + part


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key of this installation: it makes fingerprints and digests, and never shows itself."""

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
        """Fingerprint of one Secret value, bound to its identity."""
        parts = (environment, namespace, name, key)
        return Fingerprint(
            self.key_id,
            self._mac(_DOMAIN + b"secret-fp/v1", *(p.encode() for p in parts), value),
        )

    def digest(self, text: str) -> str:
        """Keyed digest of a manifest (it may hold header values): 32 hex characters."""
        return self._mac(_DOMAIN + b"content/v1", text.encode())[:32]

    def _mac(self, *parts: bytes) -> str:
        message = b"".join(_enc(part) for part in parts)
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
