"""Fields to write in place of those that only another era of the Provider CRD has."""

from __future__ import annotations

from reconciler.model.document import JsonObject, dig_map
from reconciler.model.path import FieldPath

# secretRef moved into credential on 2026-02-07 and left the top level on 2026-04-28; users write the others there too.
_INTO_CREDENTIAL = {
    "secretRef": "secretRef",
    "apiKeySecretRef": "secretRef",
    "envVar": "envVar",
    "filePath": "filePath",
}


def replacement(body: JsonObject, path: FieldPath) -> JsonObject | None:
    """`spec.secretRef: {...}` as `credential: {secretRef: {...}}`, unless the spec has a credential."""
    spec = dig_map(body, "spec")
    match path:
        case ("spec", str(name)) if name in _INTO_CREDENTIAL and "credential" not in spec:
            return {"credential": {_INTO_CREDENTIAL[name]: spec[name]}}
    return None
