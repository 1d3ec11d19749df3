"""Secrets: read by name, made known to the redactor first, and never handed on."""

from __future__ import annotations

from reconciler.adapters.kubernetes.api import Api
from reconciler.adapters.kubernetes.writes import CREATE
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import SECRET
from reconciler.ports import Redactor
from reconciler.secret_reading import Secrets, values_of


def secrets_of(api: Api, redactor: Redactor) -> Secrets:
    """The Secrets of one cluster."""

    def get(namespace: str, name: str) -> JsonObject | None:
        body = api.get(SECRET, namespace, name)
        for value in values_of(body or {}):  # every value, referenced or not
            redactor.register(value)
        return body

    def create(secret: Document) -> None:
        api.write(CREATE, SECRET, secret)

    return Secrets(get, create, redactor.register)
