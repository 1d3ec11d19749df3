"""Secrets: read by name, known to the redactor before anything else, and never handed on."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence

from reconciler.adapters.kubernetes.api import CREATE, Api
from reconciler.errors import ClusterError, Refusal, Refused
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import SECRET
from reconciler.model.secret import Keyring, SecretReading, SecretReference, SecretState
from reconciler.ports import Redactor
from reconciler.semantics.secrets import read_reference, values_of

_KEY = "current"  # of the Secret that holds the fingerprint key
_BYTES = 32


class Secrets:
    """The Secrets of one cluster."""

    def __init__(self, api: Api, redactor: Redactor) -> None:
        self._api = api
        self._redactor = redactor

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
            forbidden = isinstance(error, Refused) and error.refusal is Refusal.FORBIDDEN
            state = SecretState.FORBIDDEN if forbidden else SecretState.ERROR
            return tuple(SecretReading(state, reference.keys[0]) for reference in references)
        return tuple(read_reference(one, body, keyring, environment) for one in references)

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        """The key in `data.current`.

        Raises:
            Refused: FORBIDDEN, or INVALID when there are no 32 bytes in it.
        """
        body = self._get(namespace, name)
        if body is None:
            return None
        try:
            return Keyring(base64.b64decode(str(dig(body, "data", _KEY)), validate=True))
        except (binascii.Error, ValueError):
            raise Refused(
                Refusal.INVALID,
                f"the Secret {namespace}/{name} holds no fingerprint key",
                hint=f"data.{_KEY} must be {_BYTES} random bytes; delete the Secret to have one made",
            ) from None

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        """Make the key, or take the one that another run has made meanwhile."""
        key = secrets.token_bytes(_BYTES)
        self._redactor.register(key)
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "type": "Opaque",
            "data": {_KEY: base64.b64encode(key).decode()},
        }
        try:
            self._api.write(CREATE, SECRET, Document.of(body))
        except Refused as error:
            if error.refusal is not Refusal.EXISTS:
                raise
            found = self.keyring(namespace, name)
            if found is None:  # deleted in between
                raise
            return found
        return Keyring(key)

    def _get(self, namespace: str, name: str) -> JsonObject | None:
        body = self._api.get(SECRET, namespace, name)
        for value in values_of(body or {}):  # every value, referenced or not
            self._redactor.register(value)
        return body
