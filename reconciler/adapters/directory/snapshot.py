"""A snapshot in a folder, and as a cluster that answers what a snapshot knows and refuses everything else.

FOLDER/snapshot.json                                    which environment, cluster and commit it is of
FOLDER/crds/<plural>.<group>.json                       the CRDs of the managed kinds
FOLDER/objects/<namespace>/<kind>.<group>/<name>.json   the objects, and the ConfigMap with the record
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from reconciler.adapters.directory.files import Files
from reconciler.errors import ClusterError, RefusalReason, Refused, UsageError
from reconciler.model.command import Invocation
from reconciler.model.document import Document, JsonObject, dig_map, parsed
from reconciler.model.identity import CONFIG_MAP, NAMESPACE, Endpoint
from reconciler.model.impact import Pod
from reconciler.model.live import Watched
from reconciler.model.secret import Keyring, SecretReading, SecretReference
from reconciler.model.snapshot import Snapshot, SnapshotCrd, place_name
from reconciler.ports import Applied, Unreadable
from reconciler.secret_reading import unreadable
from reconciler.semantics.ownership.managed_fields import ManagedFields
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.validation.stored import stored_error

HEAD: Final = "snapshot.json"
SCHEMA_VERSION: Final = "2"
# The attributes of a snapshot in its first file, with their keys.
_TEXTS: Final = {
    **{name: name for name in ("version", "environment", "commit", "cluster", "taken")},
    "cluster_uid": "clusterUid",
}
_LISTS: Final = {name: name for name in ("namespaces", "missing", "leaving", "unlisted")}
_FLAGS: Final = {"recorded": "recorded"}
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?")
_COMMIT: Final = re.compile(r"[0-9a-f]{0,64}")
_AGAIN: Final = f"{Invocation().command('snapshot', 'ENVIRONMENT', 'FOLDER')} writes one"


def files_of(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The files of a snapshot with their paths; the one that makes it a snapshot comes last.

    Raises:
        ClusterError: the cluster has an object with a name that is not valid.
    """
    for crd in snapshot.crds:
        stored: JsonObject = {"body": crd.body.body(), "established": crd.established}
        name = str(dig_map(crd.body.body(), "metadata").get("name"))
        yield f"crds/{_valid(name)}.json", _text(stored | {"notProvable": list(crd.not_provable)})
    for document in snapshot.objects:
        body = document.body()
        metadata, group = dig_map(body, "metadata"), body["apiVersion"].rpartition("/")[0]
        kind = ".".join(filter(None, (str(body["kind"]).lower(), group)))
        parts = (str(metadata.get("namespace")), kind, str(metadata.get("name")))
        yield f"objects/{'/'.join(map(_valid, parts))}.json", _text(body)
    head = {key: getattr(snapshot, name) for name, key in (_TEXTS | _LISTS | _FLAGS).items()}
    yield HEAD, _text({"schemaVersion": SCHEMA_VERSION} | head)


def _valid(name: str) -> str:
    """A name that leads nowhere else."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise ClusterError("the cluster has an object with a name that is not valid")
    return name


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, indent=2, sort_keys=True) + "\n"


def read_snapshot(folder: Path, files: Files | None = None) -> Snapshot:
    """The snapshot in a folder.

    Raises:
        UsageError: it is no snapshot, or one of another version. No message quotes it.
        ClusterError: a file cannot be read.
    """
    files = files or Files()
    head = _json(files, folder / HEAD)
    if head.get("schemaVersion") != SCHEMA_VERSION:
        raise UsageError(f"{folder}: another version wrote this snapshot", hint=_AGAIN)
    try:
        return _snapshot(
            head,
            [_json(files, path) for path in _below(files, folder / "crds", 1)],
            [_json(files, path) for path in _below(files, folder / "objects", 3)],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{folder}: it is not a snapshot", hint=_AGAIN) from None


def _snapshot(head: JsonObject, crds: list[JsonObject], objects: list[JsonObject]) -> Snapshot:
    texts: dict[str, Any] = {name: head[key] for name, key in _TEXTS.items()}
    lists: dict[str, Any] = {name: tuple(head[key]) for name, key in _LISTS.items()}
    if not all(isinstance(head[key], list) for key in _LISTS.values()):
        raise TypeError
    for text in (*texts.values(), *(each for values in lists.values() for each in values)):
        if not isinstance(text, str):
            raise TypeError
    if not _COMMIT.fullmatch(texts["commit"]):
        raise ValueError
    for body in objects:
        _check(body)
    return Snapshot(
        **(texts | lists),
        recorded=head["recorded"] is True,
        crds=tuple(
            SnapshotCrd(Document.of(each["body"]), each["established"], tuple(each["notProvable"]))
            for each in crds
        ),
        objects=tuple(map(Document.of, objects)),
    )


def _check(body: JsonObject) -> None:
    """
    Raises:
        KeyError, TypeError, ValueError: no server stores such an object.
    """
    metadata = body["metadata"]
    texts = [body["apiVersion"], body["kind"], metadata["name"], metadata["namespace"]]
    if not all(isinstance(text, str) for text in texts) or stored_error(body):
        raise TypeError
    ManagedFields.of(metadata.get("managedFields"))


def _below(files: Files, folder: Path, depth: int) -> Iterator[Path]:
    """The JSON files at a depth below a folder, in order; no link is followed."""
    for name, signature in sorted(files.entries(folder).items()):
        if depth > 1:
            yield from _below(files, folder / name, depth - 1)
        elif signature.regular and name.endswith(".json"):
            yield folder / name


def _json(files: Files, path: Path) -> JsonObject:
    file = files.read(path)
    if file is None:
        raise UsageError(f"{path.parent}: there is no snapshot", hint=_AGAIN)
    try:
        body = parsed(file[0])
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise UsageError(f"{path}: it is not a part of a snapshot", hint=_AGAIN)
    return body


class SnapshotCluster:
    """Implements `ports.Cluster` for a snapshot. It writes nothing, and predicts nothing itself."""

    connections = 1
    requests = None
    warnings: tuple[str, ...] = ()

    def __init__(
        self, snapshot: Snapshot, crds: Mapping[str, Crd], unchecked: tuple[str, ...] = ()
    ) -> None:
        """Use a snapshot into which the values that git has were put back.

        Args:
            crds: those of the snapshot, by name.
            unchecked: what a plan with it cannot say.
        """
        self._snapshot = snapshot
        self._crds = crds
        self.unchecked = unchecked
        self._objects = {_address(each): each for each in snapshot.objects}

    @property
    def name(self) -> str:
        return self._snapshot.cluster

    def end_waits_with(self, lost: Callable[[], bool]) -> None:
        del lost

    def uid(self) -> str:
        return self._snapshot.cluster_uid

    def crd(self, endpoint: Endpoint) -> Crd | None:
        return self._crds.get(endpoint.crd_name)

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        if endpoint.crd_name not in self._crds:
            raise Refused(RefusalReason.NO_KIND, "the server could not find the requested resource")
        place = place_name(endpoint, namespace)
        if namespace not in self._snapshot.namespaces or place in self._snapshot.unlisted:
            _refuse(f"{endpoint.kind} in {namespace or 'all namespaces'}")
        return tuple(
            document
            for (kind, within, _), document in sorted(self._objects.items())
            if (kind, within) == (_kind(endpoint), namespace)
        )

    def watch(self, endpoint: Endpoint, namespace: str, version: str, seconds: int) -> Watched:
        """The same objects again: nothing happens in a snapshot."""
        del version, seconds
        return Watched(self.list(endpoint, namespace))

    def unreadable(self, endpoint: Endpoint, namespace: str) -> tuple[Unreadable, ...]:
        del endpoint, namespace
        return ()

    def pods(self, namespace: str, selector: str) -> tuple[Pod, ...]:
        del namespace, selector
        _refuse("pods")

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        if endpoint == NAMESPACE:
            return self._namespace(name)
        if endpoint == CONFIG_MAP and not self._snapshot.recorded:
            _refuse("the record")
        return self._objects.get((_kind(endpoint), namespace, name))

    def _namespace(self, name: str) -> Document | None:
        if name in self._snapshot.missing:
            return None
        unread = place_name(NAMESPACE, name) in self._snapshot.unlisted
        if unread or name not in self._snapshot.namespaces:
            _refuse(f"the namespace {name}")
        leaving = {"deletionTimestamp": self._snapshot.taken}
        return Document.of({"metadata": leaving if name in self._snapshot.leaving else {}})

    def apply(
        self,
        endpoint: Endpoint,
        body: Document,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> Applied:
        """Refused, so that `semantics` predicts what the server would store."""
        del endpoint, manager, force, dry_run
        namespace = dig_map(body.body(), "metadata").get("namespace")
        if namespace in self._snapshot.missing:
            raise Refused(RefusalReason.NO_NAMESPACE, f'namespaces "{namespace}" not found')
        _refuse("a server")

    def merge_patch(
        self, endpoint: Endpoint, namespace: str, name: str, patch: JsonObject, *, manager: str
    ) -> Document:
        del endpoint, namespace, name, patch, manager
        _refuse("a server")

    def create(self, endpoint: Endpoint, body: Document) -> Document:
        del endpoint, body
        _refuse("a server")

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        del endpoint, body
        _refuse("a server")

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        del endpoint, namespace, name, uid, resource_version
        _refuse("a server")

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        del namespace, name
        _refuse("the fingerprint key")

    def draft_keyring(self) -> Keyring:
        _refuse("the fingerprint key")

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        del namespace, name
        _refuse("the fingerprint key")

    def read_secret(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        del namespace, name, keyring, environment
        return unreadable(references, Refused(RefusalReason.FORBIDDEN, "not in a snapshot"))


def _kind(endpoint: Endpoint) -> str:
    return str(endpoint.group_kind)


def _address(document: Document) -> tuple[str, str, str]:
    body = document.body()
    metadata, group = dig_map(body, "metadata"), str(body.get("apiVersion", "")).rpartition("/")[0]
    kind = ".".join(filter(None, (str(body.get("kind")), group)))
    return kind, str(metadata.get("namespace")), str(metadata.get("name"))


def _refuse(what: str) -> NoReturn:
    raise Refused(RefusalReason.FORBIDDEN, f"the snapshot does not have {what}")
