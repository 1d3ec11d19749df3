"""Secret references compared with the record."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from reconciler.frozen import dataclass
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.secret import (
    Fingerprint,
    SecretReading,
    SecretReference,
    SecretState,
    is_wrong,
)

if TYPE_CHECKING:  # a run without a cluster has no record
    from reconciler.model.record import ReferenceKey, SecretKey
    from reconciler.model.record.rotations import RecordedRotation

# In these states the value was not read, so the record has the last known state.
NOT_READ = frozenset({SecretState.FORBIDDEN, SecretState.UNAVAILABLE, SecretState.ERROR})


class Rotation(StrEnum):
    """How the value of a Secret key differs from the last known one, and whether someone has dealt with that."""

    NONE = "none"
    ROTATED = "rotated"  # another value than the last known one; open
    OTHER_KEY = (
        "other-key"  # consumers read another key of the Secret, although git is the same; open
    )
    PICKED_UP = "picked-up"  # rotated, and every consumer that can be checked has the new value
    ACKNOWLEDGED = "acknowledged"  # rotated, and acknowledged ahead
    BACK = "back"  # it was missing or unusable, and has the last known value again
    FIRST_SEEN = "first-seen"  # the record knows no value
    BASELINE_RESET = "baseline-reset"  # recorded with another fingerprint key


_NO_NEWS = frozenset({Rotation.NONE, Rotation.FIRST_SEEN, Rotation.BASELINE_RESET})


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A Secret reference of a provider, as its operator or consumers resolve it, compared with the record.

    Attributes:
        rotation: of the key of the Secret, so that it is the same for every reference that resolves to the key.
        before: the last known fingerprint, if the value differs.
        since: RFC 3339; for a rotation, when the Secret was written; otherwise when this state was first seen.
        recorded: this run did not read the value, so state and fingerprint are those of the record.
        event: the rotation as the record has it, or will have it.
        noticed: this run noticed the rotation; no earlier one recorded it.
        gap: the state in which the record has the reference, if it has a value again.
        readers: the consumers of one kind that read this key; () for the operator.
    """

    owner: ObjectRef
    reference: SecretReference
    reading: SecretReading
    rotation: Rotation = Rotation.NONE
    before: Fingerprint | None = None
    since: str = ""
    where: Location | None = None
    recorded: bool = False
    event: RecordedRotation | None = None
    noticed: bool = False
    gap: SecretState | None = None
    readers: tuple[ObjectRef, ...] = ()

    @property
    def identity(self) -> ReferenceKey:
        """The key of this reference in the record."""
        from reconciler.model.record import ReferenceKey

        reference = self.reference
        reader = str(self.readers[0].group_kind) if self.readers else ""
        return ReferenceKey(self.owner, reference.text, reference.namespace, reference.name, reader)

    @property
    def key(self) -> SecretKey:
        """The key of the Secret to which the reference resolves."""
        from reconciler.model.record import SecretKey

        return SecretKey(self.reference.namespace, self.reference.name, self.reading.key)

    @property
    def open(self) -> bool:
        """Whether a rotation of the key is open, in whatever state the key is now."""
        if self.event:
            return self.event.closed is None
        return self.rotation is Rotation.ROTATED  # a report of an early version has no event

    @property
    def rotated_at(self) -> str:
        """RFC 3339: a pod that started after it has the new value of a rotated key."""
        return self.event.opened.time if self.event else self.since

    @property
    def wrong(self) -> bool:
        """Whether the consumer will not find the value that it needs; False if the state is unknown."""
        return is_wrong(self.reading.state, optional=self.reference.optional)

    @property
    def has_news(self) -> bool:
        """Whether the value differs from the last known one, or was away, or a rotation is open."""
        return self.open or self.rotation not in _NO_NEWS


def reported(rows: Iterable[SecretRow]) -> tuple[SecretRow, ...]:
    """The rows of a report: those of operators, and those of consumers with news that no row of an operator tells."""
    rows = tuple(rows)
    of_operators = [row for row in rows if not row.readers]
    keys = {row.key for row in of_operators if row.event or row.reading.state is SecretState.OK}
    return tuple(row for row in rows if not row.readers or (row.has_news and row.key not in keys))
