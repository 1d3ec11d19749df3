"""What the tests talk about."""

from __future__ import annotations

from typing import Any

from reconciler.model.document import Document
from reconciler.model.identity import Endpoint

OURS = {
    "manager": "us",
    "operation": "Apply",
    "apiVersion": "example.org/v1",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:spec": {}},
}
THINGS = Endpoint("example.org", "v1", "Thing", "things")


def thing(name: str = "one", namespace: str = "llm", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.org/v1",
        "kind": "Thing",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "resourceVersion": "7",
            "managedFields": [OURS],
            **metadata,
        },
        "spec": {},
    }


def things(*items: Any, token: str = "", version: str = "9", **other: Any) -> dict[str, Any]:
    metadata = {"resourceVersion": version, **({"continue": token} if token else {})}
    return {
        "apiVersion": "example.org/v1",
        "kind": "ThingList",
        "metadata": metadata,
        "items": list(items),
        **other,
    }


def status(code: int, reason: str = "", message: str = "", **details: Any) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details,
        "code": code,
    }


THING = Document.of(thing())
