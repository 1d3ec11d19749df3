"""`ports.Cluster` on a folder of YAML files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.adapters.directory import namespaces
from reconciler.adapters.directory.core import is_core, with_data
from reconciler.adapters.directory.crds import Crds
from reconciler.adapters.directory.files import Files
from reconciler.adapters.directory.layout import Layout
from reconciler.adapters.directory.store import Seed, Store
from reconciler.adapters.directory.views import Views
from reconciler.adapters.directory.writes import Writes
from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import NAMESPACE, SECRET, Endpoint, ObjectRef
from reconciler.model.secret import KEY_BYTES, Keyring, SecretReading, SecretReference
from reconciler.ports import Applied, Clock, Redactor, Unreadable
from reconciler.semantics import server
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.secrets import keyring_of, keyring_secret, read_reference, unread
from reconciler.semantics.server import Stored, WriteContext, strict

_LIMITS = (
    "no controllers run: status, finalizers and garbage move only by edits",
    "no admission webhooks or policies: what they would change or refuse is not seen",
    "no RBAC: whoever may write the folder may do everything",
    "no pods and workloads: whether a consumer has picked up a Secret cannot be seen",
)

Body: TypeAlias = Mapping[str, Any]


class DirectoryCluster:
    """One folder; several processes and threads may use it at once.

    It cannot do what takes running machinery: see `limits`.
    """

    connections = 1  # more would only wait for the same lock
    warnings: tuple[str, ...] = ()

    def __init__(
        self, store: Store, crds: Crds, views: Views, writes: Writes, redactor: Redactor, name: str
    ) -> None:
        self._store = store
        self._crds = crds
        self._views = views
        self._writes = writes
        self._redactor = redactor
        self._name = name

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        redactor: Redactor,
        clock: Clock,
        crds: Sequence[str | Body] = (),
        namespaces: Sequence[str] = (),
        name: str = "",
        files: Files | None = None,
    ) -> DirectoryCluster:
        """A folder as a cluster; nothing is read or written yet.

        Args:
            crds: CustomResourceDefinitions (YAML text or mappings) for a folder that does not exist yet; the
                first write brings both there. An existing one has its own.
            namespaces: likewise.
            name: for people; `directory:ROOT` by default.
        """
        layout, files = Layout(root.absolute()), files or Files()
        kinds = Crds(layout, files, crds)
        store = Store(layout, files, Seed(kinds.texts, tuple(namespaces)))
        views = Views(layout, files, store, redactor)
        writes = Writes(layout, store, kinds, views, clock)
        return cls(store, kinds, views, writes, redactor, name or f"directory:{root}")

    @property
    def name(self) -> str:
        return self._name

    @property
    def limits(self) -> tuple[str, ...]:
        """What a real cluster does and this one does not, for the report."""
        return _LIMITS

    def uid(self) -> str:
        """Of this folder; "" before the first write."""
        with self._store.reading():
            return self._store.uid()

    def crd(self, endpoint: Endpoint) -> Crd | None:
        if is_core(endpoint) or endpoint == NAMESPACE:
            return None
        with self._store.reading():
            return self._crds.find(endpoint)

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        """All objects of a kind, of all namespaces for ""; see also `unreadable`."""
        return tuple(view for view in self._all(endpoint, namespace) if isinstance(view, Document))

    def unreadable(self, endpoint: Endpoint, namespace: str) -> tuple[Unreadable, ...]:
        return tuple(
            view for view in self._all(endpoint, namespace) if isinstance(view, Unreadable)
        )

    def _all(self, endpoint: Endpoint, namespace: str) -> tuple[Document | Unreadable, ...]:
        with self._store.reading():
            if endpoint == NAMESPACE:
                return tuple(namespaces.document(name) for name in self._store.namespaces())
            served = self._crds.served(endpoint)
            if not served[0].namespaced:
                return self._views.all(endpoint, served, "")
            wanted = [namespace] if namespace else self._store.namespaces()
            return tuple(
                view
                for one in wanted
                if self._store.has_namespace(one)
                for view in self._views.all(endpoint, served, one)
            )

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        with self._store.reading():
            if endpoint == NAMESPACE:
                return namespaces.document(name) if self._store.has_namespace(name) else None
            return self._views.one(endpoint, self._crds.served(endpoint), namespace, name)

    def apply(
        self,
        endpoint: Endpoint,
        body: Document,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> Applied:
        sent = body.body()

        def verb(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Stored:
            return server.apply(crd, ref, live, sent, by, force=force)

        stored = self._writes.change(endpoint, sent, manager, verb, dry_run=dry_run)
        notes = tuple(f"not checked: {text}" for text in stored.not_provable)
        return Applied(Document.of(stored.object), notes)

    def create(self, endpoint: Endpoint, body: Document, *, manager: str = TOOL) -> Document:
        sent = body.body()
        if endpoint == NAMESPACE:
            with self._store.writing():
                return namespaces.create(self._store, sent)
        sent = with_data(sent) if endpoint == SECRET else sent

        def verb(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Stored:
            strict.check(crd, sent)
            return server.create(crd, ref, live, sent, by)

        return Document.of(self._writes.change(endpoint, sent, manager, verb).object)

    def replace(self, endpoint: Endpoint, body: Document, *, manager: str = TOOL) -> Document:
        sent = body.body()
        sent = with_data(sent) if endpoint == SECRET else sent

        def verb(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Stored:
            strict.check(crd, sent)
            return server.update(crd, ref, live, sent, by)

        return Document.of(self._writes.change(endpoint, sent, manager, verb).object)

    def update_status(self, endpoint: Endpoint, body: Document, *, manager: str) -> Document:
        """PUT of /status: what an operator does. Not of the port: tests play other actors with it."""
        sent = body.body()

        def verb(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Stored:
            return server.update_status(crd, ref, live, sent, by)

        return Document.of(self._writes.change(endpoint, sent, manager, verb).object)

    def merge_patch(
        self, endpoint: Endpoint, namespace: str, name: str, patch: Body, *, manager: str
    ) -> Document:
        """PATCH application/merge-patch+json, as `kubectl edit` sends it. Not of the port, for tests likewise."""
        named = {"metadata": {"namespace": namespace, "name": name}}

        def verb(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Stored:
            return server.merge_patch(crd, ref, live, patch, by, version=endpoint.version)

        return Document.of(self._writes.change(endpoint, named, manager, verb).object)

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        self._writes.delete(endpoint, namespace, name, uid=uid, resource_version=resource_version)

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        found = self.get(SECRET, namespace, name)
        return keyring_of(found.body()) if found else None

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        key = secrets.token_bytes(KEY_BYTES)
        self._redactor.register(key)
        try:
            self.create(SECRET, keyring_secret(namespace, name, key))
        except Refused as refused:
            if refused.reason is not RefusalReason.EXISTS:
                raise
            existing = self.keyring(namespace, name)
            if existing is None:
                raise
            return existing
        return Keyring(key)

    def read_secret(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        try:
            found = self.get(SECRET, namespace, name)
        except ClusterError as error:
            return unread(references, error)
        secret = found.body() if found else None
        return tuple(read_reference(one, secret, keyring, environment) for one in references)
