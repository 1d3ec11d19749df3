"""Computes the next record from the objects and the Secrets of a run. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.model.change import Change, State
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Observed
from reconciler.model.record import (
    ROTATIONS,
    Record,
    RecordedObject,
    RecordedReference,
    RecordedSecret,
    Resolution,
    SecretKey,
)
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

    An applied object gets a new entry. The entry of an unchanged one comes from the live object, and so does that of
    any object of ours without one: this restores a lost record. An object that failed or was not applied keeps its
    entry. An object that is neither in git nor in the cluster loses it.
    """
    after = record.with_applied(applied).objects
    objects = {ref: o for ref, o in after.items() if ref not in observed.gone}
    live = {each.manifest.ref: each.live for each in observed.objects}
    live |= {orphan.ref: orphan.live for orphan in observed.orphans}
    for change in changes:
        document = live.get(change.ref)
        unchanged = change.state in (State.UNCHANGED, State.KEPT)
        if document and change.ref not in applied and (unchanged or change.ref not in objects):
            known = change if unchanged else replace(change, content="")
            entry = _entry_of_live(objects.get(change.ref), known, document.body(), manager)
            if entry:
                objects[change.ref] = entry
    return replace(record, objects=objects)


def _entry_of_live(
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
    """The record with the secrets of this run.

    A Secret that was not read keeps its entry, since a failed read says nothing about a rotation. A reference that is
    no longer in git loses its entry, and so does a key to which no reference can resolve.
    """
    known = record.resolutions
    secrets: dict[SecretKey, RecordedSecret] = {}
    references: dict[SecretKey, list[RecordedReference]] = defaultdict(list)
    # Rotations come first, because a new reference to the same key has no old value.
    for row in sorted(rows, key=lambda row: row.rotation is not Rotation.ROTATED):
        old = known.get(row.identity)
        for key in _keys(row, old):
            if key in record.secrets:
                secrets.setdefault(key, record.secrets[key])
        if row.recorded or row.reading.state in NOT_READ:
            if old:
                references[old.key].append(old.reference)
            continue
        key = _key(row, row.reading.key)
        reference = _with_state(row, old, now)
        references[key].append(reference)
        secret = secrets.get(key, RecordedSecret())
        secrets[key] = _with_fingerprint(secret, row, reference.since, record.revision, now)
    advanced = {
        key: replace(secret, references=tuple(sorted(references[key], key=_order)))
        for key, secret in secrets.items()
    }
    if advanced == record.secrets:
        return record
    return replace(record, secrets=advanced, observed=now)


def _order(reference: RecordedReference) -> tuple[ObjectRef, str]:
    return reference.owner, reference.path


def _keys(row: SecretRow, old: Resolution | None) -> Iterable[SecretKey]:
    """Every key to which a reference can resolve, and the one to which it resolved before."""
    yield from (_key(row, key) for key in row.reference.keys)
    if old:
        yield old.key


def _key(row: SecretRow, key: str) -> SecretKey:
    return SecretKey(row.reference.namespace, row.reference.name, key)


def _with_state(row: SecretRow, old: Resolution | None, now: str) -> RecordedReference:
    reading, identity = row.reading, row.identity
    if old is None:
        return RecordedReference(identity.owner, identity.path, reading.state, now)
    same = old.reference.state is reading.state and row.rotation is Rotation.NONE
    if same and old.key.key == reading.key:
        return old.reference
    since = row.since if row.rotation is Rotation.ROTATED and row.since else now
    return replace(old.reference, state=reading.state, since=since)


def _with_fingerprint(
    secret: RecordedSecret, row: SecretRow, since: str, revision: str, now: str
) -> RecordedSecret:
    """A Secret key with the fingerprint that was read, or else with the last known one."""
    fingerprint = row.reading.fingerprint
    if fingerprint is None or (secret.fingerprint and fingerprint.same(secret.fingerprint)):
        return secret
    rotations = secret.rotations
    if row.rotation is Rotation.ROTATED:
        rotation = {
            "previous": str(row.before),
            "opened": {"time": since, "revision": revision},
            "closed": {"time": now, "how": "recorded"},
        }
        rotations = (*rotations, Document.of(rotation))[-ROTATIONS:]
    return replace(secret, fingerprint=fingerprint, since=since, rotations=rotations)
