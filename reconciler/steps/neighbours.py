"""Objects of other ApplySets: those of another environment of the repository are managed there.

Anybody can write the label of an ApplySet, so that it says only which environment may have applied an object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from reconciler.dependencies import Dependencies
from reconciler.errors import Refused, SafetyStop
from reconciler.model.applyset import PART_OF, set_id
from reconciler.model.document import dig
from reconciler.model.environment import ClusterTarget, ClusterType, Environment
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Observed, Orphan
from reconciler.ports import Cluster, Repository
from reconciler.reconciliation import Reconciliation
from reconciler.semantics.ownership.queries import applied_by
from reconciler.stages.load import environments, load_outline
from reconciler.stages.overlaps import same_cluster
from reconciler.stages.record import read_record


def without_neighbours(deps: Dependencies, state: Reconciliation, observed: Observed) -> Observed:
    """What a run of an environment observed, without the objects of other environments among the unmanaged ones.

    Their files are read only if an object has the label of another ApplySet, and a record only if the settings do not
    say whether it is on the same cluster.
    """
    if not any(map(_set_of, observed.unmanaged)):
        return observed
    by_set = _by_set(deps.trusted or deps.repository, deps.root, deps.target)  # type: ignore[arg-type]  # it has an identity
    neighbours = {
        each: other for each, other in by_set.items() if other.name != state.environment.name
    }
    records: dict[str, Mapping[ObjectRef, str]] = {}

    def is_managed(orphan: Orphan) -> bool:
        neighbour = neighbours.get(_set_of(orphan))
        if neighbour is None or not _applies(neighbour, orphan):
            return False
        here = _is_here(neighbour, state)
        if here is None:
            if neighbour.name not in records:
                records[neighbour.name] = _recorded(neighbour, state.connection)
            uid = str(dig(orphan.live.body(), "metadata", "uid"))
            return records[neighbour.name].get(orphan.ref) == uid
        return here

    unmanaged = tuple(each for each in observed.unmanaged if not is_managed(each))
    return replace(observed, unmanaged=unmanaged)


def _is_here(neighbour: Environment, state: Reconciliation) -> bool | None:
    """Whether another environment is on the connected cluster; None if the settings do not say."""
    theirs, ours = neighbour.cluster, state.environment.cluster
    if theirs.uid and state.cluster_uid:
        return theirs.uid == state.cluster_uid
    if same_cluster(theirs, ours):
        return True
    return None if theirs.type is ours.type is ClusterType.KUBERNETES else False


def _recorded(neighbour: Environment, cluster: Cluster) -> Mapping[ObjectRef, str]:
    """The objects in the record that another environment has on the connected cluster, if it has one there.

    Unlike a label, a record can only be written by who may write ConfigMaps in the home of an environment.
    """
    try:
        return read_record(cluster, neighbour.name, neighbour.home).known
    except (Refused, SafetyStop):
        return {}


def _set_of(orphan: Orphan) -> str:
    return str(dig(orphan.live.body(), "metadata", "labels", PART_OF) or "")


def _applies(environment: Environment, orphan: Orphan) -> bool:
    by_it = applied_by(orphan.live.body(), environment.applier) is not None
    return by_it and orphan.ref.namespace in environment.namespaces


@lru_cache(maxsize=1)  # the environments of one run have the same neighbours
def _by_set(
    repository: Repository, root: Path, target: Callable[[Environment], ClusterTarget]
) -> Mapping[str, Environment]:
    """Every environment of the repository whose environment.yaml is usable, by the id of its ApplySet."""
    usable: dict[str, Environment] = {}
    for name in environments(repository):
        with suppress(Exception):  # its own run says what is wrong with it
            outline = load_outline(repository, root, name)
            usable[set_id(name, outline.home)] = replace(outline, cluster=target(outline))
    return usable
