"""From which Secrets, providers and models the references are followed."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.change import Change, State
from reconciler.model.identity import SECRET, ObjectRef
from reconciler.model.impact import Affected
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.text.addresses import Addressed

_QUIET = (Rotation.NONE, Rotation.FIRST_SEEN)
_KNOWN = Addressed("there are", "no such object, and no such Secret of one", "there are")


def reported_roots(changes: Iterable[Change], secrets: Iterable[SecretRow]) -> frozenset[ObjectRef]:
    """What a comparison with git reports: objects that are not as in git, Secrets that were rotated or are wrong."""
    objects = {
        change.ref for change in changes if change.state is not State.UNCHANGED or change.foreign
    }
    keys = [row for row in secrets if row.wrong or row.open or row.rotation not in _QUIET]
    named = {row.reference.secret for row in keys}
    return frozenset(objects | named | {row.owner for row in keys})


def outermost_roots(
    rows: Iterable[Affected], sources: Iterable[ObjectRef]
) -> tuple[ObjectRef, ...]:
    """The Secrets, and the sources to which no Secret or other source leads: their trees contain all others."""
    rows = tuple(rows)
    secrets = {row.root for row in rows if row.root.group_kind == SECRET.group_kind}
    below = {row.consumer for row in rows}
    return tuple(sorted(secrets | (frozenset(sources) - below)))


def addressed_roots(addresses: Iterable[str], known: Iterable[ObjectRef]) -> frozenset[ObjectRef]:
    """The Secrets and objects with these addresses.

    Raises:
        UsageError: an address names none of them, or several.
    """
    refs = frozenset(known)
    return frozenset(_KNOWN.among(refs, address) for address in sorted(addresses))
