"""Waits until operators report the applied objects as ready: `apply --wait`.

Each kind and namespace is watched in short windows, so that a signal, a lost lock or the end of the budget is noticed
in time. Without the permission `watch`, it is listed instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace
from functools import partial
from typing import Final

from reconciler.errors import ClusterError, Interrupted, LockError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.change import Change
from reconciler.model.document import Document, dig, dig_map
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.live import Watched
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.ports import Clock, Cluster, Stop

_WINDOW: Final = 3  # seconds; a signal ends the run within this time
_PAUSE: Final = 1.0  # seconds, at least, between two looks at one place

Place = tuple[Endpoint, str]


@dataclass(frozen=True, slots=True)
class WaitInput:
    """What to wait for, and how.

    Attributes:
        changes: the objects, each with its readiness before the apply.
        readiness: the rule of the kind of an object.
        budget: seconds.
        operated: operators judge the objects; otherwise only those that have a status are waited for.
        ends: whether the wait ends early, because the lock is lost.
        progress: shows how far it is.
    """

    changes: tuple[Change, ...]
    readiness: Callable[[ObjectRef, Document], Readiness]
    budget: float
    operated: bool
    clock: Clock
    stop: Stop
    ends: Callable[[], bool]
    progress: Callable[[str], None]


_DELETED = Readiness(ReadyState.NOT_READY, "Deleted", "somebody deleted it after it was applied")


@dataclass(frozen=True, slots=True)
class _Place:
    """A kind in a namespace while it is watched.

    Attributes:
        pending: the objects that are not ready, with the last that is known of each.
        version: where the next window begins.
        listed: the permission `watch` is missing.
    """

    endpoint: Endpoint
    namespace: str
    pending: Mapping[ObjectRef, Readiness]
    version: str = ""
    listed: bool = False
    done: Mapping[ObjectRef, Readiness] = field(default_factory=dict)


def wait(inputs: WaitInput, cluster: Cluster) -> Mapping[ObjectRef, Readiness]:
    """The final readiness of each object; one on which its operator has not reported in time is not ready."""
    places = _places(inputs.changes)
    end = inputs.clock.monotonic() + inputs.budget
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        while any(place.pending for place in places):
            left = end - inputs.clock.monotonic()
            if left <= 0 or inputs.stop.requested or inputs.ends():
                break
            _show(inputs, places, left)
            look = partial(_look, inputs, cluster, min(_WINDOW, math.ceil(left)))
            began = inputs.clock.monotonic()
            places = tuple(pool.map(look, places))
            spent = inputs.clock.monotonic() - began
            if any(place.pending for place in places) and spent < _PAUSE:
                inputs.clock.sleep(
                    _PAUSE - spent
                )  # a folder, or a server that ends a window at once
    inputs.progress("")
    return dict(_ended(inputs, places))


def _places(changes: Iterable[Change]) -> tuple[_Place, ...]:
    unknown = Readiness(ReadyState.NOT_JUDGED)
    pending: dict[Place, dict[ObjectRef, Readiness]] = {}
    for change in changes:
        place = pending.setdefault((change.endpoint, change.ref.namespace), {})
        place[change.ref] = unknown
    return tuple(
        _Place(endpoint, namespace, refs) for (endpoint, namespace), refs in sorted(pending.items())
    )


def _look(inputs: WaitInput, cluster: Cluster, seconds: int, place: _Place) -> _Place:
    """A place after one window."""
    if not place.pending:
        return place
    try:
        return _judged(inputs, place, _window(cluster, place, seconds))
    except Refused as refused:
        if refused.reason is RefusalReason.FORBIDDEN and not place.listed:
            return replace(place, version="", listed=True)
        return replace(place, version="", pending=_unknown(place, refused))
    except (Interrupted, LockError):  # it waited for its turn; the wait ends for the same reason
        return place
    except ClusterError as error:  # it may answer again before the budget ends
        return replace(place, version="", pending=_unknown(place, error))


def _window(cluster: Cluster, place: _Place, seconds: int) -> Watched:
    if not place.listed:
        return cluster.watch(place.endpoint, place.namespace, place.version, seconds)
    return Watched(cluster.list(place.endpoint, place.namespace), complete=True)


def _judged(inputs: WaitInput, place: _Place, window: Watched) -> _Place:
    written = {str(dig_map(d.body(), "metadata").get("name")): d for d in window.documents}
    pending, done = dict(place.pending), dict(place.done)
    for ref, before in place.pending.items():
        document = written.get(ref.name)
        if ref.name in window.deleted or (window.complete and document is None):
            done[ref] = _DELETED
            del pending[ref]
            continue
        now = inputs.readiness(ref, document) if document else before
        if document:
            pending[ref] = now
        unjudged = document and not inputs.operated and not dig(document.body(), "status")
        if unjudged or now.state is ReadyState.READY:
            done[ref] = pending.pop(ref)
    return replace(place, pending=pending, done=done, version=window.version)


def _unknown(place: _Place, error: ClusterError) -> Mapping[ObjectRef, Readiness]:
    """The readiness of objects that cannot be read."""
    unread = Readiness(ReadyState.NOT_JUDGED, "Unreadable", error.message)
    return {
        ref: known if known.state is ReadyState.NOT_READY else unread
        for ref, known in place.pending.items()
    }


def _ended(inputs: WaitInput, places: Iterable[_Place]) -> Iterable[tuple[ObjectRef, Readiness]]:
    for place in places:
        yield from place.done.items()
        for ref, known in place.pending.items():
            judged = known.state is ReadyState.NOT_READY
            yield ref, known if judged else _not_judged(inputs, known)


def _not_judged(inputs: WaitInput, known: Readiness) -> Readiness:
    if inputs.stop.requested or inputs.ends():
        message = "the wait ended before its operator reported on it"
    else:
        message = known.message or f"its operator has not reported on it within {inputs.budget:g} s"
    return Readiness(ReadyState.NOT_READY, known.reason or "NotJudged", message)


def _show(inputs: WaitInput, places: tuple[_Place, ...], left: float) -> None:
    total = len(inputs.changes)
    ready = total - sum(len(place.pending) for place in places)
    inputs.progress(f"{ready} of {total} ready, {math.ceil(left)} s left")
