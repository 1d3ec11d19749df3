"""Secrets in a manifest, recognized by the shapes of well-known keys. No finding contains any part of one."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import FieldFinding
from reconciler.model.document import Json, JsonObject
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath
from reconciler.text.credentials import credential_in, is_credential_field

HINT = "move it into a Secret and refer to that; once it was committed, rotate it too"
IN_CREDENTIAL_FIELD = (
    "the value of a field that is named like a credential looks like a key, not like a name"
)


def literal_findings(body: JsonObject) -> Iterator[FieldFinding]:
    """Strings of an object that look like a credential, or that are random and in a field for one."""
    for path, text in _strings(body, ()):
        title = credential_in(text)
        if title:
            yield FieldFinding("SEC001", Severity.ERROR, path, f"{title} in clear text", HINT)
        elif path and isinstance(path[-1], str) and is_credential_field(path[-1], text):
            yield FieldFinding("SEC002", Severity.ERROR, path, IN_CREDENTIAL_FIELD, HINT)


def _strings(value: Json, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, child in value.items():
            if credential_in(key):
                yield (*path, key), key
            yield from _strings(child, (*path, key))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _strings(element, (*path, index))
