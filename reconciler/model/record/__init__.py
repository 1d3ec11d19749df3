"""What the last run left for the next: who owned what, and what the Secrets were. No values.

`config_map.py` stores it in the environment's ConfigMap, as compressed JSON, by compare-and-swap; `stored.py` is that
JSON. Version 2 of it:

    schemaVersion     2. A program that meets a later version neither uses nor overwrites it.
    environment, revision, applied, observed: see `Record`
    objects           one per object that we applied
      ref             [group, kind, namespace, name]
      uid, revision, digest, owned, applied: see `RecordedObject`
    secrets           one per key of a Secret that git refers to, or falls back to
      namespace, name, key
      fingerprint     the last one that was read, "" if none ever was; it outlives a Secret that is missing, empty,
                      malformed or forbidden, so that the value that comes back can be compared
      since           when this fingerprint was first seen
      rotations       values that gave way to others, oldest first, at most ROTATIONS
        previous      fingerprint of the old value
        opened        {time, revision}: when the Secret was written, and the commit that was applied then
        closed        {time, how}; a rotation without it is open. This version closes each one when it records it:
                      its `how` is "recorded". Further ways are `picked-up` and `acknowledged`, with a `reason`.
      references      the fields that resolve to this key
        owner         [group, kind, namespace, name]
        path          field, as reports print it
        state, since  what it resolved to, and when that was first seen. They are the reference's own: one consumer
                      needs JSON in a key where another one takes any text, and references come and go.

The top level has room for `plans` and `history`; whoever writes a list bounds it. A key that this version does not
know, at any level, stays where it stands when the record is written again (`unknown`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.secret import Fingerprint, SecretState

ROTATIONS: Final = 10  # of one Secret key that are remembered
NOTHING: Final = Document("{}")


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """What we applied to one object.

    Attributes:
        digest: keyed digest of the manifest that was applied, "" without a key.
        owned: our FieldsV1 entry of the apply's answer.
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
    """One key of one Secret."""

    namespace: str
    name: str
    key: str


@dataclass(frozen=True, order=True, slots=True)
class ReferenceKey:
    """One field that refers to a Secret, whichever key of it is used."""

    owner: ObjectRef
    path: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class RecordedReference:
    """One field that resolves to a Secret key.

    Attributes:
        path: as reports print it.
        since: RFC 3339, when this state, or this fingerprint, was first seen through this field.
    """

    owner: ObjectRef
    path: str
    state: SecretState
    since: str
    unknown: Document = NOTHING


@dataclass(frozen=True, slots=True)
class RecordedSecret:
    """What is known of one Secret key.

    Attributes:
        fingerprint: the last one that was read.
        since: RFC 3339, when it was first seen.
        rotations: each as it is stored.
    """

    fingerprint: Fingerprint | None = None
    since: str = ""
    rotations: tuple[Document, ...] = ()
    references: tuple[RecordedReference, ...] = ()
    unknown: Document = NOTHING


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a reference resolved to, as the record has it."""

    key: SecretKey
    secret: RecordedSecret
    reference: RecordedReference

    @property
    def fingerprint(self) -> Fingerprint | None:
        """Of the value that the consumer had; None where it could not use what it found."""
        return self.secret.fingerprint if self.reference.state is SecretState.OK else None


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one environment.

    Attributes:
        revision: commit of the last apply that ran to its end; "" before the first.
        applied: RFC 3339, its time.
        observed: RFC 3339, when the secrets were last advanced.
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
        """What each reference resolved to."""
        return {
            ReferenceKey(used.owner, used.path, key.namespace, key.name): Resolution(
                key, secret, used
            )
            for key, secret in self.secrets.items()
            for used in secret.references
        }

    def with_applied(self, applied: Mapping[ObjectRef, RecordedObject]) -> Record:
        """The record after an apply; keys of a later version stay with an object that is still the same."""
        objects = dict(self.objects)
        for ref, new in applied.items():
            old = objects.get(ref, new)
            objects[ref] = replace(new, unknown=old.unknown) if old.uid == new.uid else new
        return replace(self, objects=objects)
