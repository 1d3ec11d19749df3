"""Locks an environment, so that two applies never write at the same time.

The lock is a Lease beside the record; every write to it is a compare-and-swap. A run takes a Lease that nobody holds,
that its holder has not renewed for its whole duration (measured here, by a monotonic clock, because the clocks of two
machines differ), or whose holder was a process of this machine that has ended. While it holds the lock, a thread renews
it. A run that could not renew it in time stops before its next write, well before another run may take the lock.
What remains is one write that was already on its way when the lock expired; its preconditions still protect the object.
"""

from __future__ import annotations

import threading
from dataclasses import field

from reconciler.errors import ClusterError, Interrupted, LockError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.applyset import parent_name
from reconciler.model.command import Invocation
from reconciler.model.lease import DURATION, LEASE, Lease, new_lease
from reconciler.ports import Clock, Cluster, Holder, Stop

_RENEW = 15.0  # seconds between renewals
_SAFE = 45.0  # seconds after a renewal in which this run may write; others wait for DURATION
_POLL = 1.0  # seconds between two looks at a lock that another run holds
_MOVED = {RefusalReason.STALE, RefusalReason.EXISTS, RefusalReason.NOT_FOUND}


@dataclass(frozen=True, slots=True)
class LockInput:
    """Where the lock is, and how to wait for it.

    Attributes:
        wait: seconds for a lock that another run holds.
        invocation: what the command repeats that releases it.
    """

    environment: str
    namespace: str
    holder: Holder
    clock: Clock
    stop: Stop
    wait: float = 0.0
    invocation: Invocation = field(default_factory=Invocation)

    @property
    def name(self) -> str:
        """The Lease is named as the ConfigMap of the record."""
        return parent_name(self.environment)


class Lock:
    """The lock of an environment while this run holds it. Its methods may be called from several threads."""

    def __init__(self, inputs: LockInput, cluster: Cluster, lease: Lease, sent: float) -> None:
        self._inputs = inputs
        self._cluster = cluster
        self._lease = lease
        self._renewed = sent  # when the last renewal was sent; the server counts from a later time
        self._taken = False
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._renew_regularly, daemon=True)
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Whether this run may no longer write: it could not renew the lock in time, or another run has taken it."""
        return self._taken or self._inputs.clock.monotonic() - self._renewed > _SAFE

    def renew(self) -> None:
        """Renew the lock. If this fails, the next renewal tries again; `lost` says when it is too late."""
        with self._writing:
            if self._taken or self._ended.is_set():
                return
            sent = self._inputs.clock.monotonic()
            try:
                body = self._lease.renewal(self._inputs.clock.now())
                self._lease = Lease.of(self._cluster.replace(LEASE, body))
                self._renewed = sent
            except Refused as refused:
                self._taken = refused.reason in _MOVED
            except ClusterError:
                pass

    def release(self) -> str:
        """Release the lock. Returns why that failed; "" if it did not."""
        self._ended.set()
        with self._writing:
            if self._taken:
                return ""
            try:
                self._cluster.replace(LEASE, self._lease.released(self._inputs.clock.now()))
            except ClusterError as error:
                return (
                    f"the lock could not be released and expires in {DURATION} s: {error.message}"
                )
        return ""

    def _renew_regularly(self) -> None:
        while not self._ended.wait(_RENEW):
            self.renew()


def acquire(inputs: LockInput, cluster: Cluster) -> Lock | None:
    """Lock an environment; None if its namespace does not exist yet, so that nothing can be written either.

    Raises:
        LockError: another run holds the lock, and has not released it in time.
        Interrupted: a signal ended the wait.
        Refused: FORBIDDEN, without permission for Leases.
    """
    clock = inputs.clock
    started = clock.monotonic()
    # The version of another run's Lease, and since when it has not changed.
    looked_at, since = "", started
    while True:
        sent = clock.monotonic()
        lease = read(inputs.namespace, inputs.name, cluster)
        answered = clock.monotonic()  # much later, if the request waited for its turn
        if lease and lease.version != looked_at:
            looked_at, since = lease.version, answered
        if lease is None or _is_free(inputs, lease, sent - since):
            try:
                return Lock(inputs, cluster, _take(inputs, cluster, lease), answered)
            except Refused as refused:
                if refused.reason is RefusalReason.NO_NAMESPACE:
                    return None
                if refused.reason not in _MOVED:
                    raise
        if lease and sent - started >= _patience(inputs, lease):
            raise _held(inputs, lease)
        clock.sleep(_POLL)
        if inputs.stop.requested:
            raise Interrupted("interrupted while it waited for the lock; nothing was written")


def read(namespace: str, name: str, cluster: Cluster) -> Lease | None:
    """The Lease of an environment; None if it does not exist."""
    document = cluster.get(LEASE, namespace, name)
    return None if document is None else Lease.of(document)


def break_lock(lease: Lease, clock: Clock, cluster: Cluster) -> None:
    """Release a lock that another run holds; that run stops before its next write.

    Raises:
        Refused: STALE if it was renewed or released meanwhile.
    """
    cluster.replace(LEASE, lease.released(clock.now()))


def _is_free(inputs: LockInput, lease: Lease, unchanged: float) -> bool:
    if not lease.holder or inputs.holder.has_ended(lease.holder):
        return True
    return unchanged > lease.duration


def _patience(inputs: LockInput, lease: Lease) -> float:
    """Seconds to wait for a lock: for one that looks expired, until it certainly is.

    Another program may have promised years; this one never promises more than DURATION.
    """
    if lease.looks_expired(inputs.clock.now()):
        return max(inputs.wait, min(lease.duration, DURATION) + 2 * _POLL)
    return inputs.wait


def _take(inputs: LockInput, cluster: Cluster, lease: Lease | None) -> Lease:
    holder, now = inputs.holder.identity, inputs.clock.now()
    if lease is None:
        return Lease.of(
            cluster.create(LEASE, new_lease(inputs.namespace, inputs.name, holder, now))
        )
    return Lease.of(cluster.replace(LEASE, lease.taken(holder, now)))


def _held(inputs: LockInput, lease: Lease) -> LockError:
    since = lease.acquired.partition(".")[0]
    return LockError(
        f"{lease.holder} holds the lock {inputs.namespace}/{inputs.name}"
        + (f" since {since}Z" if since else ""),
        hint="wait for that run, or raise --lock-wait; if it has ended without releasing the lock: "
        + inputs.invocation.command("unlock", inputs.environment, lease.holder),
    )
