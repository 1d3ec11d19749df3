"""Every object as it stands now: the last write, and what a person did to its file since.

Nothing is written here. What was read once is kept as long as both files keep their signature, so that asking
again costs two `stat`s, and an object whose file nobody touched is never parsed as YAML.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from reconciler.adapters.directory.edits import BrokenFileError, Served, edited
from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.layout import LOOKALIKES, SUFFIX, Layout, Place
from reconciler.adapters.directory.store import Store, Written, schema_digest
from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.model.document import Document
from reconciler.model.identity import SECRET, Endpoint, ObjectRef
from reconciler.ports import Redactor, Unreadable
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.secrets import values_of
from reconciler.semantics.server.storage import read


@dataclass(frozen=True, slots=True)
class _Known:
    """A view, and what it was made of."""

    visible: Signature
    written: Signature | None
    crd: Crd
    view: Document | Unreadable


class Views:
    """Of one cluster; used under the lock of its store."""

    def __init__(self, layout: Layout, files: Files, store: Store, redactor: Redactor) -> None:
        self._layout = layout
        self._files = files
        self._store = store
        self._redactor = redactor
        self._known: dict[Path, _Known] = {}

    def one(
        self, endpoint: Endpoint, served: tuple[Crd, CrdVersion], namespace: str, name: str
    ) -> Document | None:
        """One object, None when it is not there.

        Raises:
            Refused: FAILED for a file that is no object.
        """
        place = self._layout.place(endpoint, namespace if served[0].namespaced else "", name)
        if place is None:
            return None  # no object can be called that
        self._refuse_links(endpoint, place.namespace)
        visible = self._files.look(place.visible)
        if visible is None:
            return None
        view = self._view(endpoint, served, place, visible, self._files.look(place.written))
        if isinstance(view, Unreadable):
            raise Refused(
                RefusalReason.FAILED,
                f"{view.where}: {view.message}",
                hint="mend the file; removing it deletes the object",
            )
        return view

    def all(
        self, endpoint: Endpoint, served: tuple[Crd, CrdVersion], namespace: str
    ) -> tuple[Document | Unreadable, ...]:
        """All objects of a kind in one namespace, by name; one folder is listed, whatever their number."""
        self._refuse_links(endpoint, namespace)
        folder = self._layout.folder(endpoint, namespace)
        written = self._files.entries(self._layout.written_folder(endpoint, namespace))
        views: list[Document | Unreadable] = []
        for file, visible in sorted(self._files.entries(folder).items()):
            stem, dot, suffix = file.rpartition(".")
            if file.startswith(".") or dot + suffix not in (SUFFIX, *LOOKALIKES):
                continue  # an editor's copy, a README
            if dot + suffix in LOOKALIKES:
                message = f"is not read: an object is a file {stem}{SUFFIX}"
                views.append(Unreadable(namespace, stem, message, str(folder / file)))
            elif place := self._layout.place(endpoint, namespace, stem):
                view = self._view(endpoint, served, place, visible, written.get(f"{stem}.json"))
                views += [view] if view else []
            else:
                message = f"no object can have the name {stem!r}"
                views.append(Unreadable(namespace, stem, message, str(folder / file)))
        return tuple(views)

    def _refuse_links(self, endpoint: Endpoint, namespace: str) -> None:
        self._files.is_folder(self._layout.namespace(namespace))
        self._files.is_folder(self._layout.folder(endpoint, namespace))

    def _view(
        self,
        endpoint: Endpoint,
        served: tuple[Crd, CrdVersion],
        place: Place,
        visible: Signature,
        written: Signature | None,
    ) -> Document | Unreadable | None:
        known = self._known.get(place.visible)
        if known is None or (known.visible, known.written, known.crd) != (
            visible,
            written,
            served[0],
        ):
            view = self._read(endpoint, served, place, visible)
            if view is None:
                return None
            known = _Known(visible, written, served[0], view)
            self._known[place.visible] = known
        if isinstance(known.view, Unreadable):
            return known.view
        return _in_version(known.view, endpoint.api_version)

    def _read(
        self, endpoint: Endpoint, served: tuple[Crd, CrdVersion], place: Place, visible: Signature
    ) -> Document | Unreadable | None:
        path = str(place.visible)
        if not visible.plain:
            message = "is no regular file, and links are not followed"
            return Unreadable(place.namespace, place.name, message, path)
        ref = ObjectRef(endpoint.group, endpoint.kind, place.namespace, place.name)
        one = Served(endpoint, *served, ref)
        try:
            found = self._files.read(place.visible)
            view = self._judged(one, place, *found) if found else None
        except BrokenFileError as error:
            where = f"{path}:{error.line}" if error.line else path
            return Unreadable(place.namespace, place.name, error.message, where)
        except ClusterError as error:  # this one cannot be read: the others can
            return Unreadable(place.namespace, place.name, error.message, path)
        if view is not None and endpoint == SECRET:
            for value in values_of(view.body()):
                self._redactor.register(value)
        return view

    def _judged(
        self, one: Served, place: Place, content: bytes, visible: Signature
    ) -> Document | None:
        last = self._store.written(place.written)
        if last is None:
            return edited(one, None, content, visible)
        current = _as_read(one, last)
        if hashlib.sha256(content).hexdigest() == last.sha256:
            return current
        return edited(one, current, content, visible)


def _as_read(one: Served, last: Written) -> Document:
    """What a server reads from its store: pruned and defaulted by the schema as it is now."""
    if last.schema == schema_digest(one.version.digest):
        return last.object
    return Document.of(read(one.version, last.object.body()))


def _in_version(document: Document, api_version: str) -> Document:
    """The object as this version of its API shows it (versions of the managed CRDs differ in nothing else)."""
    # Canonical text begins with its first key: most documents need no parsing here.
    if document.text.startswith(f'{{"apiVersion":{json.dumps(api_version)},'):
        return document
    return Document.of({**document.body(), "apiVersion": api_version})
