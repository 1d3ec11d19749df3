"""Executes one request that changes one object: the engine computes the result, the store keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from reconciler.adapters.directory.builtin import with_generation, without_generation
from reconciler.adapters.directory.crds import Crds, ServedKind
from reconciler.adapters.directory.edits import rfc3339, visible_text
from reconciler.adapters.directory.journal import WriteMode
from reconciler.adapters.directory.layout import Layout, ObjectPaths
from reconciler.adapters.directory.store import Store
from reconciler.adapters.directory.views import Views
from reconciler.errors import RefusalReason, Refused
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import CONFIG_MAP, SECRET, Endpoint, ObjectRef
from reconciler.ports import Clock
from reconciler.semantics import server
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.server import Result, WriteContext
from reconciler.semantics.server.refusals import is_uid_mismatch

Request: TypeAlias = Callable[[Crd, ObjectRef, JsonObject | None, WriteContext], Result]


class Writes:
    def __init__(
        self, layout: Layout, store: Store, crds: Crds, views: Views, clock: Clock
    ) -> None:
        self._layout = layout
        self._store = store
        self._crds = crds
        self._views = views
        self._clock = clock

    def change(
        self,
        endpoint: Endpoint,
        body: Mapping[str, Any],
        manager: str,
        request: Request,
        *,
        dry_run: bool = False,
    ) -> Result:
        """Execute a request on the object that `body` names, and store the result unless it is a dry run."""
        with self._store.reading() if dry_run else self._store.writing():
            kind = self._crds.served(endpoint)
            name = str(dig(body, "metadata", "name") or "")
            namespace = kind.namespace(str(dig(body, "metadata", "namespace") or ""))
            live = self._views.get(kind, namespace, name)
            missing = live is None and kind.crd.namespaced
            if missing and not self._store.has_namespace(namespace):
                raise Refused(RefusalReason.NO_NAMESPACE, f'namespaces "{namespace}" not found')
            by = self._context(manager, live, dry_run=dry_run)
            stored = _execute(request, kind, kind.ref(namespace, name), live, by)
            if not stored.changed or dry_run:
                return stored
            paths = self._layout.paths(endpoint, namespace, name)
            if paths is None:
                raise Refused(RefusalReason.INVALID, f'"{name}" is too long for a file name')
            if stored.deleted:
                self._store.remove(paths, by.resource_version)
            else:
                self._put(kind, paths, stored.object)
            return stored

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str
    ) -> None:
        with self._store.writing():
            kind = self._crds.served(endpoint)
            namespace = kind.namespace(namespace)
            live = self._views.get(kind, namespace, name)
            paths = self._layout.paths(endpoint, namespace, name)
            if paths is None:
                return
            if live is None:
                # Someone removed the visible file: a new file of this name must be a new object.
                if self._store.last_write(paths.last_write) is not None:
                    self._store.remove(paths, self._store.next_version(live))
                return
            by = self._context(TOOL, live, dry_run=False)
            stored = server.delete(
                kind.ref(namespace, name),
                with_generation(endpoint, live),
                by,
                uid=uid,
                resource_version=resource_version,
                group_resource=kind.crd.name,
            )
            if stored.deleted:
                self._store.remove(paths, by.resource_version)
            elif stored.changed:
                self._put(kind, paths, without_generation(endpoint, stored.object))

    def _put(self, kind: ServedKind, paths: ObjectPaths, body: JsonObject) -> None:
        endpoint = kind.endpoint
        mode = WriteMode(private=endpoint == SECRET, durable=endpoint in (SECRET, CONFIG_MAP))
        text = visible_text(body)
        self._store.put(paths, Document.of(body), text, kind.version.facts_text, mode)

    def _context(self, manager: str, live: Document | None, *, dry_run: bool) -> WriteContext:
        current = str(dig(live.body(), "metadata", "resourceVersion") or "") if live else ""
        return WriteContext(
            manager=manager,
            now=rfc3339(self._clock.now()),
            resource_version=current if dry_run else self._store.next_version(live),
            uid=lambda: str(uuid.uuid4()),
        )


def _execute(
    request: Request, kind: ServedKind, ref: ObjectRef, live: Document | None, by: WriteContext
) -> Result:
    """The answer of the engine; a server refuses a wrong uid as INVALID, for which the port has STALE."""
    try:
        stored = request(kind.crd, ref, with_generation(kind.endpoint, live), by)
    except Refused as refused:
        if refused.reason is RefusalReason.INVALID and is_uid_mismatch(refused.causes):
            raise Refused(RefusalReason.STALE, refused.message, refused.causes) from None
        raise
    return replace(stored, object=without_generation(kind.endpoint, stored.object))
