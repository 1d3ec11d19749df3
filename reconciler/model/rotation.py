"""Secret references compared with the record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.record import ReferenceKey
from reconciler.model.secret import Fingerprint, SecretReading, SecretReference, SecretState

# In these states the value was not read, so the record has the last known state.
NOT_READ = frozenset({SecretState.FORBIDDEN, SecretState.UNAVAILABLE, SecretState.ERROR})

# The consumer reads something that is not the key that it needs.
_WRONG = frozenset(
    {SecretState.EMPTY, SecretState.PLACEHOLDER, SecretState.MALFORMED, SecretState.REFUSED}
)


class Rotation(StrEnum):
    """How the value of a Secret reference has changed since the record."""

    NONE = "none"
    ROTATED = (
        "rotated"  # ok before and ok now, with another fingerprint of the same fingerprint key
    )
    FIRST_SEEN = "first-seen"  # not in the record
    BASELINE_RESET = "baseline-reset"  # recorded with another fingerprint key


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A Secret reference of a provider: its state, and how it has changed since the record.

    Attributes:
        rotation: NONE unless the state is ok.
        before: the recorded fingerprint, for a rotation.
        since: RFC 3339; for a rotation, when the Secret was written; otherwise when this state was first seen.
        recorded: this run did not read the value, so state and fingerprint are those of the record.
    """

    owner: ObjectRef
    reference: SecretReference
    reading: SecretReading
    rotation: Rotation = Rotation.NONE
    before: Fingerprint | None = None
    since: str = ""
    where: Location | None = None
    recorded: bool = False

    @property
    def identity(self) -> ReferenceKey:
        """The key of this reference in the record."""
        reference = self.reference
        return ReferenceKey(self.owner, reference.text, reference.namespace, reference.name)

    @property
    def wrong(self) -> bool:
        """Whether the consumer will not find the value that it needs; False if the state is unknown."""
        state = self.reading.state
        if state in (SecretState.MISSING_SECRET, SecretState.MISSING_KEY):
            return not self.reference.optional
        return state in _WRONG
