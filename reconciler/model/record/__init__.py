"""The record: what a run leaves for the next. It has field ownership and fingerprints, but no values.

`config_map.py` packs it into the environment's ConfigMap, `stored.py` converts it to JSON and back, and `version1.py`
upgrades a record of version 1. The JSON of version 2:

    schemaVersion     2. A program neither uses nor overwrites the record of a later version.
    environment, revision, applied, observed: see `Record`
    objects           one per object that we applied
      ref             [group, kind, namespace, name]
      uid, revision, digest, owned, applied: see `RecordedObject`
    secrets           one per key of a Secret to which a reference in git may resolve
      namespace, name, key
      fingerprint     the last known one, "" if there is none; it is kept while the Secret is missing, empty,
                      malformed or forbidden, so that a later value can be compared
      since           when this fingerprint was first seen
      rotations       changes of the value, oldest first, at most ROTATIONS
        previous      fingerprint of the old value
        opened        {time, revision}: when the Secret was written, and the last applied commit
        closed        {time, how}; a rotation without it is open. This version closes every rotation when it records
                      it, with `how` "recorded"; `picked-up` and `acknowledged`, with a `reason`, are reserved.
      references      the fields that resolve to this key
        owner         [group, kind, namespace, name]
        path          field, as reports print it
        state, since  the state of the reference, and when it was first seen. References to one key can differ in
                      state: one consumer needs JSON, another takes any text.

The keys `plans` and `history` of the top level are reserved. A program keeps keys that it does not know, at any level,
when it writes the record (`unknown`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.secret import Fingerprint, SecretState

ROTATIONS: Final = 10  # rotations of one Secret key in the record
NOTHING: Final = Document("{}")


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """The last apply of an object.

    Attributes:
        digest: keyed digest of the manifest, "" without a fingerprint key.
        owned: the fields that we owned after it, in FieldsV1.
        applied: RFC 3339.
    """

    uid: str
    revision: str
    digest: str
    owned: Document
    applied: str
    unknown: Document = NOTHING


@dataclass(frozen=True, order=True, slots=True)
class SecretKey:
    """A key of a Secret."""

    namespace: str
    name: str
    key: str


@dataclass(frozen=True, order=True, slots=True)
class ReferenceKey:
    """The identity of a reference: a field, and the Secret that it names."""

    owner: ObjectRef
    path: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class RecordedReference:
    """A reference that resolves to a Secret key.

    Attributes:
        path: the field, as reports print it.
        since: RFC 3339, when this state, or this fingerprint, was first seen through this reference.
    """

    owner: ObjectRef
    path: str
    state: SecretState
    since: str
    unknown: Document = NOTHING


@dataclass(frozen=True, slots=True)
class RecordedSecret:
    """A key of a Secret, and the references that resolve to it.

    Attributes:
        fingerprint: the last known one.
        since: RFC 3339, when it was first seen.
        rotations: as stored.
    """

    fingerprint: Fingerprint | None = None
    since: str = ""
    rotations: tuple[Document, ...] = ()
    references: tuple[RecordedReference, ...] = ()
    unknown: Document = NOTHING


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
        observed: RFC 3339, when `secrets` last changed.
    """

    environment: str
    revision: str = ""
    applied: str = ""
    observed: str = ""
    objects: dict[ObjectRef, RecordedObject] = field(default_factory=dict)
    secrets: dict[SecretKey, RecordedSecret] = field(default_factory=dict)
    unknown: Document = NOTHING

    @property
    def resolutions(self) -> dict[ReferenceKey, Resolution]:
        """What each reference resolved to, by its identity."""
        return {
            ReferenceKey(used.owner, used.path, key.namespace, key.name): Resolution(
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
