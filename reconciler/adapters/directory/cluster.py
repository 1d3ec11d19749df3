"""Implements `ports.Cluster` on a folder of YAML files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.adapters.directory import namespaces
from reconciler.adapters.directory.builtin import is_builtin, with_string_data
from reconciler.adapters.directory.crds import Crds
from reconciler.adapters.directory.files import Files
from reconciler.adapters.directory.layout import Layout
from reconciler.adapters.directory.store import InitialContent, Store
from reconciler.adapters.directory.views import Views
from reconciler.adapters.directory.writes import Writes
from reconciler.errors import RefusalReason, Refused
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import NAMESPACE, SECRET, Endpoint, ObjectRef
from reconciler.model.impact import Pod
from reconciler.model.live import Watched
from reconciler.model.secret import Keyring, SecretReading, SecretReference
from reconciler.ports import Applied, Clock, Redactor, Unreadable
from reconciler.secret_reading import Secrets
from reconciler.semantics import server
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.server import Result, WriteContext, strict

Body: TypeAlias = Mapping[str, Any]


class DirectoryCluster:
    """One folder, which several processes and threads may use at once.

    It has no controllers (only edits change status and finalizers), no admission webhooks or policies, no RBAC (whoever
    can write the folder may do everything), and no pods.
    """

    connections = 1  # more would wait for the same lock
    requests = None
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    def __init__(
        self, store: Store, crds: Crds, views: Views, writes: Writes, redactor: Redactor, name: str
    ) -> None:
        self._store = store
        self._crds = crds
        self._views = views
        self._writes = writes
        self._secrets = Secrets(self._secret, self._create_secret, redactor.register)
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
        """Use a folder as a cluster; reads and writes nothing yet.

        Args:
            crds: CustomResourceDefinitions (YAML or mappings) for a new folder. The first write adds them; an existing
                folder keeps its own.
            namespaces: for a new folder, likewise.
            name: for reports; `directory:ROOT` by default.
        """
        layout, files = Layout(root.absolute()), files or Files()
        kinds = Crds(layout, files, crds)
        initial = InitialContent(kinds.initial_texts, tuple(namespaces))
        store = Store(layout, files, initial)
        views = Views(layout, files, store, redactor)
        writes = Writes(layout, store, kinds, views, clock)
        return cls(store, kinds, views, writes, redactor, name or f"directory:{root}")

    @property
    def name(self) -> str:
        return self._name

    def end_waits_with(self, lost: Callable[[], bool]) -> None:
        del lost  # no request waits

    def uid(self) -> str:
        """Identifies this folder; "" before the first write."""
        with self._store.reading():
            return self._store.uid()

    def crd(self, endpoint: Endpoint) -> Crd | None:
        if is_builtin(endpoint) or endpoint == NAMESPACE:
            return None
        with self._store.reading():
            return self._crds.find(endpoint)

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        """All objects of a kind in a namespace ("": in all of them), without those of `unreadable`."""
        return tuple(view for view in self._all(endpoint, namespace) if isinstance(view, Document))

    def watch(self, endpoint: Endpoint, namespace: str, version: str, seconds: int) -> Watched:
        """All objects at once: a folder tells nobody when a file is written."""
        del version, seconds
        return Watched(self.list(endpoint, namespace), complete=True)

    def unreadable(self, endpoint: Endpoint, namespace: str) -> tuple[Unreadable, ...]:
        return tuple(
            view for view in self._all(endpoint, namespace) if isinstance(view, Unreadable)
        )

    def _all(self, endpoint: Endpoint, namespace: str) -> tuple[Document | Unreadable, ...]:
        with self._store.reading():
            if endpoint == NAMESPACE:
                return tuple(namespaces.document(name) for name in self._store.namespaces())
            kind = self._crds.served(endpoint)
            if not kind.crd.namespaced:
                return self._views.all(kind, "")
            names = [namespace] if namespace else self._store.namespaces()
            return tuple(
                view
                for name in names
                if self._store.has_namespace(name)
                for view in self._views.all(kind, name)
            )

    def pods(self, namespace: str, selector: str) -> tuple[Pod, ...]:
        del namespace, selector
        raise Refused(RefusalReason.NO_KIND, "a directory cluster has no pods")

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        with self._store.reading():
            if endpoint == NAMESPACE:
                return namespaces.document(name) if self._store.has_namespace(name) else None
            return self._views.get(self._crds.served(endpoint), namespace, name)

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

        def request(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Result:
            return server.apply(crd, ref, live, sent, by, force=force)

        stored = self._writes.change(endpoint, sent, manager, request, dry_run=dry_run)
        warnings = tuple(f"not checked: {text}" for text in stored.not_provable)
        return Applied(Document.of(stored.object), warnings)

    def create(self, endpoint: Endpoint, body: Document, *, manager: str = TOOL) -> Document:
        sent = body.body()
        if endpoint == NAMESPACE:
            with self._store.writing():
                return namespaces.create(self._store, sent)
        sent = with_string_data(sent) if endpoint == SECRET else sent

        def request(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Result:
            strict.check(crd, sent)
            return server.create(crd, ref, live, sent, by)

        return Document.of(self._writes.change(endpoint, sent, manager, request).object)

    def replace(self, endpoint: Endpoint, body: Document, *, manager: str = TOOL) -> Document:
        sent = body.body()
        sent = with_string_data(sent) if endpoint == SECRET else sent

        def request(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Result:
            strict.check(crd, sent)
            return server.update(crd, ref, live, sent, by)

        return Document.of(self._writes.change(endpoint, sent, manager, request).object)

    def update_status(self, endpoint: Endpoint, body: Document, *, manager: str) -> Document:
        """PUT of /status, as an operator sends it. Not part of the port: tests use it to act as one."""
        sent = body.body()

        def request(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Result:
            return server.update_status(crd, ref, live, sent, by)

        return Document.of(self._writes.change(endpoint, sent, manager, request).object)

    def merge_patch(
        self, endpoint: Endpoint, namespace: str, name: str, patch: Body, *, manager: str
    ) -> Document:
        """PATCH application/merge-patch+json, as `kubectl edit` sends it, too."""
        target = {"metadata": {"namespace": namespace, "name": name}}

        def request(crd: Crd, ref: ObjectRef, live: JsonObject | None, by: WriteContext) -> Result:
            return server.merge_patch(crd, ref, live, patch, by, version=endpoint.version)

        return Document.of(self._writes.change(endpoint, target, manager, request).object)

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        self._writes.delete(endpoint, namespace, name, uid=uid, resource_version=resource_version)

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        return self._secrets.keyring(namespace, name)

    def draft_keyring(self) -> Keyring:
        return self._secrets.draft_keyring()

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        return self._secrets.create_keyring(namespace, name)

    def read_secret(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        return self._secrets.read(namespace, name, references, keyring, environment)

    def _secret(self, namespace: str, name: str) -> JsonObject | None:
        secret = self.get(SECRET, namespace, name)  # `Views` has made its values known
        return secret.body() if secret else None

    def _create_secret(self, secret: Document) -> None:
        self.create(SECRET, secret)
