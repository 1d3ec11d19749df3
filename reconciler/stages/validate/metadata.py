"""What the API server asks of metadata, which no CRD describes: types, names, labels, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.kind import FieldFinding
from reconciler.model.document import Json, JsonObject
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath, at, show
from reconciler.semantics.ownership.typed import Mismatch
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation.objectmeta import qualified_name_messages
from reconciler.semantics.violation import TOO_LONG, Violation
from reconciler.stages.validate.advice import for_type
from reconciler.stages.validate.mistyped import mistyped
from reconciler.text.lines import looks_secret

_AT_MOST = "inside, at most 63 characters"
_NAME = "must be like my-name: small letters, digits, `-` and `.` inside, at most 253 characters"
_NAMESPACE = f"must be like my-team: small letters, digits, `-` {_AT_MOST}"
_KEY = f"must have a key like example.com/my-key: letters, digits, `-`, `_` and `.` {_AT_MOST}"
_VALUE = f"must be empty or like my-value: letters, digits, `-`, `_` and `.` {_AT_MOST}"
_LONGEST = 63
_TEXTS = ("labels", "annotations")


def is_metadata(path: FieldPath) -> bool:
    """Whether a field is metadata, or of it."""
    return path[:1] == ("metadata",)


def names(near: Iterable[str]) -> list[str]:
    """Of the fields that metadata may have, those that a source has."""
    return [name for name in near if name in ("name", "namespace", *_TEXTS)]


def wrong_types(body: JsonObject, found: Iterable[Mismatch]) -> Iterator[FieldFinding]:
    """Of metadata, what an apply is refused for before anything else is looked at."""
    for one in found:
        if one.undeclared or not is_metadata(one.path):
            continue
        if one.expected_type:
            schema, value = Schema(type=one.expected_type), at(body, one.path)
            hint = _BLOCKS.get(str(one.path[-1]), "") or for_type(schema, value)
            yield mistyped(one.path, schema, value, hint)
        else:
            message = f"{show(one.path)} is null, or there twice"
            yield _refused(one.path, message, "remove it")


_BLOCKS = {
    **dict.fromkeys(_TEXTS, 'write key: "value" pairs below it'),
    "finalizers": "remove it, or write a list of texts",
    "ownerReferences": "remove it: owners are for what a controller makes",
}


def refused(violation: Violation, value: Json) -> FieldFinding:
    """A name, a label or an annotation that the server does not take."""
    path = violation.path
    field = path[1] if len(path) > 1 else ""
    if violation.reason == TOO_LONG:
        return _refused(path, f"{show(path)} together are too long", "keep them below 256 KiB")
    if field in _TEXTS:
        key = str(path[-1])
        is_key = any(qualified_name_messages(key.lower() if field == "annotations" else key))
        return _of(path, _KEY if is_key else _VALUE, key if is_key else value)
    if field == "namespace":
        return _of(path, _NAMESPACE, value, lower=True)
    if field == "name":
        return _of(path, _NAME, value, lower=True)
    _, _, words = violation.message.rpartition(": ")
    return _refused(path, f"{show(path)} {words}", "remove it, or mend it")


def _of(path: FieldPath, words: str, text: Json, *, lower: bool = False) -> FieldFinding:
    fixed = _fixed(text, lower=lower) if isinstance(text, str) else ""
    return _refused(path, f"{show(path)} {words}", f"write {fixed}" if fixed else "")


def _fixed(text: str, *, lower: bool) -> str:
    if looks_secret(text) or "/" in text:
        return ""
    small = re.sub(r"[^a-z0-9]+", "-", text.lower())
    fixed = (small if lower else re.sub(r"[^A-Za-z0-9_.-]+", "-", text)).strip("-_.")
    return fixed if len(fixed) <= _LONGEST else ""


def _refused(path: FieldPath, message: str, hint: str) -> FieldFinding:
    return FieldFinding("K8S005", Severity.ERROR, path, message, hint)
