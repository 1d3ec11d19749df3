"""Objects of other ApplySets: those of another environment of the repository are managed there.

Anybody can write the label of an ApplySet, so that it says only which environment may have applied an object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, lru_cache
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
from reconciler.semantics.ownership.managed_fields import entries
from reconciler.semantics.ownership.queries import applied_by
from reconciler.stages.load import environments, load_outline
from reconciler.stages.overlaps import same_cluster
from reconciler.stages.record import StoredRecord, read_record
from reconciler.stages.render import render
from reconciler.steps.sources import load


def without_neighbours(deps: Dependencies, state: Reconciliation, observed: Observed) -> Observed:
    """The run's observations, without other environments' objects among the unmanaged ones.

    Nothing is read for it unless there are any. The record of another environment is read only if the settings do not
    say whether that is on the same cluster, and its templates only if another tool applies what may be these objects.
    """
    if not observed.unmanaged:
        return observed
    by_set = _by_set(deps.trusted or deps.repository, deps.root, deps.target)  # type: ignore[arg-type]  # it has an identity
    neighbours = {
        each: other for each, other in by_set.items() if other.name != state.environment.name
    }

    @cache
    def record_of(set_of: str) -> StoredRecord | None:
        return _record(neighbours[set_of], state.connection)

    @cache
    def desired(set_of: str) -> frozenset[ObjectRef]:
        return _desired(deps, neighbours[set_of].name)

    def is_applied_there(orphan: Orphan) -> bool:
        neighbour = neighbours.get(set_of := _set_of(orphan))
        if neighbour is None or not _applies(neighbour, orphan):
            return False
        here = _is_here(neighbour, state)
        if here is not None:
            return here
        record, uid = record_of(set_of), str(dig(orphan.live.body(), "metadata", "uid"))
        return record is not None and record.known.get(orphan.ref) == uid

    def is_observed_there(orphan: Orphan) -> bool:
        return any(
            orphan.ref in desired(set_of)
            for set_of, neighbour in neighbours.items()
            if neighbour.observed and _wrote(neighbour, orphan)
            if _is_here(neighbour, state)
            or (_is_here(neighbour, state) is None and record_of(set_of))
        )

    unmanaged = tuple(
        each
        for each in observed.unmanaged
        if not (is_applied_there(each) or is_observed_there(each))
    )
    return replace(observed, unmanaged=unmanaged)


def names_of_sets(
    deps: Dependencies, state: Reconciliation, observed: Observed
) -> Mapping[str, str]:
    """The environments to which objects in git belong by their labels. Nothing is read unless one is of another set."""
    lives = (each.live.body() for each in observed.objects if each.live)
    labels = {dig(body, "metadata", "labels", PART_OF) for body in lives}
    if labels <= {None, state.stored_record.set_id}:
        return {}
    by_set = _by_set(deps.trusted or deps.repository, deps.root, deps.target)  # type: ignore[arg-type]  # it has an identity
    return {each: other.name for each, other in by_set.items() if each in labels}


def _is_here(neighbour: Environment, state: Reconciliation) -> bool | None:
    """Whether another environment is on the connected cluster; None if the settings do not say."""
    theirs, ours = neighbour.cluster, state.environment.cluster
    if theirs.uid and state.cluster_uid:
        return theirs.uid == state.cluster_uid
    if same_cluster(theirs, ours):
        return True
    return None if theirs.type is ours.type is ClusterType.KUBERNETES else False


def _record(neighbour: Environment, cluster: Cluster) -> StoredRecord | None:
    """The record that another environment has on the connected cluster; None if none is there, or it may not be read.

    Unlike a label, a record can only be written by who may write ConfigMaps in the home of an environment.
    """
    try:
        stored = read_record(cluster, neighbour.name, neighbour.home)
    except (Refused, SafetyStop):
        return None
    return stored if stored.record else None


def _desired(deps: Dependencies, name: str) -> frozenset[ObjectRef]:
    """What git has in another environment; nothing if that cannot be rendered, as its own run says."""
    with suppress(Exception):
        environment = load(deps, name).environment
        manifests, _ = render(environment, deps.renderer, deps.kinds)
        return frozenset(manifest.ref for manifest in manifests)
    return frozenset()


def _set_of(orphan: Orphan) -> str:
    return str(dig(orphan.live.body(), "metadata", "labels", PART_OF) or "")


def _applies(environment: Environment, orphan: Orphan) -> bool:
    by_it = applied_by(orphan.live.body(), environment.applier) is not None
    return by_it and orphan.ref.namespace in environment.namespaces


def _wrote(environment: Environment, orphan: Orphan) -> bool:
    """Whether the tool of an observed environment has written an object, by either kind of apply."""
    if orphan.ref.namespace not in environment.namespaces:
        return False  # without a look at the object, for each of the many environments of a fleet
    return any(entry.owner.manager == environment.applier for entry in entries(orphan.live.body()))


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
