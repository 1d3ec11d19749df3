"""Reads and replaces the last write of each object, under the lock and atomically."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from reconciler.adapters.directory.files import Files
from reconciler.adapters.directory.journal import (
    Journal,
    MakeFolder,
    Remove,
    Step,
    Write,
    WriteMode,
)
from reconciler.adapters.directory.layout import Layout, ObjectPaths, is_namespace
from reconciler.adapters.directory.lock import FolderLock
from reconciler.errors import BadAnswer, ClusterError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.document import Document, JsonObject, canonical, parsed
from reconciler.semantics.validation.stored import stored_error


@dataclass(frozen=True, slots=True)
class LastWrite:
    """The last write of one object by this cluster.

    Attributes:
        object: with managedFields and everything else that only a server writes.
        sha256: of the visible YAML.
        schema: `schema_digest` of the schema that was used.
    """

    object: Document
    sha256: str
    schema: str

    @property
    def text(self) -> str:
        body = {"object": self.object.body(), "schema": self.schema, "sha256": self.sha256}
        return canonical(body) + "\n"


@lru_cache(maxsize=64)
def schema_digest(text: str) -> str:
    """Identifies a schema: an object written with another one is pruned and defaulted again."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class InitialContent:
    """What the first write adds to a new folder."""

    crds: Callable[[], dict[str, str]]  # name -> YAML
    namespaces: tuple[str, ...]


# The time of an edited file, in nanoseconds, has 19 or 20 digits.
_VERSION = re.compile(r"[0-9]{1,24}")


class Store:
    """The files of one cluster. Every other method must be called within `reading` or `writing`."""

    def __init__(self, layout: Layout, files: Files, initial: InitialContent) -> None:
        self.layout = layout
        self._files = files
        self._initial = initial
        self._lock = FolderLock(layout.lock)
        self._journal = Journal(layout, files)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """First completes the write of a process that died; then excludes writers."""
        self._check_root()
        with self._lock.shared() as locked:
            if not (locked and self._journal.pending()):
                yield
                return
        with self.writing():
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Excludes all other processes and threads."""
        self._check_root()
        self._files.make_folder(self.layout.server)
        with self._lock.exclusive():
            self._journal.replay()
            yield

    def _check_root(self) -> None:
        root = self.layout.root
        if self._files.is_root(root) is False:
            raise ClusterError(
                f"{root} is a file, but a directory cluster is a folder",
                hint="give another path: --cluster directory:PATH",
                where=str(root),
            )
        self._files.is_folder(self.layout.server)  # refuses a link

    def _is_initialized(self) -> bool:
        """Whether the cluster has ever written to the folder."""
        return self._files.stat(self.layout.uid) is not None

    def uid(self) -> str:
        """The uid of the cluster; "" before the first write."""
        file = self._files.read(self.layout.uid)
        return file[0].decode(errors="replace").strip() if file else ""

    def namespaces(self) -> tuple[str, ...]:
        """Every folder with a valid name; before the first write the initial ones too, beside Secrets made by hand."""
        entries = self._files.entries(self.layout.root)
        folders = {
            name
            for name, signature in entries.items()
            if not signature.regular and is_namespace(name) and self.has_folder(name)
        }
        initial = () if self._is_initialized() else self._initial.namespaces
        return tuple(sorted(folders.union(initial)))

    def has_namespace(self, name: str) -> bool:
        return is_namespace(name) and (self.has_folder(name) or name in self.namespaces())

    def has_folder(self, namespace: str) -> bool:
        return self._files.is_folder(self.layout.namespace(namespace))

    def next_version(self, live: Document | None) -> str:
        """A resourceVersion higher than that of this object and of all earlier writes.

        The resourceVersion of an edited file is its time (see `edits`); the counter continues from there.
        """
        current = live.body()["metadata"].get("resourceVersion", "0") if live else "0"
        return str(max(self._journal.version(), _number(current)) + 1)

    def last_write(self, path: Path) -> LastWrite | None:
        """The last write of an object, None when this cluster never wrote it."""
        file = self._files.read(path)
        if file is None:
            return None
        try:
            body = parsed(file[0])
            _check_stored(body["object"])
            return LastWrite(Document.of(body["object"]), str(body["sha256"]), str(body["schema"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadAnswer(
                f"{path} is damaged",
                hint="remove it: the object is then read from its YAML file, like one made by hand",
                where=str(path),
            ) from error

    def put(
        self, paths: ObjectPaths, document: Document, text: str, schema: str, mode: WriteMode
    ) -> None:
        """Store both files of an object, which has its new resourceVersion already."""
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        last_write = LastWrite(document, sha256, schema_digest(schema))
        for path in (paths.visible, paths.last_write):
            self._files.is_folder(path.parent)  # refuses links
        self._commit(
            document.body()["metadata"]["resourceVersion"],
            [
                MakeFolder(paths.visible.parent),
                MakeFolder(paths.last_write.parent),
                Write(paths.visible, text, mode),
                Write(paths.last_write, last_write.text, mode),
            ],
        )

    def remove(self, paths: ObjectPaths, version: str) -> None:
        """Remove both files of an object."""
        self._commit(version, [Remove(paths.visible), Remove(paths.last_write)])

    def make_namespace(self, name: str) -> None:
        if not is_namespace(name):
            raise Refused(RefusalReason.INVALID, f'invalid name "{name}" for namespaces')
        self._commit(self.next_version(None), [MakeFolder(self.layout.namespace(name))])

    def _commit(self, version: str, steps: Sequence[Step]) -> None:
        self._journal.commit(int(version), [*self._initialization(), *steps])

    def _initialization(self) -> list[Step]:
        """The first write also creates the cluster itself, in the same commit."""
        if self._is_initialized():
            return []
        layout = self.layout
        # A folder that already has CRDs keeps these, and gets no others.
        crds = {} if self._files.is_folder(layout.crds) else self._initial.crds()
        ignored = layout.root / ".gitignore"
        return [
            *(MakeFolder(layout.namespace(name)) for name in self.namespaces()),
            MakeFolder(layout.crds),
            *(Write(layout.crd(name), text) for name, text in crds.items()),
            Write(layout.uid, f"{uuid.uuid4()}\n"),
            # Live state, Secrets and the fingerprint key do not belong in git, unless the owner decides otherwise.
            *([Write(ignored, "*\n")] if self._files.stat(ignored) is None else []),
        ]


def _check_stored(body: JsonObject) -> None:
    """
    Raises:
        ValueError: this cluster did not write the object: it would have an identity and an owner of its fields.
    """
    metadata = body["metadata"]
    identity = ("uid", "resourceVersion", "name", "creationTimestamp")
    texts = [body["apiVersion"], body["kind"], *(metadata[key] for key in identity)]
    texts.append(metadata.get("namespace", ""))  # a cluster-scoped object has none
    if not all(isinstance(text, str) for text in texts) or stored_error(body):
        raise ValueError("an object without a type or an identity")


def _number(version: object) -> int:
    """A resourceVersion that this cluster wrote; 0 for one that a person made up."""
    text = str(version)
    return int(text) if _VERSION.fullmatch(text) else 0
