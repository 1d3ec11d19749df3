"""The record: what a run leaves for the next. It has field ownership and fingerprints, but no values.

`config_map.py` packs it into the environment's ConfigMap, `stored.py` and `stored_rotations.py` convert it to JSON and
back, and `version1.py` upgrades a record of version 1. The JSON of version 2:

    schemaVersion     2. A program neither uses nor overwrites the record of a later version.
    environment, revision, applied, observed: see `Record`
    objects           one per object that we applied
      ref             [group, kind, namespace, name]
      uid, revision, digest, owned, applied, written, restored: see `RecordedObject`; `written` is left out if it is
                      unknown, and `restored` if it is false
    secrets           one per key of a Secret to which a reference in git may resolve
      namespace, name, key
      fingerprint     the last known one, "" if there is none; it is kept while the Secret is missing, empty,
                      malformed or forbidden, so that a later value can be compared
      since           when this fingerprint was first seen
      rotations       changes of what consumers read, oldest first, at most ROTATIONS (`rotations.py`)
        previous      fingerprint of the old value; "" if consumers read another key before
        opened        {time, revision, noticed, gap, gapSince, keyBefore}: see `Opening`
        closed        {time, how, revision, reason}: see `Closing`; a rotation without it is open
      acknowledged    {until, reason, time, revision}: see `Acknowledgement`; left out if there is none
      references      the fields that resolve to this key
        owner         [group, kind, namespace, name]
        path          field, as reports print it
        keys          the keys that it tries, in order, so that a change of git is told apart from one of the Secret
        reader        the kind of the consumers that read this key because of the field; left out for the operator
        optional      true if it may resolve to no key; else left out
        state, since  the state of the reference, and when it was first seen. References to one key can differ in
                      state: one consumer needs JSON, another takes any text. A reference that resolves
                      to no usable value stays with the key that it read last.
    watched           {time, revision} of the last recording run, renewed when it is a day old
    inSync            {time, revision} of the run that found `revision` in sync; left out if the last one did not

    history           the last runs that changed objects or found others' changes, oldest first (`history.py`):
                      {command, time, revision, objects: [[group, kind, namespace, name, state]], more, parts:
                      [[group, kind, namespace, name, state, field or key]], moreParts}; left out if there is none

The key `plans` of the top level is reserved. A program keeps keys that it does not know, at any level,
when it writes the record (`unknown`).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.document import NOTHING, Document
from reconciler.model.identity import ObjectRef
from reconciler.model.record.history import RecordedRun
from reconciler.model.record.rotations import (
    Acknowledgement,
    Closed,
    Closing,
    Moment,
    RecordedRotation,
)
from reconciler.model.secret import Fingerprint, SecretState, is_wrong

NEVER: Final = Moment()
ROTATIONS: Final = 10  # rotations of one Secret key in the record


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """The last apply of an object.

    Attributes:
        revision: of the last run with the object in git, also if it needed no write.
        digest: keyed digest of the manifest, "" without a fingerprint key.
        owned: the fields that we owned after it, in FieldsV1.
        applied: RFC 3339.
        written: the time of our managedFields entry after it, by the clock of the server; "" if it is unknown.
        restored: git does not have the object, and the record of its apply was lost: this entry is of the live object.
    """

    uid: str
    revision: str
    digest: str
    owned: Document
    applied: str
    written: str = ""
    restored: bool = False
    unknown: Document = NOTHING


@dataclass(frozen=True, order=True, slots=True)
class SecretKey:
    """A key of a Secret."""

    namespace: str
    name: str
    key: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name} [{self.key}]"


@dataclass(frozen=True, order=True, slots=True)
class ReferenceKey:
    """The identity of a reference: a field, the Secret that it names, and who reads it (`RecordedReference`)."""

    owner: ObjectRef
    path: str
    namespace: str
    name: str
    reader: str = ""


@dataclass(frozen=True, slots=True)
class RecordedReference:
    """A reference that resolves to a Secret key.

    Attributes:
        path: the field, as reports print it.
        since: RFC 3339, when this state, or this fingerprint, was first seen through this reference.
        keys: the keys that it tries, in order; () in the records of early versions.
        reader: the kind of the consumers that read another key than the operator because of this field, as
            `Kind.group`; "" for the operator.
        optional: it may resolve to no key; False in the records of early versions.
    """

    owner: ObjectRef
    path: str
    state: SecretState
    since: str
    keys: tuple[str, ...] = ()
    reader: str = ""
    optional: bool = False
    unknown: Document = NOTHING

    @property
    def wrong(self) -> bool:
        """Whether who reads it does not find the value that it needs; False if that is unknown."""
        return is_wrong(self.state, optional=self.optional)


@dataclass(frozen=True, slots=True)
class RecordedSecret:
    """A key of a Secret, and the references that resolve to it.

    Attributes:
        fingerprint: the last known one.
        since: RFC 3339, when it was first seen.
        rotations: oldest first.
        acknowledged: an acknowledgement ahead.
    """

    fingerprint: Fingerprint | None = None
    since: str = ""
    rotations: tuple[RecordedRotation, ...] = ()
    references: tuple[RecordedReference, ...] = ()
    acknowledged: Acknowledgement | None = None
    unknown: Document = NOTHING

    @property
    def open(self) -> RecordedRotation | None:
        """The rotation that nobody and nothing has dealt with yet."""
        return next((each for each in reversed(self.rotations) if each.closed is None), None)

    @property
    def gap(self) -> RecordedReference | None:
        """The reference that has been without a value for the longest time; None if another one has a value."""
        if any(reference.state is SecretState.OK for reference in self.references):
            return None
        return min(self.references, key=lambda reference: reference.since, default=None)

    def closing(self, closing: Closing) -> RecordedSecret:
        """The Secret key with every open rotation closed."""
        rotations = tuple(
            each if each.closed else replace(each, closed=closing) for each in self.rotations
        )
        return replace(self, rotations=rotations)

    def opening(self, rotation: RecordedRotation, at: Moment) -> RecordedSecret:
        """The Secret key with a further rotation, which supersedes an open one."""
        before = self.closing(Closing(at.time, Closed.SUPERSEDED.value, at.revision)).rotations
        return replace(self, rotations=(*before, rotation)[-ROTATIONS:])


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a reference resolved to, according to the record."""

    key: SecretKey
    secret: RecordedSecret
    reference: RecordedReference

    @property
    def fingerprint(self) -> Fingerprint | None:
        """The fingerprint of the value; None if the consumer could not use it."""
        return self.secret.fingerprint if self.reference.state is SecretState.OK else None


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one environment.

    Attributes:
        revision: the commit of the last complete apply, "" before the first.
        applied: RFC 3339, the time of that apply.
        observed: RFC 3339, when a run over all objects last changed `secrets`.
        watched: the last run that recorded; at most a day older than that.
        in_sync: the run that found `revision` in sync; NEVER if the last one that could tell did not.
        history: the last runs with news, oldest first.
    """

    environment: str
    revision: str = ""
    applied: str = ""
    observed: str = ""
    objects: dict[ObjectRef, RecordedObject] = field(default_factory=dict)
    secrets: dict[SecretKey, RecordedSecret] = field(default_factory=dict)
    watched: Moment = NEVER
    in_sync: Moment = NEVER
    history: tuple[RecordedRun, ...] = ()
    unknown: Document = NOTHING

    @property
    def resolutions(self) -> dict[ReferenceKey, Resolution]:
        """What each reference resolved to, by its identity."""
        return {
            ReferenceKey(used.owner, used.path, key.namespace, key.name, used.reader): Resolution(
                key, secret, used
            )
            for key, secret in self.secrets.items()
            for used in secret.references
        }

    def with_applied(self, applied: Mapping[ObjectRef, RecordedObject]) -> Record:
        """The record after an apply. It keeps unknown keys of an object that still has the same uid."""
        objects = dict(self.objects)
        for ref, new in applied.items():
            old = objects.get(ref, new)
            objects[ref] = replace(new, unknown=old.unknown) if old.uid == new.uid else new
        return replace(self, objects=objects)

    def without(self, refs: AbstractSet[ObjectRef]) -> Record:
        """The record without these objects."""
        objects = {ref: recorded for ref, recorded in self.objects.items() if ref not in refs}
        return replace(self, objects=objects)
