"""The lines that take the place of fields which another CRD of Provider has."""

from __future__ import annotations

from reconciler.model.document import JsonObject, dig_map
from reconciler.model.path import FieldPath

# One deeper since 2026-02-07 (secretRef, removed on 2026-04-28), and what people write in the same way.
_INTO_CREDENTIAL = {
    "secretRef": "secretRef",
    "apiKeySecretRef": "secretRef",
    "envVar": "envVar",
    "filePath": "filePath",
}


def rewritten(body: JsonObject, path: FieldPath) -> JsonObject | None:
    """`spec.secretRef: {...}` as `credential: {secretRef: {...}}`, unless there is a credential."""
    spec = dig_map(body, "spec")
    match path:
        case ("spec", str(name)) if name in _INTO_CREDENTIAL and "credential" not in spec:
            return {"credential": {_INTO_CREDENTIAL[name]: spec[name]}}
    return None
