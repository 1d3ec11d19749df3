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
from reconciler.model.applyset import PART_OF, set_id
from reconciler.model.document import dig
from reconciler.model.environment import ClusterTarget, Environment
from reconciler.model.observation import Observed, Orphan
from reconciler.ports import Repository
from reconciler.semantics.ownership.queries import applied_by
from reconciler.stages.load import environments, load_outline
from reconciler.stages.overlaps import same_cluster


def without_neighbours(
    deps: Dependencies, environment: Environment, observed: Observed
) -> Observed:
    """What a run of an environment observed, without the objects of other environments among the unmanaged ones.

    Their files are read only if an object has the label of another ApplySet.
    """
    if not any(map(_set_of, observed.unmanaged)):
        return observed
    by_set = _by_set(deps.trusted or deps.repository, deps.root, deps.target)  # type: ignore[arg-type]  # it has an identity
    neighbours = {
        each: other
        for each, other in by_set.items()
        if other.name != environment.name and same_cluster(other.cluster, environment.cluster)
    }

    def is_managed(orphan: Orphan) -> bool:
        neighbour = neighbours.get(_set_of(orphan))
        return neighbour is not None and _applies(neighbour, orphan)

    unmanaged = tuple(each for each in observed.unmanaged if not is_managed(each))
    return replace(observed, unmanaged=unmanaged)


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
