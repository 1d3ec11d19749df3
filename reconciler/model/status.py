"""What the record says about an environment, without a look at its objects and Secrets."""

from __future__ import annotations

from reconciler.errors import ExitCode
from reconciler.frozen import dataclass
from reconciler.model.record import NEVER, RecordedReference, RecordedSecret, SecretKey
from reconciler.model.record.rotations import Acknowledgement, Moment, RecordedRotation
from reconciler.model.run import ClusterIdentity, RunError


@dataclass(frozen=True, slots=True)
class SecretStatus:
    """A key of a Secret: who reads it, and its rotations, oldest first.

    Attributes:
        acknowledged: an acknowledgement ahead; it may have ended.
    """

    secret: SecretKey
    references: tuple[RecordedReference, ...] = ()
    rotations: tuple[RecordedRotation, ...] = ()
    acknowledged: Acknowledgement | None = None

    @classmethod
    def of(cls, key: SecretKey, recorded: RecordedSecret) -> SecretStatus:
        return cls(key, recorded.references, recorded.rotations, recorded.acknowledged)

    @property
    def open(self) -> RecordedRotation | None:
        """The rotation that nobody and nothing has dealt with yet."""
        return next((each for each in reversed(self.rotations) if each.closed is None), None)

    @property
    def wrong(self) -> tuple[RecordedReference, ...]:
        """The references that resolve to no usable value, as the last run saw it."""
        return tuple(each for each in self.references if each.wrong)


@dataclass(frozen=True, slots=True)
class LockStatus:
    """The lock of an environment.

    Attributes:
        holder: the run that holds it; "" if none does.
        acquired, renewed: RFC 3339; "" if no run holds it.
        expired: it was not renewed in time, if the clocks agree: the next apply takes it.
        unread: why it could not be read.
    """

    holder: str = ""
    acquired: str = ""
    renewed: str = ""
    expired: bool = False
    unread: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """The record of one environment.

    Attributes:
        cluster: None if the environment cannot be used.
        applied: the last complete apply; no time before the first one, or without a record.
        watched: the last run that recorded; it is renewed when it is a day old, so it may be a day too old.
        objects: the number of objects that it holds.
        recorded: False if the cluster has no record: nothing was ever applied, or somebody removed it.
        changed_by_others: the number of objects that the last watch found otherwise than in git, or an apply left so.
        lock: who holds it; None if the environment cannot be used.
        notes: why there is nothing to show.
    """

    name: str
    exit_code: ExitCode = ExitCode.OK
    cluster: ClusterIdentity | None = None
    applied: Moment = NEVER
    watched: Moment = NEVER
    objects: int = 0
    secrets: tuple[SecretStatus, ...] = ()
    recorded: bool = True
    changed_by_others: int = 0
    lock: LockStatus | None = None
    notes: tuple[str, ...] = ()
    error: RunError | None = None
