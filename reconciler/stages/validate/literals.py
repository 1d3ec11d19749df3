"""Secrets that stand in a manifest, found by the shape of well-known keys. Nothing of them is ever told."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import FieldFinding
from reconciler.model.document import Json, JsonObject
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath
from reconciler.text.credentials import credential_in, is_credential_field

LEAVES = "put it into a Secret and name that; the key is known to git now, so rotate it"
MORE_THAN_A_NAME = "a field that is named after a credential holds more than a name"


def in_clear_text(title: str) -> str:
    """`an API key`, `credentials in a URL`: of one or of several."""
    return (
        f"here is {title}, in clear text"
        if title.startswith(("a ", "an "))
        else f"here are {title}, in clear text"
    )


def literals(body: JsonObject) -> Iterator[FieldFinding]:
    """Strings of an object that look like a credential, or stand where one would."""
    for path, text in _strings(body, ()):
        title = credential_in(text)
        if title:
            yield FieldFinding("SEC001", Severity.ERROR, path, in_clear_text(title), LEAVES)
        elif path and isinstance(path[-1], str) and is_credential_field(path[-1], text):
            yield FieldFinding("SEC002", Severity.ERROR, path, MORE_THAN_A_NAME, LEAVES)


def _strings(value: Json, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if credential_in(key):
                yield (*path, key), key
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))
