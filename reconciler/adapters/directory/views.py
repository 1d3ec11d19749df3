"""The current state of each object: its last write, and the edits that people made to its file since then.

Reading writes nothing. A view stays cached while both files keep their signatures, so that reading it again takes two
`stat` calls, and the YAML of an object without edits is never parsed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from reconciler.adapters.directory.crds import ServedKind
from reconciler.adapters.directory.edits import edited
from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.layout import SUFFIX, WRONG_SUFFIXES, Layout, ObjectPaths
from reconciler.adapters.directory.store import LastWrite, Store, schema_digest
from reconciler.adapters.directory.yaml_file import InvalidFileError
from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.document import Document
from reconciler.model.identity import SECRET, Endpoint
from reconciler.ports import Redactor, Unreadable
from reconciler.secret_reading import values_of
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.server.storage import normalized

_REFUSED = "a server would refuse this Secret: check its YAML, data and stringData"


@dataclass(frozen=True, slots=True)
class _CachedView:
    """A view, and everything that it depends on."""

    visible: Signature
    last_write: Signature | None
    crd: Crd
    view: Document | Unreadable


class Views:
    """The views of one cluster; used under the lock of its store."""

    def __init__(self, layout: Layout, files: Files, store: Store, redactor: Redactor) -> None:
        self._layout = layout
        self._files = files
        self._store = store
        self._redactor = redactor
        self._cache: dict[Path, _CachedView] = {}

    def get(self, kind: ServedKind, namespace: str, name: str) -> Document | None:
        """One object, None when it does not exist.

        Raises:
            Refused: FAILED when its file is not a valid object.
        """
        paths = self._layout.paths(kind.endpoint, kind.namespace(namespace), name)
        if paths is None:
            return None  # not a valid name
        self._refuse_links(kind.endpoint, paths.namespace)
        visible = self._files.stat(paths.visible)
        if visible is None:
            return None
        view = self._view(kind, paths, visible, self._files.stat(paths.last_write))
        if isinstance(view, Unreadable):
            raise Refused(
                RefusalReason.FAILED,
                f"{view.where}: {view.message}",
                hint="fix the file; removing it deletes the object",
            )
        return view

    def all(self, kind: ServedKind, namespace: str) -> tuple[Document | Unreadable, ...]:
        """All objects of a kind in one namespace, by name; lists two folders, for any number of objects."""
        self._refuse_links(kind.endpoint, namespace)
        folder = self._layout.visible_folder(kind.endpoint, namespace)
        last_writes = self._files.entries(self._layout.last_write_folder(kind.endpoint, namespace))
        views: list[Document | Unreadable] = []
        for file, visible in sorted(self._files.entries(folder).items()):
            stem, dot, suffix = file.rpartition(".")
            if file.startswith(".") or dot + suffix not in (SUFFIX, *WRONG_SUFFIXES):
                continue  # an editor's copy, a README
            if dot + suffix in WRONG_SUFFIXES:
                message = f"is not read: rename it to {stem}{SUFFIX}"
                views.append(Unreadable(namespace, stem, message, str(folder / file)))
            elif paths := self._layout.paths(kind.endpoint, namespace, stem):
                view = self._view(kind, paths, visible, last_writes.get(f"{stem}.json"))
                views += [view] if view else []
            else:
                message = f"{stem!r} is not a valid name of an object"
                views.append(Unreadable(namespace, stem, message, str(folder / file)))
        return tuple(views)

    def _refuse_links(self, endpoint: Endpoint, namespace: str) -> None:
        self._files.is_folder(self._layout.namespace(namespace))
        self._files.is_folder(self._layout.visible_folder(endpoint, namespace))

    def _view(
        self,
        kind: ServedKind,
        paths: ObjectPaths,
        visible: Signature,
        last_write: Signature | None,
    ) -> Document | Unreadable | None:
        cached = self._cache.get(paths.visible)
        if cached is None or (cached.visible, cached.last_write, cached.crd) != (
            visible,
            last_write,
            kind.crd,
        ):
            view = self._read(kind, paths, visible)
            if view is None:
                return None
            cached = _CachedView(visible, last_write, kind.crd, view)
            self._cache[paths.visible] = cached
        if isinstance(cached.view, Unreadable):
            return cached.view
        return _in_version(cached.view, kind.endpoint.api_version)

    def _read(
        self, kind: ServedKind, paths: ObjectPaths, visible: Signature
    ) -> Document | Unreadable | None:
        where = str(paths.visible)
        if not visible.regular:
            message = "is not a regular file, and links are not followed"
            return Unreadable(paths.namespace, paths.name, message, where)
        try:
            file = self._files.read(paths.visible)
            view = self._current(kind, paths, *file) if file else None
        except InvalidFileError as error:
            where = f"{where}:{error.line}" if error.line else where
            # A message may name a key or a field, where a value may stand by mistake.
            message = _REFUSED if kind.endpoint == SECRET else error.message
            return Unreadable(paths.namespace, paths.name, message, where)
        except ClusterError as error:  # concerns this object only
            return Unreadable(paths.namespace, paths.name, error.message, where)
        if view is not None and kind.endpoint == SECRET:
            for value in values_of(view.body()):
                self._redactor.register(value)
        return view

    def _current(
        self, kind: ServedKind, paths: ObjectPaths, content: bytes, visible: Signature
    ) -> Document | None:
        ref = kind.ref(paths.namespace, paths.name)
        last_write = self._store.last_write(paths.last_write)
        if last_write is None:
            return edited(kind, ref, None, content, visible)
        last = _with_current_schema(kind.version, last_write)
        if hashlib.sha256(content).hexdigest() == last_write.sha256:
            return last
        return edited(kind, ref, last, content, visible)


def _with_current_schema(version: CrdVersion, last_write: LastWrite) -> Document:
    """The object as a server reads it from storage: pruned and defaulted by the current schema."""
    if last_write.schema == schema_digest(version.facts_text):
        return last_write.object
    return Document.of(normalized(version, last_write.object.body()))


def _in_version(document: Document, api_version: str) -> Document:
    """The object in another version of its API (versions of the managed CRDs differ in nothing else)."""
    # Canonical text begins with this key: most documents need no parsing.
    if document.text.startswith(f'{{"apiVersion":{json.dumps(api_version)},'):
        return document
    return Document.of({**document.body(), "apiVersion": api_version})
