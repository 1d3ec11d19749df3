"""When the pods of consumers started: one LIST of pods for each kind of consumer and namespace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from reconciler.consumer import PodSet
from reconciler.errors import RefusalReason, Refused
from reconciler.model.impact import Affected, Pod
from reconciler.ports import Cluster
from reconciler.stages.impact.graph import Graph

_Place = tuple[PodSet, str]  # what one LIST covers


def with_pods(rows: Iterable[Affected], graph: Graph, cluster: Cluster) -> tuple[Affected, ...]:
    """The rows with the start times of their pods; without a permission, with what it would take.

    Raises:
        ClusterError: the cluster cannot be reached.
    """
    places = {row: place for row in rows if (place := _place(row, graph))}
    ordered = sorted(set(places.values()), key=lambda place: (place[0].selector, place[1]))

    def read(place: _Place) -> tuple[Pod, ...] | str:
        pods, namespace = place
        try:
            return cluster.pods(namespace, pods.selector)
        except Refused as refused:
            if refused.reason is RefusalReason.FORBIDDEN:
                return f"no permission to list pods in {namespace}"
            if refused.reason is RefusalReason.NO_KIND:
                return refused.message
            raise

    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        listed = dict(zip(ordered, pool.map(read, ordered), strict=True))
    return tuple(
        _with_starts(row, places[row][0], listed[places[row]]) if row in places else row
        for row in rows
    )


def _place(row: Affected, graph: Graph) -> _Place | None:
    """Where the pods of a consumer are; None for a kind without pods, and for what holds nothing of the root."""
    kind = graph.consumers.get(row.consumer.group_kind)
    if kind is None or kind.pods is None or not row.has_pods:
        return None
    return kind.pods, kind.pod_namespace(graph.bodies[row.consumer])


def _with_starts(row: Affected, pods: PodSet, listed: tuple[Pod, ...] | str) -> Affected:
    if isinstance(listed, str):
        return replace(row, unread=listed)
    own = [pod for pod in listed if dict(pod.labels).get(pods.label) == row.consumer.name]
    starts = (_oldest(dict(pod.containers), pods.container) for pod in own)
    return replace(row, started=tuple(sorted(filter(None, starts))))


def _oldest(containers: Mapping[str, str], name: str) -> str:
    """When the container that holds the key started, or the oldest one; "" if none runs."""
    return containers.get(name) or min(containers.values(), default="")
