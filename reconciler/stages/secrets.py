"""Compare the Secrets that were read with the record: what is rotated, what is known from before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.record import Record, RecordedSecret
from reconciler.model.rotation import NOT_READ, Rotation, SecretRow
from reconciler.model.secret import SecretReading, SecretState


def compare_secrets(
    seen: Iterable[ResolvedSecret], record: Record | None, manifests: Iterable[Manifest]
) -> tuple[SecretRow, ...]:
    """One row per reference, with the line in git that makes it."""
    by_ref = {manifest.ref: manifest for manifest in manifests}
    return tuple(_row(secret, record, _where(secret, by_ref)) for secret in seen)


def _where(secret: ResolvedSecret, by_ref: Mapping[ObjectRef, Manifest]) -> Location | None:
    manifest = by_ref.get(secret.owner)
    steps = tuple(secret.reference.path.partition("[")[0].split("."))
    return manifest.origin(steps).best if manifest else None


def _row(secret: ResolvedSecret, record: Record | None, where: Location | None) -> SecretRow:
    row = SecretRow(secret.owner, secret.reference, secret.reading, where=where)
    old = record.secrets.get(row.key) if record else None
    if old is None:
        first = row.reading.state is SecretState.OK
        return replace(row, rotation=Rotation.FIRST_SEEN if first else Rotation.NONE)
    if row.reading.state in NOT_READ and row.reading.state is not SecretState.ERROR:
        known = SecretReading(old.state, old.key, old.fingerprint)
        return replace(row, reading=known, since=old.since, recorded=True)
    return _compared(row, old)


def _compared(row: SecretRow, old: RecordedSecret) -> SecretRow:
    now, before = row.reading.fingerprint, old.fingerprint
    if row.reading.state is not SecretState.OK or now is None or before is None:
        return replace(row, since=old.since if old.state is row.reading.state else "")
    if old.key != row.reading.key:
        return row  # another key of the Secret is used: another reference, no rotation
    if now.key_id != before.key_id:
        return replace(row, rotation=Rotation.BASELINE_RESET, before=before)
    if now.same(before):
        return replace(row, since=old.since)
    return replace(row, rotation=Rotation.ROTATED, before=before, since=row.reading.written)
