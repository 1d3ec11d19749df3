"""The life of a rotation in the record: opened by the run that noticed it, closed by a pick-up or by a person."""

from __future__ import annotations

from enum import StrEnum

from reconciler.frozen import dataclass
from reconciler.model.document import NOTHING, Document
from reconciler.model.secret import SecretState


class Closed(StrEnum):
    """How a rotation was closed. The record keeps other words, which a later version may have written."""

    PICKED_UP = "picked-up"  # every consumer that can be checked has the new value
    ACKNOWLEDGED = "acknowledged"  # `reconciler acknowledge`
    SUPERSEDED = "superseded"  # the value changed again
    UNREAD = "unread"  # no reference reads the key any more
    RECORDED = "recorded"  # early versions closed each rotation in the run that recorded it


@dataclass(frozen=True, slots=True)
class Moment:
    """When a run did something, RFC 3339, and the git revision that it read."""

    time: str = ""
    revision: str = ""
    unknown: Document = NOTHING


@dataclass(frozen=True, slots=True)
class Opening:
    """How a rotation began.

    Attributes:
        time: RFC 3339, when the key was written, or else when a run noticed the rotation.
        revision: the git revision of the run that noticed it.
        noticed: RFC 3339, when that run was; "" in the records of early versions.
        gap: the state in which the record had the references before; "" if the value changed without a gap.
        gap_since: RFC 3339, when that state was first seen.
        key_before: the key of the Secret that consumers read before, if they read another one now.
    """

    time: str
    revision: str = ""
    noticed: str = ""
    gap: str = ""
    gap_since: str = ""
    key_before: str = ""
    unknown: Document = NOTHING

    @property
    def gap_state(self) -> SecretState | None:
        """The state of the gap; None without one, or if this version does not know the state."""
        return next((state for state in SecretState if state.value == self.gap), None)


@dataclass(frozen=True, slots=True)
class Closing:
    """How a rotation ended.

    Attributes:
        how: a word of `Closed`, or of a later version.
        revision: the git revision of the run that closed it.
        reason: of an acknowledgement.
    """

    time: str
    how: str
    revision: str = ""
    reason: str = ""
    unknown: Document = NOTHING


@dataclass(frozen=True, slots=True)
class RecordedRotation:
    """A rotation of a Secret key.

    Attributes:
        previous: the fingerprint before it; "" if consumers read another key before.
        closed: None while it is open.
    """

    previous: str
    opened: Opening
    closed: Closing | None = None
    unknown: Document = NOTHING


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An acknowledgement ahead: a rotation that a run notices before its end is closed at once.

    Attributes:
        until: RFC 3339, its end.
        time: RFC 3339, when it was given; `revision` is the git revision at that time.
    """

    until: str
    reason: str
    time: str
    revision: str = ""
    unknown: Document = NOTHING

    def covers(self, time: str) -> bool:
        """Whether it is still valid. Both times are RFC 3339 in UTC with whole seconds, so their texts compare."""
        return time <= self.until

    def closing(self, at: Moment) -> Closing:
        return Closing(at.time, Closed.ACKNOWLEDGED, at.revision, self.reason)
