"""Namespaces of a directory cluster: a namespace exists while its folder exists."""

from __future__ import annotations

import uuid

from reconciler.adapters.directory.store import Store
from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import NAMESPACE

_UID_NAMESPACE = uuid.UUID("1b0f3f0a-54a6-4f0e-8a52-0d8a3fd0c7b4")


def document(name: str) -> Document:
    return Document.of(
        {
            "apiVersion": NAMESPACE.api_version,
            "kind": NAMESPACE.kind,
            "metadata": {
                "name": name,
                "uid": str(uuid.uuid5(_UID_NAMESPACE, name)),
                "labels": {"kubernetes.io/metadata.name": name},
            },
            "status": {"phase": "Active"},
        }
    )


def create(store: Store, body: JsonObject) -> Document:
    """POST of a Namespace.

    Raises:
        Refused: EXISTS, or INVALID for an invalid name.
    """
    name = str(dig(body, "metadata", "name") or "")
    if store.has_namespace(name):
        raise Refused(RefusalReason.EXISTS, f'namespaces "{name}" already exists')
    store.make_namespace(name)
    return document(name)
