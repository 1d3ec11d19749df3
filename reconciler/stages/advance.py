"""Computes the next record from the objects and the Secrets of a run. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from reconciler.model.change import AS_IN_GIT, Change, Outcome, State
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Observed
from reconciler.model.record import (
    NEVER,
    Record,
    RecordedObject,
    RecordedReference,
    RecordedSecret,
    ReferenceKey,
    Resolution,
    SecretKey,
)
from reconciler.model.record.rotations import Closed, Closing, Moment, RecordedRotation
from reconciler.model.rotation import NOT_READ, SecretRow
from reconciler.model.secret import SecretReading, SecretState
from reconciler.semantics.ownership.queries import applied_at, applied_by

_WATCH_AGE: Final = timedelta(days=1)
_NOT_IN_GIT: Final = (State.KEPT, State.REMOVED)


def advance_objects(
    record: Record,
    observed: Observed,
    changes: Iterable[Change],
    applied: Mapping[ObjectRef, RecordedObject],
    manager: str,
    deleted: AbstractSet[ObjectRef] = frozenset(),
    revision: str = "",
) -> Record:
    """The record with the objects of this run.

    An applied object gets a new entry. The entry of an unchanged one comes from the live object, and so does that of
    any object of ours without one: this restores a lost record. An object that failed or was not applied keeps its
    entry. An object that is neither in git nor in the cluster loses it.

    An object of git is recorded with the revision of this run, even if it needed no write: an older revision, which
    may lack it, then deletes nothing.

    Args:
        deleted: what this run deleted.
        revision: of this run.
    """
    gone = observed.gone | deleted
    objects = dict(record.with_applied(applied).without(gone).objects)
    live = {each.manifest.ref: each.live for each in observed.objects}
    live |= {orphan.ref: orphan.live for orphan in observed.orphans}
    for change in changes:
        document = live.get(change.ref)
        unchanged = change.state in (State.UNCHANGED, *_NOT_IN_GIT)
        if change.ref in gone:
            continue
        if document and change.ref not in applied and (unchanged or change.ref not in objects):
            known = change if unchanged else replace(change, content="")
            entry = _entry_of_live(
                objects.get(change.ref), known, document.body(), manager, revision
            )
            if entry:
                objects[change.ref] = entry
    return replace(record, objects=objects)


def _entry_of_live(
    old: RecordedObject | None, change: Change, live: JsonObject, manager: str, revision: str
) -> RecordedObject | None:
    ours = applied_by(live, manager)
    if ours is None:
        return old
    owned, written = Document.of(ours), applied_at(live, manager)
    in_git = change.state is State.UNCHANGED
    if old and old.uid == change.uid:
        return replace(
            old,
            revision=revision if in_git and revision else old.revision,
            owned=owned,
            digest=change.content or old.digest,
            written=written,
            restored=old.restored and not in_git,
        )
    created = str(dig(live, "metadata", "creationTimestamp") or "")
    seen_at = revision if in_git else ""
    return RecordedObject(
        change.uid, seen_at, change.content, owned, created, written, restored=not in_git
    )


def is_complete(changes: Iterable[Change], outcomes: Iterable[Outcome]) -> bool:
    """Whether every object of git is as git has it after the apply."""
    return unapplied(changes, outcomes) == 0


def unapplied(changes: Iterable[Change], outcomes: Iterable[Outcome]) -> int:
    """The number of objects of git that the apply refused, skipped or failed to apply."""
    results = {outcome.ref: outcome.result for outcome in outcomes}
    in_git = (change for change in changes if change.state not in _NOT_IN_GIT)
    return sum(results.get(change.ref) not in AS_IN_GIT for change in in_git)


def advance_secrets(
    record: Record,
    rows: Iterable[SecretRow],
    at: Moment,
    selected: frozenset[ObjectRef] | None = None,
    unlisted: frozenset[str] | None = frozenset(),
) -> Record:
    """The record with the Secrets of this run.

    A Secret that was not read keeps its entry, since a failed read says nothing about a rotation. A reference that is
    no longer in git loses its entry, and so does a key to which no reference can resolve.

    Args:
        selected: the objects of `--only`, whose references the rows are; all others keep their entries.
        unlisted: the kinds of consumers that could not be listed everywhere, so that what the record says of those
            that no row has stays; None if the run listed no consumers.
    """
    known, rows = record.resolutions, tuple(rows)
    secrets = {} if selected is None else dict(record.secrets)
    references: dict[SecretKey, list[RecordedReference]] = defaultdict(list)
    for resolution in _unseen(known, rows, selected, unlisted):
        references[resolution.key].append(resolution.reference)
        secrets.setdefault(resolution.key, resolution.secret)
    for row in rows:
        old = known.get(row.identity)
        for key in (replace(row.key, key=key) for key in row.reference.keys):
            if key in record.secrets:
                secrets.setdefault(key, record.secrets[key])
        if row.recorded or row.reading.state in NOT_READ:
            if old:
                references[old.key].append(old.reference)
                before = secrets.get(old.key, old.secret)
                secrets[old.key] = _with_event(before, row.event, at)
            continue
        key = _last_read(row, old)
        references[key].append(_with_state(row, old, record.secrets.get(key), at))
        secrets[key] = _with_fingerprint(secrets.get(key, RecordedSecret()), row, at)
    advanced = {key: _with_references(s, references[key], at) for key, s in secrets.items()}
    if advanced == record.secrets:
        return record
    # A run over selected objects has not looked at the Secrets of others.
    return replace(
        record, secrets=advanced, observed=at.time if selected is None else record.observed
    )


def _unseen(
    known: Mapping[ReferenceKey, Resolution],
    rows: Iterable[SecretRow],
    selected: frozenset[ObjectRef] | None,
    unlisted: frozenset[str] | None,
) -> Iterator[Resolution]:
    """The entries of references that the run did not read."""
    looked_at = {row.identity for row in rows}
    for identity, resolution in known.items():
        left_out = selected is not None and identity.owner not in selected
        hidden = identity.reader and (unlisted is None or identity.reader in unlisted)
        if (left_out or hidden) and identity not in looked_at:
            yield resolution


def advance_watch(record: Record, at: Moment) -> Record:
    """The record with the time of this run, if the one in it is a day old: not every run writes the record."""
    try:
        age = datetime.fromisoformat(at.time) - datetime.fromisoformat(record.watched.time)
    except (ValueError, TypeError):  # the first time, or not a time
        return replace(record, watched=at)
    return record if timedelta(0) <= age < _WATCH_AGE else replace(record, watched=at)


def advance_in_sync(record: Record, at: Moment, *, in_sync: bool) -> Record:
    """The record with this run as the proof of its revision if it is in sync, and without a proof if not."""
    if not in_sync:
        return replace(record, in_sync=NEVER)
    return record if record.in_sync.revision == at.revision else replace(record, in_sync=at)


def _last_read(row: SecretRow, old: Resolution | None) -> SecretKey:
    """The key that a reference reads, or else the one that it read last, so that its value can be compared later."""
    if old and row.reading.state is not SecretState.OK and old.key.key in row.reference.keys:
        return old.key
    return row.key


def _with_state(
    row: SecretRow, old: Resolution | None, secret: RecordedSecret | None, at: Moment
) -> RecordedReference:
    reading, identity, keys = row.reading, row.identity, row.reference.keys
    optional = row.reference.optional
    if old is None:
        owner, path, reader = identity.owner, identity.path, identity.reader
        return RecordedReference(owner, path, reading.state, at.time, keys, reader, optional)
    same_key = reading.state is not SecretState.OK or old.key.key == reading.key
    if old.reference.state is reading.state and same_key and not _is_new(reading, secret):
        return replace(old.reference, keys=keys, optional=optional)
    since = _since(row, secret, at) if reading.state is SecretState.OK else at.time
    return replace(old.reference, state=reading.state, since=since, keys=keys, optional=optional)


def _is_new(reading: SecretReading, secret: RecordedSecret | None) -> bool:
    """Whether the record has another fingerprint, or none."""
    now, before = reading.fingerprint, secret.fingerprint if secret else None
    return now is not None and not (before and now.same(before))


def _since(row: SecretRow, secret: RecordedSecret | None, at: Moment) -> str:
    """Since when a value exists: for a rotation that this run noticed, when the Secret was written."""
    if row.event is None or _has(secret, row.event):
        return at.time
    return row.event.opened.time


def _with_fingerprint(secret: RecordedSecret, row: SecretRow, at: Moment) -> RecordedSecret:
    """A Secret key with the fingerprint that was read, or else with the last known one."""
    after = _with_event(secret, row.event, at)
    if not _is_new(row.reading, secret):
        return after
    return replace(after, fingerprint=row.reading.fingerprint, since=_since(row, secret, at))


def _with_event(
    secret: RecordedSecret, event: RecordedRotation | None, at: Moment
) -> RecordedSecret:
    """A Secret key with a rotation that this run noticed or closed."""
    if event is None:
        return secret
    if not _has(secret, event):
        return secret.opening(event, at)
    return secret.closing(event.closed) if event.closed else secret


def _has(secret: RecordedSecret | None, event: RecordedRotation) -> bool:
    """Whether the event is in the record. Two rotations within a second differ in their previous values."""
    rotations = secret.rotations if secret else ()
    return any((each.opened, each.previous) == (event.opened, event.previous) for each in rotations)


def _with_references(
    secret: RecordedSecret, references: list[RecordedReference], at: Moment
) -> RecordedSecret:
    """A Secret key with its references. If there are none, its rotation concerns nobody."""
    ordered = tuple(sorted(references, key=lambda used: (used.owner, used.path, used.reader)))
    if not ordered:
        secret = secret.closing(Closing(at.time, Closed.UNREAD.value, at.revision))
    return replace(secret, references=ordered)
