"""Holds objects of git as they are in the cluster, and releases them: one GET and at most one PATCH for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from reconciler.errors import UsageError
from reconciler.kind import Kind
from reconciler.model.change import guarded
from reconciler.model.document import Document, dig_map
from reconciler.model.hold import ANNOTATION, MANAGER, body_of, release_of
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.ports import Cluster

Held = tuple[ObjectRef, bool]  # an object, and whether a request changed it


def hold(
    cluster: Cluster,
    kinds: Mapping[GroupKind, Kind],
    refs: Iterable[ObjectRef],
    until: datetime,
    reason: str,
) -> Iterator[Held]:
    """Annotate these objects, by server-side apply as a field manager of its own, so that it is never a difference.

    Raises:
        UsageError: one of them does not exist.
        ClusterError: the cluster refuses a request; the objects before it are held.
    """

    def write(ref: ObjectRef, live: Document) -> bool:
        endpoint = kinds[ref.group_kind].endpoint
        uid = str(dig_map(live.body(), "metadata").get("uid") or "")
        body = guarded(body_of(endpoint, ref, until, reason), uid, "", force=False)
        cluster.apply(
            endpoint, body, manager=MANAGER, force=True
        )  # also over a hold of somebody else
        return True

    return _each(cluster, kinds, refs, write)


def release(
    cluster: Cluster, kinds: Mapping[GroupKind, Kind], refs: Iterable[ObjectRef]
) -> Iterator[Held]:
    """Remove the annotation, whoever set it.

    Raises:
        UsageError: one of them does not exist.
        ClusterError: the cluster refuses a request; the objects before it are released.
    """

    def write(ref: ObjectRef, live: Document) -> bool:
        metadata = dig_map(live.body(), "metadata")
        if ANNOTATION not in dig_map(metadata, "annotations"):
            return False
        patch = release_of(str(metadata.get("resourceVersion") or ""))
        endpoint = kinds[ref.group_kind].endpoint
        cluster.merge_patch(endpoint, ref.namespace, ref.name, patch, manager=MANAGER)
        return True

    return _each(cluster, kinds, refs, write)


def _each(
    cluster: Cluster,
    kinds: Mapping[GroupKind, Kind],
    refs: Iterable[ObjectRef],
    write: Callable[[ObjectRef, Document], bool],
) -> Iterator[Held]:
    """Nothing is written before all of them are known to exist."""
    live = {
        ref: cluster.get(kinds[ref.group_kind].endpoint, ref.namespace, ref.name)
        for ref in sorted(refs)
    }
    for ref, document in live.items():
        if document is None:
            raise UsageError(
                f"{ref.short_address} does not exist in the cluster", hint="apply it first"
            )
    for ref, document in live.items():
        assert document is not None  # noqa: S101 -- checked above
        yield ref, write(ref, document)
