"""CRDs for built-in kinds, so that one engine stores and compares a ConfigMap like a custom resource."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.identity import CONFIG_MAP, SECRET, Endpoint
from reconciler.model.lease import LEASE
from reconciler.semantics.schema.crd import Crd

_STRING = {"type": "string"}
_BOOLEAN = {"type": "boolean"}
_INT32 = {"type": "integer", "format": "int32"}
_STRINGS = {"type": "object", "additionalProperties": _STRING}
_LEASE_SPEC = {
    "type": "object",
    "properties": {
        "holderIdentity": _STRING,
        "leaseDurationSeconds": _INT32,
        "acquireTime": _STRING,
        "renewTime": _STRING,
        "leaseTransitions": _INT32,
        "preferredHolder": _STRING,
        "strategy": _STRING,
    },
}
_FIELDS: dict[Endpoint, Mapping[str, Any]] = {
    CONFIG_MAP: {"data": _STRINGS, "binaryData": _STRINGS, "immutable": _BOOLEAN},
    SECRET: {"data": _STRINGS, "type": {**_STRING, "default": "Opaque"}, "immutable": _BOOLEAN},
    LEASE: {"spec": _LEASE_SPEC},
}


def is_builtin(endpoint: Endpoint) -> bool:
    return endpoint in _FIELDS


@cache
def builtin_crd(endpoint: Endpoint) -> Crd:
    """The CRD of a built-in kind; always the same value, because a `Crd` caches its schemas."""
    schema = {
        "type": "object",
        "properties": {
            "apiVersion": _STRING,
            "kind": _STRING,
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


def with_string_data(body: JsonObject) -> JsonObject:
    """A Secret as the API server stores it: `stringData` is encoded into `data`, and replaces its keys."""
    if "stringData" not in body:
        return body
    plain = dig_map(body, "stringData")
    encoded = {
        key: base64.b64encode(value.encode()).decode() if isinstance(value, str) else value
        for key, value in plain.items()
    }
    rest = {key: value for key, value in body.items() if key != "stringData"}
    return {**rest, "data": {**dig_map(body, "data"), **encoded}}


def with_generation(endpoint: Endpoint, live: Document | None) -> JsonObject | None:
    """A live object for the engine, which expects a generation: built-in kinds have none."""
    body = live.body() if live else None
    if body and is_builtin(endpoint):
        body["metadata"]["generation"] = 1
    return body


def without_generation(endpoint: Endpoint, body: JsonObject) -> JsonObject:
    """An object from the engine as an API server stores it: built-in kinds have no generation."""
    if not is_builtin(endpoint):
        return body
    metadata = {k: v for k, v in dig_map(body, "metadata").items() if k != "generation"}
    return {**body, "metadata": metadata}
