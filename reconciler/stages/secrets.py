"""Compare the Secrets that were read with the record: what is rotated, what is known from before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.observation import SeenSecret
from reconciler.model.record import Record, RecordedSecret, SecretKey
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.secret import SecretReading, SecretState

# Nothing was learned of the value in this run: what the record says is the best that is known.
_NOT_READ = {SecretState.FORBIDDEN, SecretState.UNAVAILABLE, SecretState.ERROR}


def judge_secrets(
    seen: Iterable[SeenSecret],
    record: Record | None,
    where: Callable[[ObjectRef, str], Location | None],
) -> tuple[SecretRow, ...]:
    """One row per reference; `where` finds the line in git that makes it."""
    return tuple(
        _row(secret, record, where(secret.owner, secret.reference.path)) for secret in seen
    )


def advance_secrets(record: Record, rows: Iterable[SecretRow], now: str) -> Record:
    """The record with the secrets of this run; a reference that git does not have any more is forgotten.

    What was not read keeps its entry: a failed read is never a rotation, nor the end of one.
    """
    advanced: dict[SecretKey, RecordedSecret] = {}
    for row in rows:
        key = _key(row)
        old = record.secrets.get(key)
        if row.recorded or row.reading.state in _NOT_READ:
            if old:
                advanced[key] = old
            continue
        advanced[key] = _recorded(row, old, now)
    moved = replace(record, secrets=advanced)
    return moved if moved.secrets == record.secrets else replace(moved, observed=now)


def _row(secret: SeenSecret, record: Record | None, where: Location | None) -> SecretRow:
    row = SecretRow(secret.owner, secret.reference, secret.reading, where=where)
    old = record.secrets.get(_key(row)) if record else None
    if old is None:
        first = row.reading.state is SecretState.OK
        return replace(row, rotation=Rotation.FIRST_SEEN if first else Rotation.NONE)
    if row.reading.state in _NOT_READ:
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


def _recorded(row: SecretRow, old: RecordedSecret | None, now: str) -> RecordedSecret:
    reading = row.reading
    same = old and old.state is reading.state and row.rotation is Rotation.NONE
    if same and old and old.key == reading.key:
        return replace(old, fingerprint=reading.fingerprint or old.fingerprint)
    return RecordedSecret(
        state=reading.state,
        key=reading.key,
        fingerprint=reading.fingerprint,
        since=row.since if row.rotation is Rotation.ROTATED and row.since else now,
        previous=row.before if row.rotation is Rotation.ROTATED else None,
    )


def _key(row: SecretRow) -> SecretKey:
    reference = row.reference
    return SecretKey(row.owner, reference.path, reference.namespace, reference.name)
