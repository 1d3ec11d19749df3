"""The record after a run: what it applied, what it saw, what it read. Pure; `record.remember` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.model.change import Change, State
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Observed
from reconciler.model.record import Record, RecordedObject, RecordedSecret, SecretKey
from reconciler.model.rotation import NOT_READ, Rotation, SecretRow
from reconciler.semantics.ownership.queries import applied_by


def advance_objects(
    record: Record,
    observed: Observed,
    changes: Iterable[Change],
    applied: Mapping[ObjectRef, RecordedObject],
    manager: str,
) -> Record:
    """The record with the objects of this run.

    What was applied is new; what needed nothing is taken over as it is, so that a lost record heals itself; what
    failed or was left alone keeps its entry; what is gone from git and from the cluster is forgotten.
    """
    objects = {ref: o for ref, o in record.objects.items() if ref not in observed.gone}
    live = {seen.manifest.ref: seen.live for seen in observed.objects}
    live |= {orphan.ref: orphan.live for orphan in observed.orphans}
    for change in changes:
        seen = live.get(change.ref)
        if change.ref in applied:
            objects[change.ref] = applied[change.ref]
        elif seen and change.state in (State.UNCHANGED, State.KEPT):
            taken = _taken_over(objects.get(change.ref), change, seen.body(), manager)
            if taken:
                objects[change.ref] = taken
    return replace(record, objects=objects)


def _taken_over(
    old: RecordedObject | None, change: Change, live: JsonObject, manager: str
) -> RecordedObject | None:
    ours = applied_by(live, manager)
    if ours is None:
        return old
    owned = Document.of(ours)
    if old and old.uid == change.uid:
        return replace(old, owned=owned, digest=change.content or old.digest)
    created = str(dig(live, "metadata", "creationTimestamp") or "")
    return RecordedObject(change.uid, "", change.content, owned, created)


def advance_secrets(record: Record, rows: Iterable[SecretRow], now: str) -> Record:
    """The record with the secrets of this run; a reference that git does not have any more is forgotten.

    What was not read keeps its entry: a failed read is never a rotation, nor the end of one.
    """
    advanced: dict[SecretKey, RecordedSecret] = {}
    for row in rows:
        key = row.key
        old = record.secrets.get(key)
        if row.recorded or row.reading.state in NOT_READ:
            if old:
                advanced[key] = old
            continue
        advanced[key] = _recorded(row, old, now)
    moved = replace(record, secrets=advanced)
    return moved if moved.secrets == record.secrets else replace(moved, observed=now)


def _recorded(row: SecretRow, old: RecordedSecret | None, now: str) -> RecordedSecret:
    reading = row.reading
    same = old and old.state is reading.state and row.rotation is Rotation.NONE
    if same and old and old.key == reading.key:
        return old
    return RecordedSecret(
        state=reading.state,
        key=reading.key,
        fingerprint=reading.fingerprint,
        since=row.since if row.rotation is Rotation.ROTATED and row.since else now,
        previous=row.before if row.rotation is Rotation.ROTATED else None,
    )
