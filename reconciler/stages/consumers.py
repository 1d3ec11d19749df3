"""Lists the consumers of a cluster: one LIST per kind, for the whole cluster.

Where that is forbidden, each namespace of the environment is listed, and the others are `unlisted`. A kind that is not
installed has no consumers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from reconciler.consumer import Consumer
from reconciler.errors import BadAnswer, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.document import Document, dig
from reconciler.model.identity import Endpoint, GroupKind, ObjectRef
from reconciler.model.impact import Consumed, Unlisted
from reconciler.ports import Cluster

Consumers = Mapping[GroupKind, Consumer]
_EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class _Listing:
    """The consumers of one kind."""

    documents: tuple[Document, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()


def consumers_of(kinds: Iterable[GroupKind], consumers: Consumers) -> tuple[Consumer, ...]:
    """The kinds of consumers that refer to objects of these kinds, directly or through others."""
    reached = set(kinds)
    users: dict[GroupKind, Consumer] = {}
    while more := {
        kind: consumer
        for kind, consumer in consumers.items()
        if kind not in users and consumer.targets & reached
    }:
        users |= more
        reached |= more.keys()
    return tuple(users[kind] for kind in sorted(users))


def list_consumers(
    consumers: Iterable[Consumer], namespaces: Iterable[str], cluster: Cluster
) -> Consumed:
    """Every consumer of these kinds; `namespaces` are listed where the whole cluster may not be.

    Raises:
        ClusterError: the cluster cannot be reached.
    """
    places = tuple(sorted(set(namespaces)))
    kinds = tuple(consumers)
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        listings = tuple(pool.map(partial(_list, cluster, places), kinds))
    return Consumed(
        {
            _ref(consumer.endpoint, document): document
            for consumer, listing in zip(kinds, listings, strict=True)
            for document in listing.documents
        },
        tuple(sorted(missing for listing in listings for missing in listing.unlisted)),
    )


def _list(cluster: Cluster, namespaces: tuple[str, ...], consumer: Consumer) -> _Listing:
    everywhere = _attempt(cluster, consumer.endpoint, _EVERYWHERE)
    if all(missing.broken for missing in everywhere.unlisted):
        return everywhere
    if _is_absent(cluster, consumer.endpoint):
        return _Listing()
    parts = tuple(_attempt(cluster, consumer.endpoint, place) for place in namespaces)
    documents = tuple(document for part in parts for document in part.documents)
    return _Listing(documents, (*everywhere.unlisted, *_refused(parts)))


def _refused(parts: Iterable[_Listing]) -> Iterator[Unlisted]:
    return (missing for part in parts for missing in part.unlisted)


def _attempt(cluster: Cluster, endpoint: Endpoint, namespace: str) -> _Listing:
    """One LIST. A kind that is not installed has no objects."""
    kind, name = endpoint.group_kind, endpoint.crd_name
    try:
        documents = cluster.list(endpoint, namespace)
        broken = cluster.unreadable(endpoint, namespace)
        unread = (Unlisted(kind, b.namespace, name, f"{b.where}: {b.message}") for b in broken)
        return _Listing(documents, tuple(unread))
    except Refused as refused:
        if refused.reason is RefusalReason.NO_KIND:
            return _Listing()
        if refused.reason is not RefusalReason.FORBIDDEN:
            raise
        return _Listing(unlisted=(Unlisted(kind, namespace, name),))


def _is_absent(cluster: Cluster, endpoint: Endpoint) -> bool:
    """Whether a kind is not installed: a server refuses a user who may not list it before it looks for the kind."""
    try:
        return cluster.crd(endpoint) is None
    except (Refused, BadAnswer):
        return False


def _ref(endpoint: Endpoint, document: Document) -> ObjectRef:
    metadata = dig(document.body(), "metadata")
    namespace, name = str(metadata.get("namespace") or ""), str(metadata["name"])
    return ObjectRef(endpoint.group, endpoint.kind, namespace, name)
