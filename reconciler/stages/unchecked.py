"""What a run could not look at, besides objects: Secrets, the fingerprint key, consumers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reconciler.model.impact import Consumed
from reconciler.model.resolution import ConsumerSecret
from reconciler.model.secret import SecretState
from reconciler.model.unchecked import CONSUMERS, NO_PERMISSION, SECRET, UNREADABLE, Unchecked

if TYPE_CHECKING:
    from reconciler.model.observation import ResolvedSecret

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
            yield Unchecked(
                SECRET, f"{namespace}/{name}", reason, hint.format(name=name, namespace=namespace)
            )


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
