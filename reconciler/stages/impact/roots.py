"""From which Secrets, providers and models the references are followed."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.errors import UsageError
from reconciler.model.change import Change, State
from reconciler.model.identity import SECRET, Names, ObjectRef
from reconciler.model.impact import Affected
from reconciler.model.rotation import Rotation, SecretRow

_QUIET = (Rotation.NONE, Rotation.FIRST_SEEN)
_NAMED_IN_HINT = 10


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
    refs = sorted(set(known))
    return frozenset(_addressed(address, refs) for address in sorted(addresses))


def _addressed(address: str, refs: list[ObjectRef]) -> ObjectRef:
    named = [ref for ref in refs if address in (ref.address, ref.short_address)]
    if len(named) > 1:
        hint = f"name the group as well: {' or '.join(ref.address for ref in named)}"
        raise UsageError(f"{address}: there are {len(named)} such objects", hint=hint)
    if not named:
        names = Names.among(ref.group_kind for ref in refs)
        listed = ", ".join(map(names.address, refs[:_NAMED_IN_HINT]))
        hint = f"there are {listed}" if refs else "there are none"
        raise UsageError(f"{address}: no such object, and no such Secret of one", hint=hint)
    return named[0]
