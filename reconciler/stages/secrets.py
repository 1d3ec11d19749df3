"""Compares the Secrets that a run read with the record, to find rotations. Pure.

A rotation belongs to a key of a Secret. The last known fingerprint of the key stays in the record while the Secret is
missing, unusable or forbidden, so a value that comes back is compared with the one before the gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.model.identity import ObjectRef
from reconciler.model.impact import is_later
from reconciler.model.location import Location
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.record import Record, RecordedSecret, Resolution, SecretKey
from reconciler.model.record.rotations import Closed, Closing, Moment, Opening, RecordedRotation
from reconciler.model.rotation import NOT_READ, Rotation, SecretRow
from reconciler.model.secret import Fingerprint, SecretReading, SecretState

Known = Mapping[SecretKey, RecordedSecret]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A key of a Secret compared with the record."""

    rotation: Rotation
    before: Fingerprint | None = None
    event: RecordedRotation | None = None
    noticed: bool = False
    gap: SecretState | None = None
    since: str = ""


def compare_secrets(
    resolved: Iterable[ResolvedSecret],
    record: Record | None,
    manifests: Iterable[Manifest],
    at: Moment,
) -> tuple[SecretRow, ...]:
    """One row per reference, with its location in git. Rows of the same key have the same rotation."""
    by_ref = {manifest.ref: manifest for manifest in manifests}
    resolutions = record.resolutions if record else {}
    known: Known = record.secrets if record else {}
    pairs = []
    for secret in resolved:
        row = SecretRow(
            secret.owner,
            secret.reference,
            secret.reading,
            where=_where(secret, by_ref),
            readers=secret.readers,
        )
        old = resolutions.get(row.identity)
        pairs.append((_from_record(row, old), old))
    key_before = {row.key: old.key.key for row, old in pairs if old and _reads_another(row, old)}
    readings = {row.key: row.reading for row, _ in pairs if _has_value(row)}
    looks = (record.observed, record.watched.time) if record else ()
    comparisons = {
        key: _compared(reading, known.get(key), key_before.get(key, ""), looks, at)
        for key, reading in readings.items()
    }
    return tuple(
        _with_comparison(row, comparisons[row.key], old)
        if _has_value(row)
        else _without_value(row, old)
        for row, old in pairs
    )


def with_pick_up(
    rows: Iterable[SecretRow], picked_up: AbstractSet[SecretKey], at: Moment
) -> tuple[SecretRow, ...]:
    """The rows, with the rotations of the keys closed whose new value every consumer that can be checked has."""
    rows = tuple(rows)
    closing = Closing(at.time, Closed.PICKED_UP.value, at.revision)
    done = {
        (row.key.namespace, row.key.name, row.event)
        for row in rows
        if row.event and row.open and row.reading.state is SecretState.OK
        if row.key in picked_up
    }

    def closed(row: SecretRow) -> SecretRow:
        if row.event is None or (row.key.namespace, row.key.name, row.event) not in done:
            return row
        has_value = row.reading.state is SecretState.OK
        rotation = Rotation.PICKED_UP if has_value else row.rotation
        return replace(row, rotation=rotation, event=replace(row.event, closed=closing))

    return tuple(map(closed, rows))


def _where(secret: ResolvedSecret, by_ref: Mapping[ObjectRef, Manifest]) -> Location | None:
    manifest = by_ref.get(secret.owner)
    return manifest.origin(secret.reference.path).best if manifest else None


def _from_record(row: SecretRow, old: Resolution | None) -> SecretRow:
    """The row with the state on record, if the value cannot be read or fingerprinted."""
    state = row.reading.state
    if old is None or state not in NOT_READ or state is SecretState.ERROR:
        return row
    if state is SecretState.UNAVAILABLE and old.reference.state is not SecretState.OK:
        return row  # it exists now, so the state of the record is wrong
    reading = SecretReading(old.reference.state, old.key.key, old.fingerprint)
    return replace(row, reading=reading, recorded=True)


def _has_value(row: SecretRow) -> bool:
    return not row.recorded and row.reading.fingerprint is not None


def _reads_another(row: SecretRow, old: Resolution) -> bool:
    """Whether the reference reads another key than before, although git names the same."""
    if not _has_value(row) or old.key.key == row.reading.key or old.secret.fingerprint is None:
        return False
    return (old.reference.keys or row.reference.keys) == row.reference.keys


def _compared(
    reading: SecretReading,
    secret: RecordedSecret | None,
    key_before: str,
    looks: tuple[str, ...],
    at: Moment,
) -> _Comparison:
    now, before = reading.fingerprint, secret.fingerprint if secret else None
    assert now is not None  # noqa: S101 -- only keys with a value are compared
    rotated = before is not None and now.key_id == before.key_id and not now.same(before)
    if rotated or key_before:
        previous = before if rotated else None
        time = _time(reading, (*looks, secret.since if secret else ""), at)
        event = _opened(secret, previous, key_before, time, at)
        rotation = Rotation.ROTATED if rotated else Rotation.OTHER_KEY
        return replace(_of_event(event, previous, rotation), noticed=True)
    if secret is None or before is None:
        return _Comparison(Rotation.FIRST_SEEN)
    if now.key_id != before.key_id:
        return _Comparison(Rotation.BASELINE_RESET, before, secret.open)
    if secret.open:
        return _of_open(secret.open)
    if secret.gap:
        return _Comparison(Rotation.BACK, gap=secret.gap.state, since=secret.gap.since)
    return _Comparison(Rotation.NONE, since=secret.since)


def _time(reading: SecretReading, looks: Iterable[str], at: Moment) -> str:
    """When the pods could first have read the new value, at the latest.

    That is when the key was written, unless this time is unknown, or not later than the last looks, which saw the old
    value: whoever may write a Secret may write its managedFields. Then it is the time of this run, so that a pod which
    started before it is not taken for one with the new value.
    """
    known = all(is_later(reading.written, look) for look in looks if look)
    return reading.written if reading.written and known else at.time


def _opened(
    secret: RecordedSecret | None,
    previous: Fingerprint | None,
    key_before: str,
    time: str,
    at: Moment,
) -> RecordedRotation:
    """The rotation that this run notices; closed at once if it was acknowledged ahead."""
    gap = secret.gap if secret else None
    opened = Opening(
        time=time,
        revision=at.revision,
        noticed=at.time,
        gap=gap.state.value if gap else "",
        gap_since=gap.since if gap else "",
        key_before=key_before,
    )
    ahead = secret.acknowledged if secret else None
    closed = ahead.closing(at) if ahead and ahead.covers(at.time) else None
    return RecordedRotation(str(previous or ""), opened, closed)


def _of_open(event: RecordedRotation) -> _Comparison:
    """The comparison of a key that has the recorded value, while an earlier rotation is open."""
    before = Fingerprint.parse(event.previous)
    other_key = event.opened.key_before and not event.previous
    return _of_event(event, before, Rotation.OTHER_KEY if other_key else Rotation.ROTATED)


def _of_event(
    event: RecordedRotation, before: Fingerprint | None, rotation: Rotation
) -> _Comparison:
    if event.closed:
        rotation = Rotation.ACKNOWLEDGED
    opened = event.opened
    return _Comparison(rotation, before, event, gap=opened.gap_state, since=opened.time)


def _with_comparison(row: SecretRow, compared: _Comparison, old: Resolution | None) -> SecretRow:
    since = compared.since
    if compared.rotation is Rotation.NONE and old and old.reference.state is SecretState.OK:
        since = old.reference.since
    return replace(
        row,
        rotation=compared.rotation,
        before=compared.before,
        event=compared.event,
        noticed=compared.noticed,
        gap=compared.gap,
        since=since,
    )


def _without_value(row: SecretRow, old: Resolution | None) -> SecretRow:
    """The row of a reference without a value to compare; a rotation of its key stays open meanwhile."""
    if old is None:
        return row
    event = old.secret.open if old.key.key in row.reference.keys else None
    since = old.reference.since if old.reference.state is row.reading.state else ""
    if event and row.reading.state is SecretState.OK:
        return _with_comparison(row, _of_open(event), old)
    return replace(row, event=event, since=since)
