"""The kinds that every cluster has and no CRD describes, written as a CRD would.

So that one engine serves all: a ConfigMap is stored, owned and compared like any other object.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.identity import CONFIG_MAP, SECRET, Endpoint
from reconciler.semantics.schema.crd import Crd

LEASE = Endpoint("coordination.k8s.io", "v1", "Lease", "leases")

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_NUMBER = {"type": "integer", "format": "int32"}
_TEXTS = {"type": "object", "additionalProperties": _TEXT}
_LEASE_SPEC = {
    "type": "object",
    "properties": {
        "holderIdentity": _TEXT,
        "leaseDurationSeconds": _NUMBER,
        "acquireTime": _TEXT,
        "renewTime": _TEXT,
        "leaseTransitions": _NUMBER,
        "preferredHolder": _TEXT,
        "strategy": _TEXT,
    },
}
_FIELDS: dict[Endpoint, Mapping[str, Any]] = {
    CONFIG_MAP: {"data": _TEXTS, "binaryData": _TEXTS, "immutable": _FLAG},
    SECRET: {"data": _TEXTS, "type": {**_TEXT, "default": "Opaque"}, "immutable": _FLAG},
    LEASE: {"spec": _LEASE_SPEC},
}


def is_core(endpoint: Endpoint) -> bool:
    return endpoint in _FIELDS


@cache
def core_crd(endpoint: Endpoint) -> Crd:
    """The kind as the engine wants it; one value per kind, because schemas are cached on it."""
    schema = {
        "type": "object",
        "properties": {
            "apiVersion": _TEXT,
            "kind": _TEXT,
            "metadata": {"type": "object"},
            **_FIELDS[endpoint],
        },
    }
    return Crd.of(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{endpoint.plural}.{endpoint.group}"},
            "spec": {
                "group": endpoint.group,
                "names": {"kind": endpoint.kind, "plural": endpoint.plural},
                "scope": "Namespaced",
                "versions": [
                    {
                        "name": endpoint.version,
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": schema},
                    }
                ],
            },
        }
    )


def with_data(body: JsonObject) -> JsonObject:
    """A Secret as the API stores it: `stringData` is written into `data`, over what stands there."""
    if "stringData" not in body:
        return body
    plain = dig_map(body, "stringData")
    encoded = {
        key: base64.b64encode(value.encode()).decode() if isinstance(value, str) else value
        for key, value in plain.items()
    }
    rest = {key: value for key, value in body.items() if key != "stringData"}
    return {**rest, "data": {**dig_map(body, "data"), **encoded}}


def as_custom(endpoint: Endpoint, live: Document | None) -> JsonObject | None:
    """A stored object as the engine wants it: these kinds have no generation, and it counts one for all."""
    body = live.body() if live else None
    if body and is_core(endpoint):
        body["metadata"]["generation"] = 1
    return body


def as_core(endpoint: Endpoint, body: JsonObject) -> JsonObject:
    """What the engine stores, as this kind has it."""
    if not is_core(endpoint):
        return body
    metadata = {k: v for k, v in dig_map(body, "metadata").items() if k != "generation"}
    return {**body, "metadata": metadata}
