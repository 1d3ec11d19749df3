"""Edits of files by people, as an API server would have stored them.

If the bytes of a file differ from the last write, this is an Update by the field manager `file-edit` at the time of the
file. Validation is as strict as for `kubectl edit`, because dropping a field silently would hide a mistake. Fields that
only a server writes (uid, resourceVersion, managedFields ...) are ignored, so that a file may be the output of
`kubectl get -o yaml`.

The result depends only on the two files of the object: it has the same uid, resourceVersion and times on every read.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from reconciler.adapters.directory.builtin import (
    with_generation,
    with_string_data,
    without_generation,
)
from reconciler.adapters.directory.crds import ServedKind
from reconciler.adapters.directory.files import Signature
from reconciler.adapters.directory.yaml_file import InvalidFileError, YamlFile, parse
from reconciler.errors import Refused
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.identity import SECRET, Endpoint, ObjectRef
from reconciler.semantics import server
from reconciler.semantics.ownership.typed import undeclared
from reconciler.semantics.schema.crd import CrdVersion
from reconciler.text.suggest import did_you_mean
from reconciler.text.yaml import dump

FIELD_MANAGER = "file-edit"
_UID_NAMESPACE = uuid.UUID("6e0d3a0c-3c55-4c1c-9a5e-6d3f0a6f2b57")
_LAST_SECOND = 253_402_300_799  # of the year 9999; a file can have any time
_KEY_ORDER = ("apiVersion", "kind", "metadata", "spec", "type", "data", "status")
# Metadata that people write; the rest is the server's, and is only in the last write.
_WRITABLE = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences")
_SHOWN = (*_WRITABLE, "deletionTimestamp")  # explains why an object still exists


def visible_text(body: JsonObject) -> str:
    """The YAML of an object for people: the fields that they can write, and the status."""
    metadata = dig_map(body, "metadata")
    shown = {**body, "metadata": {k: metadata[k] for k in _SHOWN if k in metadata}}
    first = {key: shown[key] for key in _KEY_ORDER if key in shown}
    return dump({**first, **shown})


def edited(
    kind: ServedKind, ref: ObjectRef, last: Document | None, content: bytes, signature: Signature
) -> Document | None:
    """The object that a server would have after the edit of its file.

    None when the edit removed the last finalizer of an object that was being deleted.

    Args:
        last: the last write of this cluster, None for a new file.

    Raises:
        InvalidFileError: the file is not YAML, or a server would have refused the edit.
    """
    file = parse(content)
    body = _request_body(kind, ref, file)
    version = kind.crd.version(str(body["apiVersion"]).rpartition("/")[2])
    if version is None or not version.served:
        line = file.line("apiVersion")
        raise InvalidFileError(f"apiVersion {body['apiVersion']} is not served here", line)
    _refuse_undeclared(version, body, file)
    try:
        live = with_generation(kind.endpoint, last)
        stored = _stored(kind, ref, live, body, _context(kind, ref, last, signature))
    except Refused as refused:
        field = next((cause.field for cause in refused.causes if cause.field), "")
        line = file.line(*field.strip(".").split("."))
        raise InvalidFileError(_message(kind.endpoint, refused), line) from refused
    if stored.deleted:
        return None
    return Document.of(without_generation(kind.endpoint, stored.object))


def _message(endpoint: Endpoint, refused: Refused) -> str:
    if endpoint == SECRET:  # the message of the server may quote a value
        fields = ", ".join(cause.field for cause in refused.causes)
        return f"a server would refuse this Secret: {fields or 'check data and stringData'}"
    causes = "; ".join(f"{c.field}: {c.message}" for c in refused.causes if c.field)
    return causes or refused.message


def _request_body(kind: ServedKind, ref: ObjectRef, file: YamlFile) -> JsonObject:
    """The body of the request that is equivalent to the edit; the path of the file must name the same object."""
    body = file.body
    metadata = body.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise InvalidFileError("metadata is not a mapping", file.line("metadata"))
    group = str(body.get("apiVersion") or "").rpartition("/")[0]
    name, namespace = metadata.get("name", ref.name), metadata.get("namespace", ref.namespace)
    for same, actual, expected, path in (
        (body.get("kind") == ref.kind, body.get("kind"), ref.kind, ("kind",)),
        (
            group == ref.group,
            body.get("apiVersion"),
            kind.endpoint.api_version,
            ("apiVersion",),
        ),
        (name == ref.name, name, ref.name, ("metadata", "name")),
        (namespace == ref.namespace, namespace, ref.namespace, ("metadata", "namespace")),
    ):
        if not same:
            message = f"{'.'.join(path)} is {actual}, but the path of the file says {expected}"
            raise InvalidFileError(message, file.line(*path))
    writable = {key: metadata[key] for key in _WRITABLE if key in metadata}
    writable |= {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    request = {**body, "metadata": writable}
    return with_string_data(request) if kind.endpoint == SECRET else request


def _refuse_undeclared(version: CrdVersion, body: JsonObject, file: YamlFile) -> None:
    for field in undeclared(version.schema, body):
        hint = did_you_mean(str(field.path[-1]), field.declared)
        message = f"{field.field}: {field.message}"
        raise InvalidFileError(f"{message}; {hint}" if hint else message, file.line(*field.path))


def _context(
    kind: ServedKind, ref: ObjectRef, last: Document | None, signature: Signature
) -> server.WriteContext:
    """Time and resourceVersion of the write are the time of the file, so that they are the same on every read."""
    path = f"{ref.namespace}/{kind.crd.name}/{ref.name}"
    seconds = min(max(signature.mtime_ns // 1_000_000_000, 0), _LAST_SECOND)
    before = int(dig(last.body(), "metadata", "resourceVersion") or 1) if last else 1
    return server.WriteContext(
        manager=FIELD_MANAGER,
        now=rfc3339(datetime.fromtimestamp(seconds, UTC)),
        resource_version=str(
            max(signature.mtime_ns, before + 1)
        ),  # an archive may restore an old time
        uid=lambda: str(uuid.uuid5(_UID_NAMESPACE, path)),
    )


def _stored(
    kind: ServedKind,
    ref: ObjectRef,
    live: JsonObject | None,
    body: JsonObject,
    by: server.WriteContext,
) -> server.Result:
    if live is None:
        stored = server.create(kind.crd, ref, None, body, by)
    else:
        stored = server.update(kind.crd, ref, live, _with_identity(body, live), by)
    if (
        stored.deleted
        or not kind.version.status_subresource
        or dig(stored.object, "status") == body.get("status")
    ):
        return stored
    status = _with_identity(body, stored.object)
    return server.update_status(kind.crd, ref, stored.object, status, by)


def _with_identity(body: JsonObject, live: JsonObject) -> JsonObject:
    """The body with the uid and the resourceVersion of the live object."""
    metadata = dig_map(live, "metadata")
    identity = {key: metadata[key] for key in ("uid", "resourceVersion")}
    return {**body, "metadata": {**body["metadata"], **identity}}


def rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
