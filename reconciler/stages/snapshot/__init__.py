"""Snapshot: reads the live state of an environment, and leaves out what could be a secret.

hidden.py   which values are left out, and how those that git has come back
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from enum import Enum, auto
from functools import partial

from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.applyset import PREFIX
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.environment import Environment
from reconciler.model.identity import CONFIG_MAP, NAMESPACE, Endpoint, GroupKind, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.record import Record
from reconciler.model.record.config_map import with_record
from reconciler.model.run import ClusterIdentity
from reconciler.model.snapshot import AS_GIT, Snapshot, SnapshotCrd, place_name
from reconciler.ports import Cluster
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.snapshot.hidden import with_values, without_secrets


class _Namespace(Enum):
    PRESENT = auto()
    LEAVING = auto()
    MISSING = auto()


@dataclass(frozen=True, slots=True)
class SnapshotInput:
    """What to read.

    Attributes:
        commit: of the manifests; "" if no commit describes them, so that nobody could look values up.
        crds: the CRDs that the cluster serves.
        config_map, recorded: the ConfigMap with the record, without anything else; whether it could be read.
        known: the recorded objects, whose namespaces are listed too.
        taken: RFC 3339 UTC.
    """

    version: str
    environment: Environment
    commit: str
    cluster: ClusterIdentity
    kinds: Mapping[GroupKind, Kind]
    crds: Mapping[GroupKind, Crd]
    manifests: tuple[Manifest, ...]
    taken: str
    config_map: JsonObject | None = None
    recorded: bool = True
    known: frozenset[ObjectRef] = frozenset()


def take(inputs: SnapshotInput, cluster: Cluster) -> Snapshot:
    """Read every object of the managed kinds in the namespaces of an environment.

    Raises:
        ClusterError: the cluster cannot be reached, or an object cannot be read.
    """
    environment = inputs.environment
    names = sorted({*environment.namespaces, *(ref.namespace for ref in inputs.known)})
    places = [
        (inputs.kinds[kind].endpoint, namespace)
        for kind in sorted(inputs.crds)
        for namespace in names
    ]
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        listings = tuple(pool.map(lambda place: _list(cluster, *place), places))
        states = dict(zip(names, pool.map(partial(_state, cluster), names), strict=True))
    git = {manifest.ref: manifest.document.body() for manifest in inputs.manifests}
    documents = [document for listing in listings for document in listing or ()]
    objects = tuple(_visible(inputs, git, documents))
    record = [Document.of(inputs.config_map)] if inputs.config_map else []
    return Snapshot(
        version=inputs.version,
        environment=environment.name,
        commit=inputs.commit,
        cluster=inputs.cluster.name,
        cluster_uid=inputs.cluster.uid,
        taken=inputs.taken,
        namespaces=tuple(names),
        missing=tuple(name for name in names if states[name] is _Namespace.MISSING),
        leaving=tuple(name for name in names if states[name] is _Namespace.LEAVING),
        unlisted=(
            *(
                place_name(endpoint, namespace)
                for (endpoint, namespace), listing in zip(places, listings, strict=True)
                if listing is None
            ),
            *(place_name(NAMESPACE, name) for name in names if states[name] is None),
        ),
        recorded=inputs.recorded,
        crds=tuple(map(_stored_crd, inputs.crds.values())),
        objects=(*objects, *record),
    )


def own_parts(config_map: JsonObject, record: Record | None) -> JsonObject:
    """The parts of the record's ConfigMap that this program writes; others may have added anything."""
    metadata = dig_map(config_map, "metadata")
    own = {key: metadata[key] for key in ("name", "namespace")}
    for kind in ("labels", "annotations"):
        marks = dig_map(metadata, kind).items()
        own[kind] = {key: value for key, value in marks if key.startswith(PREFIX)}
    body = {"apiVersion": CONFIG_MAP.api_version, "kind": CONFIG_MAP.kind, "metadata": own}
    return with_record(body, record) if record else body


def restored(snapshot: Snapshot, manifests: Iterable[Manifest]) -> Snapshot:
    """The snapshot with the values that these manifests have; they are those of its commit."""
    git = {manifest.ref: manifest.document.body() for manifest in manifests}
    objects = (
        each if AS_GIT not in each.text else _restored(each, git) for each in snapshot.objects
    )
    return replace(snapshot, objects=tuple(objects))


def crds_of(snapshot: Snapshot) -> dict[str, Crd]:
    """The CRDs in a snapshot, by name.

    Raises:
        ValueError: one is no CRD.
    """
    crds = (
        replace(
            Crd.of(each.body.body()), established=each.established, not_provable=each.not_provable
        )
        for each in snapshot.crds
    )
    return {crd.name: crd for crd in crds}


def _restored(document: Document, git: Mapping[ObjectRef, JsonObject]) -> Document:
    body = document.body()
    return Document.of(with_values(body, git.get(ref_of(body), {})))


def ref_of(body: JsonObject) -> ObjectRef:
    """The identity of an object, as its own text says it."""
    metadata, group = dig_map(body, "metadata"), str(body.get("apiVersion", "")).rpartition("/")[0]
    namespace, name = (str(metadata.get(key, "")) for key in ("namespace", "name"))
    return ObjectRef(group, str(body.get("kind", "")), namespace, name)


def _visible(
    inputs: SnapshotInput, git: Mapping[ObjectRef, JsonObject], documents: Iterable[Document]
) -> Iterator[Document]:
    for document in documents:
        body = document.body()
        ref = ref_of(body)
        kind = inputs.kinds[ref.group_kind]
        values = git.get(ref, {}) if inputs.commit else {}
        yield Document.of(without_secrets(kind, body, values))


def _list(cluster: Cluster, endpoint: Endpoint, namespace: str) -> tuple[Document, ...] | None:
    """The objects of a kind in a namespace; None without permission."""
    for broken in cluster.unreadable(endpoint, namespace):
        raise ClusterError(f"{broken.where}: {broken.message}", hint="correct it first")
    try:
        return cluster.list(endpoint, namespace)
    except Refused as refused:
        if refused.reason is not RefusalReason.FORBIDDEN:
            raise
        return None


def _state(cluster: Cluster, namespace: str) -> _Namespace | None:
    """The state of a namespace; None without permission to know."""
    try:
        body = cluster.get(NAMESPACE, "", namespace)
    except Refused:
        return None
    if body is None:
        return _Namespace.MISSING
    leaving = dig(body.body(), "metadata", "deletionTimestamp")
    return _Namespace.LEAVING if leaving else _Namespace.PRESENT


def _stored_crd(crd: Crd) -> SnapshotCrd:
    versions = [
        {
            "name": version.name,
            "served": version.served,
            "storage": version.storage,
            "schema": {"openAPIV3Schema": Document(version.facts_text).body()},
            "subresources": {"status": {}} if version.status_subresource else {},
        }
        for version in crd.versions
    ]
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": crd.name},
        "spec": {
            "group": crd.group,
            "names": {"kind": crd.kind, "plural": crd.plural},
            "scope": crd.scope,
            "versions": versions,
        },
    }
    return SnapshotCrd(Document.of(body), crd.established, crd.not_provable)
