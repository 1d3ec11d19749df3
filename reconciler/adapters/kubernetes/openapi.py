"""A CRD from the OpenAPI document that the API server publishes, for users who may not read CRDs."""

from __future__ import annotations

from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.model.identity import Endpoint
from reconciler.semantics.schema.crd import Crd

# The server adds these to every object itself; a CRD's own schema has them without their fields.
_STANDARD = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object"},
}


def crd_of(published: Json, endpoint: Endpoint) -> Crd | None:
    """The CRD of a kind from `/openapi/v3/apis/{group}/{version}`, None when the kind is not in it.

    Missing of a real CRD: its other versions, which version is stored (the served one is taken for it), and
    whether it is established (it is served).

    Raises:
        ValueError: the schema is not one of a CRD.
    """
    schema = _schema(published, endpoint)
    if schema is None:
        return None
    place = f"/apis/{endpoint.group}/{endpoint.version}/namespaces/{{namespace}}/{endpoint.plural}"
    paths = dig_map(published, "paths")
    status = any(path.endswith(f"/{endpoint.plural}/{{name}}/status") for path in paths)
    version = {
        "name": endpoint.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _with_standard(schema)},
        "subresources": {"status": {}} if status else {},
    }
    return Crd.of(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": endpoint.crd_name},
            "spec": {
                "group": endpoint.group,
                "names": {"kind": endpoint.kind, "plural": endpoint.plural},
                "scope": "Namespaced" if place in paths else "Cluster",
                "versions": [version],
            },
        }
    )


def _schema(published: Json, endpoint: Endpoint) -> JsonObject | None:
    group_version_kind = {
        "group": endpoint.group,
        "version": endpoint.version,
        "kind": endpoint.kind,
    }
    for schema in dig_map(published, "components", "schemas").values():
        kinds = dig(schema, "x-kubernetes-group-version-kind")
        if isinstance(schema, dict) and isinstance(kinds, list) and group_version_kind in kinds:
            return schema
    return None


def _with_standard(schema: JsonObject) -> JsonObject:
    properties = dig_map(schema, "properties") | _STANDARD
    hidden = "x-kubernetes-group-version-kind"
    return {key: value for key, value in schema.items() if key != hidden} | {
        "properties": properties
    }
