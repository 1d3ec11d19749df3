"""What a person did to a file since the last write, as a server would have taken it.

A file with other bytes than the last write is an Update by manager `file-edit` at the file's time. It is judged as
strictly as `kubectl edit` would be, because a field that is dropped in silence helps nobody. What only a server
writes (uid, resourceVersion, managedFields ...) is ignored in a file, so that what `kubectl get -o yaml` prints can
be put there.

The view is a pure function of both files: reading it twice gives the same uid, resourceVersion and times.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.adapters.directory.core import as_core, as_custom, with_data
from reconciler.adapters.directory.files import Signature
from reconciler.adapters.directory.text import BrokenTextError, Text, dump, load
from reconciler.errors import Refused
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.identity import SECRET, Endpoint, ObjectRef
from reconciler.semantics import server
from reconciler.semantics.ownership.typed import undeclared
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.text.suggest import did_you_mean

MANAGER = "file-edit"
_UIDS = uuid.UUID("6e0d3a0c-3c55-4c1c-9a5e-6d3f0a6f2b57")
_LAST_SECOND = 253_402_300_799  # of the year 9999; a file may claim any time
_ORDER = ("apiVersion", "kind", "metadata", "spec", "type", "data", "status")
# Metadata that a person writes; the rest is the server's, and stands in .server.
_WRITABLE = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences")
_SHOWN = (*_WRITABLE, "deletionTimestamp")  # why an object is still there


class BrokenFileError(Exception):
    """A file that is no object; never holds a value of a Secret."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Served:
    """One object of a served kind: whose file it is, and what judges it."""

    endpoint: Endpoint
    crd: Crd
    version: CrdVersion
    ref: ObjectRef


def visible_text(body: JsonObject) -> str:
    """The file that people see: what they could have written, and the status."""
    metadata = dig_map(body, "metadata")
    shown = {**body, "metadata": {k: metadata[k] for k in _SHOWN if k in metadata}}
    first = {key: shown[key] for key in _ORDER if key in shown}
    return dump({**first, **shown})


def edited(
    served: Served, last: Document | None, content: bytes, seen: Signature
) -> Document | None:
    """The object that a server would have after this edit.

    None when the edit took the last finalizer of an object that was being deleted.

    Args:
        last: what this cluster wrote last, None for a file that is new.

    Raises:
        BrokenFileError: a server would have refused it, or it is no YAML.
    """
    text = _parsed(content)
    body = _as_sent(served, text)
    version = served.crd.version(str(body["apiVersion"]).rpartition("/")[2])
    if version is None or not version.served:
        raise BrokenFileError(
            f"apiVersion {body['apiVersion']} is not served here", text.line("apiVersion")
        )
    _refuse_undeclared(version, body, text)
    try:
        stored = _stored(
            served, as_custom(served.endpoint, last), body, _writer(served, last, seen)
        )
    except Refused as refused:
        field = next((cause.field for cause in refused.causes if cause.field), "")
        line = text.line(*field.strip(".").split("."))
        raise BrokenFileError(_told(served.endpoint, refused), line) from refused
    if stored.deleted:
        return None
    return Document.of(as_core(served.endpoint, stored.object))


def _told(endpoint: Endpoint, refused: Refused) -> str:
    if endpoint == SECRET:  # the server's sentence may quote a value
        fields = ", ".join(cause.field for cause in refused.causes)
        return f"a server would refuse this Secret: {fields or 'check data and stringData'}"
    causes = "; ".join(f"{c.field}: {c.message}" for c in refused.causes if c.field)
    return causes or refused.message


def _parsed(content: bytes) -> Text:
    try:
        return load(content.decode())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BrokenFileError("is not UTF-8", line) from error
    except BrokenTextError as error:
        raise BrokenFileError(error.message, error.line) from error


def _as_sent(served: Served, text: Text) -> JsonObject:
    """The body of the request that this edit stands for; place and content must name the same object."""
    body, ref = text.body, served.ref
    metadata = body.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise BrokenFileError("metadata is no mapping", text.line("metadata"))
    group = str(body.get("apiVersion") or "").rpartition("/")[0]
    for wrong, is_, should, path in (
        (body.get("kind") != ref.kind, body.get("kind"), ref.kind, ("kind",)),
        (group != ref.group, body.get("apiVersion"), served.endpoint.api_version, ("apiVersion",)),
        (
            metadata.get("name", ref.name) != ref.name,
            metadata.get("name"),
            ref.name,
            ("metadata", "name"),
        ),
        (
            metadata.get("namespace", ref.namespace) != ref.namespace,
            metadata.get("namespace"),
            ref.namespace,
            ("metadata", "namespace"),
        ),
    ):
        if wrong:
            raise BrokenFileError(
                f"says {'.'.join(path)}: {is_}, and its place says {should}", text.line(*path)
            )
    kept = {key: metadata[key] for key in _WRITABLE if key in metadata}
    kept |= {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    sent = {**body, "metadata": kept}
    return with_data(sent) if served.endpoint == SECRET else sent


def _refuse_undeclared(version: CrdVersion, body: JsonObject, text: Text) -> None:
    for wrong in undeclared(version.schema, body):
        near = did_you_mean(str(wrong.path[-1]), wrong.near)
        message = f"{wrong.printed}: {wrong.message}"
        raise BrokenFileError(f"{message}; {near}" if near else message, text.line(*wrong.path))


def _writer(served: Served, last: Document | None, seen: Signature) -> server.WriteContext:
    """The file's time is the time of the write, and the only resourceVersion that a pure view can give."""
    ref = served.ref
    path = f"{ref.namespace}/{served.crd.name}/{ref.name}"
    seconds = min(max(seen.mtime_ns // 1_000_000_000, 0), _LAST_SECOND)
    before = int(dig(last.body(), "metadata", "resourceVersion") or 1) if last else 1
    return server.WriteContext(
        manager=MANAGER,
        now=rfc3339(datetime.fromtimestamp(seconds, UTC)),
        resource_version=str(max(seen.mtime_ns, before + 1)),  # archives set times back
        uid=lambda: str(uuid.uuid5(_UIDS, path)),
    )


def _stored(
    served: Served, live: JsonObject | None, body: JsonObject, by: server.WriteContext
) -> server.Stored:
    crd, ref = served.crd, served.ref
    if live is None:
        stored = server.create(crd, ref, None, body, by)
    else:
        stored = server.update(crd, ref, live, _on(live, body), by)
    if (
        stored.deleted
        or not served.version.status_subresource
        or dig(stored.object, "status") == body.get("status")
    ):
        return stored
    return server.update_status(crd, ref, stored.object, _on(stored.object, body), by)


def _on(live: JsonObject, body: JsonObject) -> JsonObject:
    """The body as an edit of exactly this object."""
    metadata = dig_map(live, "metadata")
    same = {key: metadata[key] for key in ("uid", "resourceVersion")}
    return {**body, "metadata": {**body["metadata"], **same}}


def rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
