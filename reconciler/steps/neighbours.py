"""Objects of other ApplySets: those of another environment of the repository are managed there.

Anybody can write the label of an ApplySet, so that of an unknown one manages nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from reconciler.dependencies import Dependencies
from reconciler.model.applyset import PART_OF, set_id
from reconciler.model.document import dig
from reconciler.model.observation import Observed, Orphan
from reconciler.stages.load.order import environments
from reconciler.steps.sources import load


def without_neighbours(deps: Dependencies, name: str, observed: Observed) -> Observed:
    """What a run of an environment observed, without the objects of other environments among the unmanaged ones.

    Their files are read only if an object has the label of another ApplySet.
    """
    if not any(map(_set_of, observed.unmanaged)):
        return observed
    neighbours = frozenset(_sets_beside(deps, name))
    unmanaged = tuple(each for each in observed.unmanaged if _set_of(each) not in neighbours)
    return replace(observed, unmanaged=unmanaged)


def _set_of(orphan: Orphan) -> str:
    return str(dig(orphan.live.body(), "metadata", "labels", PART_OF) or "")


def _sets_beside(deps: Dependencies, name: str) -> Iterator[str]:
    for other in environments(deps.repository):
        with suppress(Exception):  # its own run says what is wrong with it
            if other != name:
                yield set_id(other, load(deps, other).environment.home)
