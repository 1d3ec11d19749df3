"""Compares the Secrets that a run read with the record, to find rotations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.record import Record, Resolution
from reconciler.model.rotation import NOT_READ, Rotation, SecretRow
from reconciler.model.secret import SecretReading, SecretState


def compare_secrets(
    resolved: Iterable[ResolvedSecret], record: Record | None, manifests: Iterable[Manifest]
) -> tuple[SecretRow, ...]:
    """One row per reference, with its location in git."""
    by_ref = {manifest.ref: manifest for manifest in manifests}
    known = record.resolutions if record else {}
    rows = (
        SecretRow(secret.owner, secret.reference, secret.reading, where=_where(secret, by_ref))
        for secret in resolved
    )
    return tuple(_row(row, known.get(row.identity)) for row in rows)


def _where(secret: ResolvedSecret, by_ref: Mapping[ObjectRef, Manifest]) -> Location | None:
    manifest = by_ref.get(secret.owner)
    return manifest.origin(secret.reference.path).best if manifest else None


def _row(row: SecretRow, old: Resolution | None) -> SecretRow:
    if old is None:
        first = row.reading.state is SecretState.OK
        return replace(row, rotation=Rotation.FIRST_SEEN if first else Rotation.NONE)
    if row.reading.state in NOT_READ and row.reading.state is not SecretState.ERROR:
        known = SecretReading(old.reference.state, old.key.key, old.fingerprint)
        return replace(row, reading=known, since=old.reference.since, recorded=True)
    return _compared(row, old)


def _compared(row: SecretRow, old: Resolution) -> SecretRow:
    now, before = row.reading.fingerprint, old.fingerprint
    same_state = old.reference.state is row.reading.state
    if row.reading.state is not SecretState.OK or now is None or before is None:
        return replace(row, since=old.reference.since if same_state else "")
    if old.key.key != row.reading.key:
        return row  # another key of the Secret is not a rotation
    if now.key_id != before.key_id:
        return replace(row, rotation=Rotation.BASELINE_RESET, before=before)
    if now.same(before):
        return replace(row, since=old.reference.since)
    return replace(row, rotation=Rotation.ROTATED, before=before, since=row.reading.written)
