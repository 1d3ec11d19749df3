"""Secret references of a run, compared with the record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.record import ReferenceKey
from reconciler.model.secret import Fingerprint, SecretReading, SecretReference, SecretState

# Nothing was learned of the value: what the record says is the best that is known.
NOT_READ = frozenset({SecretState.FORBIDDEN, SecretState.UNAVAILABLE, SecretState.ERROR})


class Rotation(StrEnum):
    """What became of the value of a Secret reference since the record."""

    NONE = "none"
    ROTATED = "rotated"  # ok before and ok now, same key id, same reference, other fingerprint
    FIRST_SEEN = "first-seen"  # nothing recorded yet
    BASELINE_RESET = "baseline-reset"  # recorded under another key of the installation


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One reference of one provider: its state, and what became of it since the record.

    Attributes:
        rotation: NONE wherever the state is not ok.
        before: the recorded fingerprint, for a rotation.
        since: RFC 3339; for a rotation when the Secret was written, else since when this fingerprint is known.
        recorded: no value was read in this run: state and fingerprint are the record's (a review without the key).
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
        """What the record knows this reference by."""
        reference = self.reference
        return ReferenceKey(self.owner, reference.text, reference.namespace, reference.name)

    @property
    def wrong(self) -> bool:
        """Whether the consumer will not find what it needs (unknown states are not wrong)."""
        state = self.reading.state
        if state in (SecretState.MISSING_SECRET, SecretState.MISSING_KEY):
            return not self.reference.optional
        return state in (SecretState.EMPTY, SecretState.PLACEHOLDER, SecretState.MALFORMED)
