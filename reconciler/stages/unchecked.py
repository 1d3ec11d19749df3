"""What a run could not check, besides objects: Secrets, the fingerprint key, consumers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from reconciler.model.impact import Affected, Consumed, PickUp
from reconciler.model.resolution import ConsumerSecret
from reconciler.model.rotation import SecretRow
from reconciler.model.secret import SecretState
from reconciler.model.unchecked import (
    CONSUMER,
    CONSUMERS,
    NO_PERMISSION,
    SECRET,
    UNREADABLE,
    Unchecked,
)

if TYPE_CHECKING:
    from reconciler.model.observation import ResolvedSecret
    from reconciler.model.record import SecretKey

_REASONS = {
    SecretState.FORBIDDEN: (NO_PERMISSION, "allow get on secrets {name} in {namespace}"),
    SecretState.ERROR: ("it could not be read", "run the command again"),
}


def unchecked_secrets(rows: Iterable[ResolvedSecret | ConsumerSecret]) -> tuple[Unchecked, ...]:
    """One entry for each Secret that could not be read."""
    return tuple(sorted(set(_unread(rows))))


def _unread(rows: Iterable[ResolvedSecret | ConsumerSecret]) -> Iterator[Unchecked]:
    for row in rows:
        if row.reading.state in _REASONS:
            reason, hint = _REASONS[row.reading.state]
            namespace, name = row.reference.namespace, row.reference.name
            hint = row.reading.hint or hint.format(name=name, namespace=namespace)
            yield Unchecked(SECRET, f"{namespace}/{name}", reason, hint)


def unchecked_consumers(consumed: Consumed) -> tuple[Unchecked, ...]:
    """One entry for each kind and namespace that nobody could list."""
    return tuple(
        Unchecked(
            CONSUMERS,
            f"{missing.kind.kind} in {missing.namespace or 'other namespaces'}",
            UNREADABLE if missing.broken else NO_PERMISSION,
            missing.broken
            or f"allow list on {missing.crd_name} in "
            f"{missing.namespace or 'all namespaces, with a ClusterRole'}",
        )
        for missing in consumed.unlisted
    )


def unchecked_pick_ups(
    rotated: Iterable[SecretRow], affected: Iterable[Affected], picked_up: AbstractSet[SecretKey]
) -> tuple[Unchecked, ...]:
    """One entry for each consumer of which nobody knows whether it has picked up the rotations of these rows.

    In a cluster that serves no pods, only those of the keys that the others have picked up: the report of an open
    rotation names them anyway.
    """
    affected = tuple(affected)
    unknown = {
        each
        for row in rotated
        for each in affected
        if each.holds_rotated(row.reference.secret, row.reading.key)
        and each.pick_up(row.rotated_at) is PickUp.UNKNOWN
        and (each.unread.startswith(NO_PERMISSION) or row.key in picked_up)
    }
    return tuple(sorted({_unread_pods(each) for each in unknown}))


def _unread_pods(row: Affected) -> Unchecked:
    forbidden = row.unread.startswith(NO_PERMISSION)
    why = row.unread or "its pods were not listed"
    return Unchecked(
        CONSUMER,
        f"{row.consumer.kind} {row.consumer.namespace}/{row.consumer.name}",
        NO_PERMISSION if forbidden else why,
        f"{why}, which tell whether it has the rotated key" if forbidden else "",
    )
