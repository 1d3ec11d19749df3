"""What this cluster wrote last, and the next write: each under the lock, each whole."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reconciler.adapters.directory.files import Files
from reconciler.adapters.directory.journal import Journal, MakeFolder, Remove, Step, Write
from reconciler.adapters.directory.layout import Layout, Place, is_namespace
from reconciler.adapters.directory.lock import FolderLock
from reconciler.errors import BadAnswer, ClusterError, RefusalReason, Refused
from reconciler.model.document import Document, canonical


@dataclass(frozen=True, slots=True)
class Written:
    """The last write of one object.

    Attributes:
        object: with managedFields and all that only a server writes.
        sha256: of the YAML that people saw.
        schema: `schema_digest` of what judged it.
    """

    object: Document
    sha256: str
    schema: str

    @property
    def text(self) -> str:
        body = {"object": self.object.body(), "schema": self.schema, "sha256": self.sha256}
        return canonical(body) + "\n"


@dataclass(frozen=True, slots=True)
class Keep:
    """How the files of a kind are kept (see `journal`)."""

    private: bool
    durable: bool


@lru_cache(maxsize=64)
def schema_digest(text: str) -> str:
    """A short name of a schema: with another one, what was written is pruned and defaulted again."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Seed:
    """What a folder that does not exist yet begins with."""

    crds: Callable[[], dict[str, str]]  # name -> text
    namespaces: tuple[str, ...]


class Store:
    """One ROOT. The methods below `reading` and `writing` are called inside of these."""

    def __init__(self, layout: Layout, files: Files, seed: Seed) -> None:
        self.layout = layout
        self._files = files
        self._seed = seed
        self._lock = FolderLock(layout.lock)
        self._journal = Journal(layout, files)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A view that no writer of this program moves; the write of a process that died is completed first."""
        self._refuse_odd_root()
        with self._lock.shared() as locked:
            if not (locked and self._journal.pending()):
                yield
                return
        with self.writing():
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone in this folder."""
        self._refuse_odd_root()
        self._files.make_folder(self.layout.server)
        with self._lock.exclusive():
            self._journal.replay()
            yield

    def _refuse_odd_root(self) -> None:
        root = self.layout.root
        if self._files.is_root(root) is False:
            raise ClusterError(
                f"{root} is a file; a directory cluster is a folder",
                hint="give another path: --cluster directory:PATH",
                where=str(root),
            )
        self._files.is_folder(self.layout.server)  # refuses a link

    @property
    def founded(self) -> bool:
        """Whether anything was ever written here."""
        return self._files.look(self.layout.uid) is not None

    def uid(self) -> str:
        """Of the cluster; "" before the first write."""
        found = self._files.read(self.layout.uid)
        return found[0].decode(errors="replace").strip() if found else ""

    def namespaces(self) -> tuple[str, ...]:
        """Every folder that can be a namespace; of a folder that does not exist yet, what it begins with."""
        entries = self._files.entries(self.layout.root)
        if not (set(entries) - {self.layout.server.name}) and not self.founded:
            return tuple(sorted(self._seed.namespaces))
        return tuple(
            name
            for name, seen in sorted(entries.items())
            if not seen.plain and is_namespace(name) and self.has_folder(name)
        )

    def has_namespace(self, name: str) -> bool:
        return is_namespace(name) and (self.has_folder(name) or name in self.namespaces())

    def has_folder(self, namespace: str) -> bool:
        return self._files.is_folder(self.layout.namespace(namespace))

    def next_version(self, live: Document | None) -> str:
        """A resourceVersion that neither this object nor any other ever had, and that is higher.

        A hand edit shows the time of the file as its resourceVersion (see `edits`): from then on the counter goes on
        from there.
        """
        shown = live.body()["metadata"].get("resourceVersion", "0") if live else "0"
        return str(max(self._journal.version(), int(shown) if shown.isdigit() else 0) + 1)

    def written(self, path: Path) -> Written | None:
        """The last write of an object, None when this cluster never wrote it."""
        found = self._files.read(path)
        if found is None:
            return None
        try:
            body = json.loads(found[0])
            return Written(Document.of(body["object"]), str(body["sha256"]), str(body["schema"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadAnswer(
                f"{path} is damaged",
                hint="remove it: the object then counts as made by hand, from its YAML file",
                where=str(path),
            ) from error

    def put(self, place: Place, object_: Document, text: str, schema: str, keep: Keep) -> None:
        """Store an object, which carries its new resourceVersion: both of its files, or none of them."""
        written = Written(object_, hashlib.sha256(text.encode()).hexdigest(), schema_digest(schema))
        for path in (place.visible, place.written):
            self._files.is_folder(path.parent)  # refuses links
        self._commit(
            object_.body()["metadata"]["resourceVersion"],
            [
                MakeFolder(place.visible.parent),
                MakeFolder(place.written.parent),
                Write(place.visible, text, keep.private, keep.durable),
                Write(place.written, written.text, keep.private, keep.durable),
            ],
        )

    def drop(self, place: Place, version: str) -> None:
        """Remove an object."""
        self._commit(version, [Remove(place.visible), Remove(place.written)])

    def make_namespace(self, name: str) -> None:
        if not is_namespace(name):
            raise Refused(RefusalReason.INVALID, f'invalid name "{name}" for namespaces')
        self._commit(self.next_version(None), [MakeFolder(self.layout.namespace(name))])

    def _commit(self, version: str, steps: Sequence[Step]) -> None:
        self._journal.commit(int(version), [*self._founding(), *steps])

    def _founding(self) -> list[Step]:
        """The first write brings the cluster itself along, in the same commit."""
        if self.founded:
            return []
        layout = self.layout
        # A folder that somebody laid out with its CRDs keeps them; one with namespaces gets no others.
        crds = {} if self._files.is_folder(layout.crds) else self._seed.crds()
        return [
            *(MakeFolder(layout.namespace(name)) for name in self.namespaces()),
            MakeFolder(layout.crds),
            *(Write(layout.crd(name), text) for name, text in crds.items()),
            Write(layout.uid, f"{uuid.uuid4()}\n"),
            # Live state and Secrets, the fingerprint key among them: nothing for git, unless its owner says so.
            Write(layout.root / ".gitignore", "*\n"),
        ]
