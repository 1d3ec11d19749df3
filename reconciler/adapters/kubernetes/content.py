"""Whether an answer holds what was sent: its status alone proves nothing."""

from __future__ import annotations

import re

from reconciler.model.document import Document, Json, JsonObject, dig, dig_map
from reconciler.semantics.ownership.queries import applied_by

# Legal inside a JSON string and not inside a YAML one.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SYSTEM = ("apiVersion", "kind", "metadata", "status")  # compared otherwise, or the server's own


def holds(answer: Document, sent: Document, manager: str) -> bool:
    """Whether the answer has every value that was sent, applied by `manager`.

    False may also mean that a webhook changed a value, or that there was nothing to own.
    """
    stored = answer.body()
    return applied_by(stored, manager) is not None and _within(_own(sent.body()), stored)


def same_apart_from_status(left: Document, right: Document) -> bool:
    """Operators write the status meanwhile, and with it resourceVersion and their own entry in managedFields."""
    return _content(left.body()) == _content(right.body())


def _content(body: JsonObject) -> JsonObject:
    metadata = dig_map(body, "metadata")
    entries = metadata.get("managedFields")
    kept = [e for e in (entries if isinstance(entries, list) else []) if not dig(e, "subresource")]
    rest = {k: v for k, v in metadata.items() if k not in ("resourceVersion", "managedFields")}
    others = {key: value for key, value in body.items() if key not in ("metadata", "status")}
    return others | {"metadata": rest | {"managedFields": kept}}


def _own(body: JsonObject) -> JsonObject:
    metadata = dig_map(body, "metadata")
    marks = {key: metadata[key] for key in ("labels", "annotations") if key in metadata}
    content = {key: value for key, value in body.items() if key not in _SYSTEM}
    return content | {"metadata": marks}


def _within(sent: Json, stored: Json) -> bool:
    if isinstance(sent, dict) and isinstance(stored, dict):
        return all(
            value is None or (key in stored and _within(value, stored[key]))
            for key, value in sent.items()
        )
    return bool(sent == stored)


def escaped_for_yaml(text: str) -> str:
    """JSON that is also YAML, which is what the server reads an apply as."""
    return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
