"""One request that changes one object: asked of the engine, stored whole."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from reconciler.adapters.directory.core import as_core, as_custom
from reconciler.adapters.directory.crds import Crds
from reconciler.adapters.directory.edits import rfc3339, visible_text
from reconciler.adapters.directory.layout import Layout, Place
from reconciler.adapters.directory.store import Keep, Store
from reconciler.adapters.directory.views import Views
from reconciler.errors import RefusalReason, Refused
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import CONFIG_MAP, SECRET, Endpoint, ObjectRef
from reconciler.ports import Clock
from reconciler.semantics import server
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.server import Stored, WriteContext
from reconciler.semantics.server.refusals import is_other_uid

Verb: TypeAlias = Callable[[Crd, ObjectRef, JsonObject | None, WriteContext], Stored]


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
        verb: Verb,
        *,
        dry_run: bool = False,
    ) -> Stored:
        """Let `verb` judge the object that `body` names, and store what it says (not in a dry-run)."""
        with self._store.reading() if dry_run else self._store.writing():
            crd, version = served = self._crds.served(endpoint)
            name = str(dig(body, "metadata", "name") or "")
            namespace = str(dig(body, "metadata", "namespace") or "") if crd.namespaced else ""
            live = self._views.one(endpoint, served, namespace, name)
            if live is None and crd.namespaced and not self._store.has_namespace(namespace):
                raise Refused(RefusalReason.NO_NAMESPACE, f'namespaces "{namespace}" not found')
            ref = ObjectRef(endpoint.group, endpoint.kind, namespace, name)
            by = self._writer(manager, live, dry_run=dry_run)
            stored = _judged(verb, crd, ref, as_custom(endpoint, live), by)
            stored = replace(stored, object=as_core(endpoint, stored.object))
            if not stored.changed or dry_run:
                return stored
            place = self._layout.place(endpoint, namespace, name)
            if place is None:
                raise Refused(RefusalReason.INVALID, f'"{name}" is too long for the name of a file')
            if stored.deleted:
                self._store.drop(place, by.resource_version)
            else:
                self._keep(endpoint, place, stored.object, version.digest)
            return stored

    def _keep(self, endpoint: Endpoint, place: Place, body: JsonObject, schema: str) -> None:
        keep = Keep(private=endpoint == SECRET, durable=endpoint in (SECRET, CONFIG_MAP))
        self._store.put(place, Document.of(body), visible_text(body), schema, keep)

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str
    ) -> None:
        with self._store.writing():
            served = self._crds.served(endpoint)
            namespace = namespace if served[0].namespaced else ""
            live = self._views.one(endpoint, served, namespace, name)
            place = self._layout.place(endpoint, namespace, name)
            if place is None:
                return
            if live is None:
                # What is left of a file that a person removed: a new one of this name is another object.
                if self._store.written(place.written) is not None:
                    self._store.drop(place, self._store.next_version(live))
                return
            ref = ObjectRef(endpoint.group, endpoint.kind, namespace, name)
            by = self._writer(TOOL, live, dry_run=False)
            stored = server.delete(
                ref,
                as_custom(endpoint, live),
                by,
                uid=uid,
                resource_version=resource_version,
                resource=served[0].name,
            )
            if stored.deleted:
                self._store.drop(place, by.resource_version)
            elif stored.changed:
                self._keep(endpoint, place, as_core(endpoint, stored.object), served[1].digest)

    def _writer(self, manager: str, live: Document | None, *, dry_run: bool) -> WriteContext:
        shown = str(dig(live.body(), "metadata", "resourceVersion") or "") if live else ""
        return WriteContext(
            manager=manager,
            now=rfc3339(self._clock.now()),
            resource_version=shown if dry_run else self._store.next_version(live),
            uid=lambda: str(uuid.uuid4()),
        )


def _judged(
    verb: Verb, crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext
) -> Stored:
    """What the engine says, which answers as a server does; the port has a word of its own for another uid."""
    try:
        return verb(crd, ref, live, by)
    except Refused as refused:
        if refused.reason is RefusalReason.INVALID and is_other_uid(refused.causes):
            raise Refused(RefusalReason.STALE, refused.message, refused.causes) from None
        raise
