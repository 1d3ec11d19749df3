"""Renames: git has an object of ours under another name, or in another namespace. Pure.

For the API server these are two objects: a new one, and one that git no longer has and that consumers may still use.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from reconciler.model.change import Change, State
from reconciler.model.document import Json, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Observed
from reconciler.semantics.values import same


def with_renames(changes: list[Change], observed: Observed) -> list[Change]:
    """The changes, each of a renamed object with its other name."""
    names = _pairs(changes, observed)
    return [
        replace(change, renamed=names[change.ref]) if change.ref in names else change
        for change in changes
    ]


def _pairs(changes: list[Change], observed: Observed) -> dict[ObjectRef, ObjectRef]:
    """The other name of each renamed object, in both directions; none where several would fit."""
    new = [change for change in changes if change.state is State.NEW and change.body]
    old = {orphan.ref: dig_map(orphan.live.body(), "spec") for orphan in observed.orphans}
    if not new or not old:
        return {}
    fitting = [
        (change.ref, ref)
        for change in new
        if change.body and (spec := dig_map(change.body.body(), "spec"))
        for ref, live in old.items()
        if ref.group_kind == change.ref.group_kind and _has(live, spec)
    ]
    times = Counter(ref for pair in fitting for ref in pair)
    pairs: dict[ObjectRef, ObjectRef] = {}
    for pair in fitting:
        if all(times[ref] == 1 for ref in pair):
            pairs |= {pair[0]: pair[1], pair[1]: pair[0]}
    return pairs


def _has(live: Json, desired: Json) -> bool:
    """Whether a live value has everything that git says; the server may have added defaults."""
    if isinstance(live, dict) and isinstance(desired, dict):
        return all(key in live and _has(live[key], value) for key, value in desired.items())
    return same(live, desired)
