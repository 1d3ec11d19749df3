"""Validation of metadata: names, labels, annotations, finalizers, owner references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.model.document import Json, JsonObject, dig_map
from reconciler.semantics.validation.owners import is_owner, owner_violations
from reconciler.semantics.values import same
from reconciler.semantics.violation import (
    FORBIDDEN,
    INVALID,
    REQUIRED,
    TOO_LONG,
    Violation,
    value_text,
    violation,
)

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_NAME_PART = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_NAME_PART})?"
_ANNOTATION_BYTES = 256 * 1024
# The fields of ObjectMeta.
_NAMES = ("name", "namespace")
_LIFECYCLE = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
_WRITE_STATE = ("resourceVersion", "generation", "managedFields")  # updated by each write
_SELF_LINK = "selfLink"  # from old servers, never stored
_CLIENT_FIELDS = ("generateName", "labels", "annotations", "ownerReferences", "finalizers")

SERVER_FIELDS = (*_LIFECYCLE, *_WRITE_STATE, _SELF_LINK)  # only the server writes them
CLEARED_ON_CREATE = (*_LIFECYCLE, _SELF_LINK)  # the server ignores them in a POST
_IMMUTABLE = (*_NAMES, *_LIFECYCLE)
_FIELDS = frozenset({*_NAMES, *_LIFECYCLE, *_WRITE_STATE, *_CLIENT_FIELDS})

_LABEL_MESSAGE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_MESSAGE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_NAME_PART_MESSAGE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)
_LABEL_VALUE_MESSAGE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def create_violations(
    metadata: JsonObject, *, namespaced: bool, subdomain: bool = True
) -> Iterator[Violation]:
    """Violations of a new object's metadata.

    With `subdomain` the name must be a DNS subdomain, as the server requires of a new custom resource. Without it only
    the weaker check applies that the server repeats on an update.
    """
    name = str(metadata.get("name") or "")
    if not name:
        yield _violation("name", REQUIRED, "name or generateName is required")
    else:
        for message in subdomain_messages(name) if subdomain else _path_segment_messages(name):
            yield _violation("name", INVALID, message, name)
    namespace = str(metadata.get("namespace") or "")
    if namespaced and not namespace:
        yield _violation("namespace", REQUIRED)
    elif namespaced:
        for message in _label_messages(namespace):
            yield _violation("namespace", INVALID, message, namespace)
    elif namespace:
        yield _violation("namespace", FORBIDDEN, "not allowed on this type")
    yield from _common_violations(metadata)
    for finalizer in metadata.get("finalizers") or []:
        for message in qualified_name_messages(str(finalizer)):
            yield _violation("finalizers", INVALID, message, finalizer)


def update_violations(new: JsonObject, old: JsonObject) -> Iterator[Violation]:
    """Violations of metadata that replaces the old metadata of an object."""
    if old.get("deletionTimestamp"):
        extra = sorted(set(new.get("finalizers") or []) - set(old.get("finalizers") or []))
        if extra:
            listed = ", ".join(f'"{name}"' for name in extra)
            message = (
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{listed}}}"
            )
            yield _violation("finalizers", FORBIDDEN, message)
    for key in _IMMUTABLE:
        if not same(new.get(key), old.get(key)):
            yield _violation(key, INVALID, "field is immutable", new.get(key))
    yield from _common_violations(new)


def _common_violations(metadata: JsonObject) -> Iterator[Violation]:
    """Violations of labels, annotations and owner references, which the server checks on every write."""
    for key, value in dig_map(metadata, "labels").items():
        for message in qualified_name_messages(key):
            yield _violation("labels", INVALID, message, key, key)
        for message in _label_value_messages(str(value or "")):
            yield _violation("labels", INVALID, message, value or "", key)
    annotations = dig_map(metadata, "annotations")
    for key in annotations:
        for message in qualified_name_messages(key.lower()):
            yield _violation("annotations", INVALID, message, key, key)
    texts = (*annotations, *(str(value or "") for value in annotations.values()))
    if sum(len(text.encode()) for text in texts) > _ANNOTATION_BYTES:
        yield _violation("annotations", TOO_LONG, f"may not be more than {_ANNOTATION_BYTES} bytes")
    yield from owner_violations(metadata.get("ownerReferences") or [])


_UNSET = object()


def _violation(
    field: str, reason: str, detail: str = "", value: Any = _UNSET, key: str = ""
) -> Violation:
    path = ("metadata", field, *((key,) if key else ()))
    text = "" if value is _UNSET else value_text(value)
    return violation(path, f"metadata.{field}", reason, detail, value=text)


def _regex_message(message: str, regex: str, *examples: str) -> str:
    listed = "or ".join(f"'{example}', " for example in examples)
    # The server writes two spaces before each "or".
    listed = listed.replace(", or ", ",  or ")
    return f"{message} (e.g. {listed}regex used for validation is '{regex}')"


def _label_messages(text: str) -> Iterator[str]:
    if len(text) > 63:  # noqa: PLR2004 -- DNS-1123
        yield "must be no more than 63 characters"
    if not re.fullmatch(_LABEL, text):
        if re.fullmatch(_SUBDOMAIN, text):
            yield "must not contain dots"
        else:
            yield _regex_message(_LABEL_MESSAGE, _LABEL, "my-name", "123-abc")


def subdomain_messages(text: str, unit: str = "characters") -> Iterator[str]:
    """Why a text is not a DNS-1123 subdomain, in the server's words."""
    if len(text) > 253:  # noqa: PLR2004 -- DNS-1123
        yield f"must be no more than 253 {unit}"
    if not re.fullmatch(_SUBDOMAIN, text):
        yield _regex_message(_SUBDOMAIN_MESSAGE, _SUBDOMAIN, "example.com")


def _path_segment_messages(text: str) -> Iterator[str]:
    if text in (".", ".."):
        yield f"may not be '{text}'"
        return
    yield from (f"may not contain '{char}'" for char in "/%" if char in text)


def qualified_name_messages(text: str) -> Iterator[str]:
    """Why a text is not a label key (a name with an optional DNS subdomain before it), in the server's words."""
    parts = text.split("/")
    if len(parts) > 2:  # noqa: PLR2004 -- a prefix and a name
        message = "a valid label key " + _NAME_PART_MESSAGE
        message = _regex_message(message, _NAME_PART, "MyName", "my.name", "123-abc")
        yield message + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return
    if len(parts) == 2:  # noqa: PLR2004 -- a prefix and a name
        if not parts[0]:
            yield "prefix part must be non-empty"
        else:
            messages = subdomain_messages(parts[0], "bytes")
            yield from (f"prefix part {message}" for message in messages)
    name = parts[-1]
    if not name:
        yield "name part must be non-empty"
    elif len(name.encode()) > 63:  # noqa: PLR2004 -- the limit in the message
        yield "name part must be no more than 63 bytes"
    if not re.fullmatch(_NAME_PART, name):
        message = _regex_message(_NAME_PART_MESSAGE, _NAME_PART, "MyName", "my.name", "123-abc")
        yield f"name part {message}"


def _label_value_messages(text: str) -> Iterator[str]:
    if len(text.encode()) > 63:  # noqa: PLR2004 -- the limit in the message
        yield "must be no more than 63 bytes"
    if not re.fullmatch(_LABEL_VALUE, text):
        yield _regex_message(_LABEL_VALUE_MESSAGE, _LABEL_VALUE, "MyValue", "my_value", "12345")


def normalized_metadata(metadata: Json) -> JsonObject:
    """Metadata as the server stores it: without empty values and undeclared fields."""
    if not isinstance(metadata, dict):
        return {}
    fields = {
        key: value
        for key, value in metadata.items()
        if key in _FIELDS and value not in (None, "", {}, [])
    }
    for key in ("labels", "annotations"):
        texts = fields.get(key)
        if isinstance(texts, dict):
            fields[key] = {name: "" if text is None else text for name, text in texts.items()}
    return fields


_STRING_FIELDS = ("name", "generateName", "namespace", "uid", "resourceVersion")


def decode_error(metadata: Json) -> str:
    """Why metadata cannot be decoded as ObjectMeta; "" if it can."""
    if metadata is None:
        return ""
    if not isinstance(metadata, dict):
        return "metadata must be an object"
    return next(_decode_errors(metadata), "")


def _decode_errors(metadata: JsonObject) -> Iterator[str]:
    for key in _STRING_FIELDS:
        if not isinstance(metadata.get(key), (str, type(None))):
            yield f"metadata.{key} must be a string"
    for key in ("labels", "annotations"):
        texts = metadata.get(key) or {}
        if not isinstance(texts, dict) or any(
            not isinstance(text, (str, type(None))) for text in texts.values()
        ):
            yield f"metadata.{key} must map strings to strings"
    finalizers = metadata.get("finalizers") or []
    if not isinstance(finalizers, list) or not all(isinstance(name, str) for name in finalizers):
        yield "metadata.finalizers must be a list of strings"
    owners = metadata.get("ownerReferences") or []
    if not isinstance(owners, list) or not all(map(is_owner, owners)):
        yield "metadata.ownerReferences must be a list of references"


def uid_and_resource_version(body: Mapping[str, Any]) -> tuple[str, str]:
    """The uid and the resourceVersion of an object, "" for a missing value."""
    metadata = dig_map(body, "metadata")
    return str(metadata.get("uid") or ""), str(metadata.get("resourceVersion") or "")


def describe(body: Mapping[str, Any]) -> str:
    """The object as the server names it in a 500: `namespace/name; group/version, Kind=K`."""
    metadata = dig_map(body, "metadata")
    version = str(body.get("apiVersion") or "")
    return f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}; {version}, Kind={body.get('kind') or ''}"
