"""Findings on metadata, which no CRD describes and the API server validates: types, names, labels, annotations."""

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
from reconciler.stages.validate.schema_hints import type_hint
from reconciler.stages.validate.type_mismatch import type_mismatch
from reconciler.text.lines import looks_secret

_AT_MOST = "inside, at most 63 characters"
_NAME = (
    "must be like my-name: lower case letters, digits, `-` and `.` inside, at most 253 characters"
)
_NAMESPACE = f"must be like my-team: lower case letters, digits, `-` {_AT_MOST}"
_KEY = f"must have a key like example.com/my-key: letters, digits, `-`, `_` and `.` {_AT_MOST}"
_VALUE = f"must be empty or like my-value: letters, digits, `-`, `_` and `.` {_AT_MOST}"
_LONGEST = 63
_STRING_MAPS = ("labels", "annotations")


def is_metadata(path: FieldPath) -> bool:
    """Whether a field is metadata, or below it."""
    return path[:1] == ("metadata",)


def authored(names: Iterable[str]) -> list[str]:
    """The fields of metadata that a manifest may contain, out of all that an object may have."""
    return [name for name in names if name in ("name", "namespace", *_STRING_MAPS)]


def type_findings(body: JsonObject, mistyped: Iterable[Mismatch]) -> Iterator[FieldFinding]:
    """The fields of metadata that make the server refuse an apply before it validates anything else."""
    for field in mistyped:
        path = field.path
        if field.undeclared or not is_metadata(path):
            continue
        if field.expected_type:
            schema, value = Schema(type=field.expected_type), at(body, path)
            hint = _HINTS.get(str(path[-1]), "") or type_hint(schema, value)
            yield type_mismatch(path, schema, value, hint)
        else:
            yield _malformed(path, f"{show(path)} is null, or a duplicate", "remove it")


_HINTS = {
    **dict.fromkeys(_STRING_MAPS, 'write key: "value" pairs below it'),
    "finalizers": "remove it, or write a list of strings",
    "ownerReferences": "remove it: only controllers set owners",
}


def finding_on(violation: Violation, value: Json) -> FieldFinding:
    """The finding for a name, a label or an annotation that the server does not accept."""
    path = violation.path
    field = path[1] if len(path) > 1 else ""
    if violation.reason == TOO_LONG:
        return _malformed(path, f"{show(path)} together are too long", "keep them below 256 KiB")
    if field in _STRING_MAPS:
        key = str(path[-1])
        is_key = any(qualified_name_messages(key.lower() if field == "annotations" else key))
        return _with_correction(path, _KEY if is_key else _VALUE, key if is_key else value)
    if field == "namespace":
        return _with_correction(path, _NAMESPACE, value, lower=True)
    if field == "name":
        return _with_correction(path, _NAME, value, lower=True)
    _, _, words = violation.message.rpartition(": ")
    return _malformed(path, f"{show(path)} {words}", "correct or remove it")


def _with_correction(
    path: FieldPath, words: str, text: Json, *, lower: bool = False
) -> FieldFinding:
    corrected = _corrected(text, lower=lower) if isinstance(text, str) else ""
    return _malformed(path, f"{show(path)} {words}", f"write {corrected}" if corrected else "")


def _corrected(text: str, *, lower: bool) -> str:
    if looks_secret(text) or "/" in text:
        return ""
    lowered = re.sub(r"[^a-z0-9]+", "-", text.lower())
    corrected = (lowered if lower else re.sub(r"[^A-Za-z0-9_.-]+", "-", text)).strip("-_.")
    return corrected if len(corrected) <= _LONGEST else ""


def _malformed(path: FieldPath, message: str, hint: str) -> FieldFinding:
    return FieldFinding("K8S005", Severity.ERROR, path, message, hint)
