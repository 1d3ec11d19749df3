"""Secrets: read by name, made known to the redactor first, and never handed on."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from reconciler.adapters.kubernetes.api import Api
from reconciler.adapters.kubernetes.writes import CREATE
from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.model.document import JsonObject
from reconciler.model.identity import SECRET
from reconciler.model.secret import KEY_BYTES, Keyring, SecretReading, SecretReference
from reconciler.ports import Redactor
from reconciler.secret_reading import (
    ReadingKeys,
    keyring_of,
    keyring_secret,
    read_reference,
    unreadable,
    values_of,
)


class Secrets:
    """The Secrets of one cluster."""

    def __init__(self, api: Api, redactor: Redactor) -> None:
        self._api = api
        self._redactor = redactor
        self._draft: bytes | None = None
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
        self._redactor.register(self._draft)
        return Keyring(self._draft)

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        """Store the draft, or take the key that another run has stored meanwhile."""
        if self._draft is None:
            self.draft_keyring()
        key, self._draft = self._draft or b"", None
        try:
            self._api.write(CREATE, SECRET, keyring_secret(namespace, name, key))
        except Refused as error:
            if error.reason is not RefusalReason.EXISTS:
                raise
            keyring = self.keyring(namespace, name)
            if keyring is None:  # deleted in between
                raise
            return keyring
        return Keyring(key)

    def _get(self, namespace: str, name: str) -> JsonObject | None:
        body = self._api.get(SECRET, namespace, name)
        for value in values_of(body or {}):  # every value, referenced or not
            self._redactor.register(value)
        return body
