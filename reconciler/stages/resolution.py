"""Compares the keys that consumers read with those that operators read, and finds certificates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from reconciler.model.identity import ObjectRef
from reconciler.model.impact import ConsumerRead
from reconciler.model.location import Location
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.resolution import Certificate, ConsumerSecret, Copy
from reconciler.model.rotation import SecretRow
from reconciler.model.secret import SecretReading, SecretReference, SecretState

# States of a Secret, whatever key of it is read.
_WHOLE_SECRET = frozenset(
    {
        SecretState.MISSING_SECRET,
        SecretState.LEAVING,
        SecretState.FORBIDDEN,
        SecretState.ERROR,
        SecretState.REFUSED,
    }
)


def compare_consumers(
    reads: Iterable[tuple[ConsumerRead, SecretReading]],
    resolved: Iterable[ResolvedSecret],
    manifests: Iterable[Manifest],
) -> tuple[ConsumerSecret, ...]:
    """One row for each key that a consumer reads elsewhere than the operator; nothing where both read the same."""
    by_field = {(row.owner, row.reference.text): row for row in resolved}
    by_ref = {manifest.ref: manifest for manifest in manifests}
    rows = (
        _row(read, reading, by_field.get((read.provider, read.reference.text)), by_ref)
        for read, reading in reads
    )
    return tuple(row for row in rows if not _agrees(row))


def read_elsewhere(
    reads: Iterable[tuple[ConsumerRead, SecretReading]], resolved: Iterable[ResolvedSecret]
) -> tuple[ResolvedSecret, ...]:
    """The references that consumers resolve in another way than the operator; those of one kind together.

    Whether both find the same value at the moment does not matter, so that no later rotation is missed.
    """
    by_field = {(row.owner, row.reference.text): row.reference for row in resolved}
    rows: dict[object, ResolvedSecret] = {}
    for read, reading in reads:
        ours, theirs = by_field.get((read.provider, read.reference.text)), read.reference
        if ours and (_secret(ours), ours.keys) == (_secret(theirs), theirs.keys):
            continue
        same = (read.provider, theirs, read.consumer.group_kind)
        before = rows.get(same, ResolvedSecret(read.provider, theirs, reading))
        rows[same] = replace(before, readers=(*before.readers, read.consumer))
    return tuple(rows.values())


def certificates(rows: Iterable[SecretRow], now: str) -> tuple[Certificate, ...]:
    """Each certificate in the value of a Secret key, once."""
    dated: dict[tuple[str, str, str], Certificate] = {}
    for row in rows:
        reference, reading = row.reference, row.reading
        identity = (reference.namespace, reference.name, reading.key)
        if reading.expires and identity not in dated:
            left = datetime.fromisoformat(reading.expires) - datetime.fromisoformat(now)
            dated[identity] = Certificate(*identity, reading.expires, left.days, row.where)
    return tuple(dated.values())


def _row(
    read: ConsumerRead,
    reading: SecretReading,
    operator: ResolvedSecret | None,
    manifests: Mapping[ObjectRef, Manifest],
) -> ConsumerSecret:
    return ConsumerSecret(
        read.consumer,
        read.provider,
        read.reference,
        reading,
        _copy(read, reading, operator),
        operator.reference if operator else None,
        operator.reading if operator else None,
        _where(read, manifests),
    )


def _copy(read: ConsumerRead, reading: SecretReading, operator: ResolvedSecret | None) -> Copy:
    if operator is None or _secret(read.reference) == _secret(operator.reference):
        return Copy.NO_COPY
    ours, theirs = operator.reading.likeness, reading.likeness
    if not ours or not theirs:
        return Copy.UNKNOWN
    return Copy.SAME if ours == theirs else Copy.DIFFERENT


def _agrees(row: ConsumerSecret) -> bool:
    if row.operator is None or row.operator_reading is None:
        return False
    if _secret(row.reference) != _secret(row.operator):
        return False
    state = row.reading.state
    no_key_matters = state in _WHOLE_SECRET and state is row.operator_reading.state
    return no_key_matters or row.reading == row.operator_reading


def _secret(reference: SecretReference) -> tuple[str, str]:
    return reference.namespace, reference.name


def _where(read: ConsumerRead, manifests: Mapping[ObjectRef, Manifest]) -> Location | None:
    manifest = manifests.get(read.provider)
    return manifest.origin(read.reference.path).best if manifest else None
