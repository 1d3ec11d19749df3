"""What the server asks of metadata: names, labels, annotations, finalizers, owners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.semantics.validation.owners import owner_problems
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
# The fields of ObjectMeta, by who writes them.
_NAMES = ("name", "namespace")
_LIFE = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
_COUNTED = ("resourceVersion", "generation", "managedFields")  # by the server, with every write
_LINK = "selfLink"  # of old servers; not stored
_AUTHORS = ("generateName", "labels", "annotations", "ownerReferences", "finalizers")

SERVER_FIELDS = (*_LIFE, *_COUNTED, _LINK)  # only the server writes them
NOT_BROUGHT = (*_LIFE, _LINK)  # of what a POST brings along, what the server makes up itself
_IMMUTABLE = (*_NAMES, *_LIFE)
_FIELDS = frozenset({*_NAMES, *_LIFE, *_COUNTED, *_AUTHORS})

_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_NAME_PART_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)
_LABEL_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def create_problems(
    metadata: JsonObject, *, namespaced: bool, subdomain: bool = True
) -> Iterator[Violation]:
    """Of a new object; `subdomain` for the stricter of the two name checks that a custom resource passes."""
    name = str(metadata.get("name") or "")
    if not name:
        yield _problem("name", REQUIRED, "name or generateName is required")
    else:
        for words in subdomain_words(name) if subdomain else _path_words(name):
            yield _problem("name", INVALID, words, name)
    namespace = str(metadata.get("namespace") or "")
    if namespaced and not namespace:
        yield _problem("namespace", REQUIRED)
    elif namespaced:
        for words in _label_words(namespace):
            yield _problem("namespace", INVALID, words, namespace)
    elif namespace:
        yield _problem("namespace", FORBIDDEN, "not allowed on this type")
    yield from content_problems(metadata)
    for finalizer in metadata.get("finalizers") or []:
        for words in qualified_name_words(str(finalizer)):
            yield _problem("finalizers", INVALID, words, finalizer)


def update_problems(new: JsonObject, old: JsonObject) -> Iterator[Violation]:
    """Of metadata that replaces another one."""
    if old.get("deletionTimestamp"):
        extra = sorted(set(new.get("finalizers") or []) - set(old.get("finalizers") or []))
        if extra:
            listed = ", ".join(f'"{name}"' for name in extra)
            words = (
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{listed}}}"
            )
            yield _problem("finalizers", FORBIDDEN, words)
    for key in _IMMUTABLE:
        if not same(new.get(key), old.get(key)):
            yield _problem(key, INVALID, "field is immutable", new.get(key))
    yield from content_problems(new)


def content_problems(metadata: JsonObject) -> Iterator[Violation]:
    """Labels, annotations and owners, which every write is asked for."""
    for key, value in dig_map(metadata, "labels").items():
        for words in qualified_name_words(key):
            yield _problem("labels", INVALID, words, key, key)
        for words in _value_words(str(value or "")):
            yield _problem("labels", INVALID, words, value or "", key)
    annotations = dig_map(metadata, "annotations")
    for key in annotations:
        for words in qualified_name_words(key.lower()):
            yield _problem("annotations", INVALID, words, key, key)
    if (
        sum(
            len(key.encode()) + len(str(value or "").encode()) for key, value in annotations.items()
        )
        > _ANNOTATION_BYTES
    ):
        yield _problem("annotations", TOO_LONG, f"may not be more than {_ANNOTATION_BYTES} bytes")
    yield from owner_problems(metadata.get("ownerReferences") or [])


_UNSET = object()


def _problem(
    field: str, reason: str, words: str = "", value: Any = _UNSET, key: str = ""
) -> Violation:
    path = ("metadata", *field.split("."), *((key,) if key else ()))
    return violation(
        path, f"metadata.{field}", reason, words, value="" if value is _UNSET else value_text(value)
    )


def _regex_words(words: str, regex: str, *examples: str) -> str:
    shown = "or ".join(f"'{example}', " for example in examples)
    # As the server writes it: every example but the first follows " or ".
    shown = shown.replace(", or ", ",  or ")
    return f"{words} (e.g. {shown}regex used for validation is '{regex}')"


def _label_words(text: str) -> Iterator[str]:
    if len(text) > 63:  # noqa: PLR2004 -- DNS-1123
        yield "must be no more than 63 characters"
    if not re.fullmatch(_LABEL, text):
        if re.fullmatch(_SUBDOMAIN, text):
            yield "must not contain dots"
        else:
            yield _regex_words(_LABEL_WORDS, _LABEL, "my-name", "123-abc")


def subdomain_words(text: str, unit: str = "characters") -> Iterator[str]:
    """Why a text is no DNS-1123 subdomain, in the words of the server; nothing for one that is."""
    if len(text) > 253:  # noqa: PLR2004 -- DNS-1123
        yield f"must be no more than 253 {unit}"
    if not re.fullmatch(_SUBDOMAIN, text):
        yield _regex_words(_SUBDOMAIN_WORDS, _SUBDOMAIN, "example.com")


def _path_words(text: str) -> Iterator[str]:
    if text in (".", ".."):
        yield f"may not be '{text}'"
        return
    yield from (f"may not contain '{char}'" for char in "/%" if char in text)


def qualified_name_words(text: str) -> Iterator[str]:
    """A label key: a name, or a DNS subdomain and a name."""
    parts = text.split("/")
    if len(parts) > 2:  # noqa: PLR2004 -- a prefix and a name
        words = "a valid label key " + _NAME_PART_WORDS
        regex = _regex_words(words, _NAME_PART, "MyName", "my.name", "123-abc")
        yield regex + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return
    if len(parts) == 2:  # noqa: PLR2004 -- a prefix and a name
        if not parts[0]:
            yield "prefix part must be non-empty"
        else:
            yield from (f"prefix part {words}" for words in subdomain_words(parts[0], "bytes"))
    name = parts[-1]
    if not name:
        yield "name part must be non-empty"
    elif len(name.encode()) > 63:  # noqa: PLR2004 -- the longest name, as the next line says
        yield "name part must be no more than 63 bytes"
    if not re.fullmatch(_NAME_PART, name):
        yield "name part " + _regex_words(
            _NAME_PART_WORDS, _NAME_PART, "MyName", "my.name", "123-abc"
        )


def _value_words(text: str) -> Iterator[str]:
    if len(text.encode()) > 63:  # noqa: PLR2004 -- the longest name, as the next line says
        yield "must be no more than 63 bytes"
    if not re.fullmatch(_LABEL_VALUE, text):
        yield _regex_words(_LABEL_VALUE_WORDS, _LABEL_VALUE, "MyValue", "my_value", "12345")


def normal(metadata: Json) -> JsonObject:
    """Metadata as it is stored: nothing empty, nothing that ObjectMeta does not have."""
    if not isinstance(metadata, dict):
        return {}
    out = {
        key: value
        for key, value in metadata.items()
        if key in _FIELDS and value not in (None, "", {}, [])
    }
    for key in ("labels", "annotations"):
        texts = out.get(key)
        if isinstance(texts, dict):
            out[key] = {name: "" if text is None else text for name, text in texts.items()}
    return out


_TEXT_FIELDS = ("name", "generateName", "namespace", "uid", "resourceVersion")


def decode_error(metadata: Json) -> str:
    """Why metadata is no ObjectMeta, in few words; "" for one that is."""
    if metadata is None:
        return ""
    if not isinstance(metadata, dict):
        return "metadata must be an object"
    return next(_decode_errors(metadata), "")


def _decode_errors(metadata: JsonObject) -> Iterator[str]:
    for key in _TEXT_FIELDS:
        if not isinstance(metadata.get(key), (str, type(None))):
            yield f"metadata.{key} must be a string"
    for key in ("labels", "annotations"):
        texts = metadata.get(key) or {}
        if not isinstance(texts, dict) or any(
            not isinstance(text, (str, type(None))) for text in texts.values()
        ):
            yield f"metadata.{key} must map strings to strings"
    finalizers = metadata.get("finalizers") or []
    if not isinstance(finalizers, list) or any(not isinstance(one, str) for one in finalizers):
        yield "metadata.finalizers must be a list of strings"


def identity_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """uid and resourceVersion of an object, "" for none."""
    return str(dig(body, "metadata", "uid") or ""), str(
        dig(body, "metadata", "resourceVersion") or ""
    )


def describe(body: Mapping[str, Any]) -> str:
    """`namespace/name; group/version, Kind=K`: how the server names an object in its own failures."""
    metadata = dig_map(body, "metadata")
    version = str(body.get("apiVersion") or "")
    return f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}; {version}, Kind={body.get('kind') or ''}"
