"""The lock of an environment: who may take it, when it is lost, and what a waiting run does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import Interrupted, LockError, RefusalReason, Refused, Unreachable
from reconciler.model.document import Document, dig
from reconciler.model.identity import Endpoint
from reconciler.model.lease import DURATION, LEASE, Lease, new_lease
from reconciler.ports import Cluster
from reconciler.stages.lock import Lock, LockInput, acquire, break_lock, read
from tests.fakes import Fault, FaultyCluster, NamedHolder, Signals, StoppedClock
from tests.stages.live import HOME, opened

NAME = "provider-reconciler-prod"
FIRST, SECOND = "runner-1/11/aaaa-1111", "runner-2/22/bbbb-2222"


@pytest.fixture
def cluster(tmp_path: Path) -> FaultyCluster:
    return FaultyCluster(opened(tmp_path))


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


def inputs(clock: StoppedClock, identity: str = FIRST, **settings: object) -> LockInput:
    ended = settings.pop("ended", frozenset())
    holder = NamedHolder(identity, ended)  # type: ignore[arg-type]
    return LockInput("prod", HOME, holder, clock, Signals(), **settings)  # type: ignore[arg-type]


def taken(settings: LockInput, cluster: FaultyCluster) -> Lock:
    lock = acquire(settings, cluster)
    assert lock is not None
    return lock


def spec(cluster: FaultyCluster) -> dict[str, object]:
    lease = cluster.inner.get(LEASE, HOME, NAME)
    assert lease is not None
    return dict(lease.body()["spec"])


def test_a_lock_is_a_lease_that_its_holder_releases(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    lock = taken(inputs(clock), cluster)
    assert spec(cluster) == {
        "holderIdentity": FIRST,
        "leaseDurationSeconds": DURATION,
        "acquireTime": "2026-08-01T12:00:00.000000Z",
        "renewTime": "2026-08-01T12:00:00.000000Z",
        "leaseTransitions": 0,
    }
    assert lock.release() == ""
    assert spec(cluster)["holderIdentity"] == ""
    second = taken(inputs(clock, SECOND), cluster)
    assert (spec(cluster)["holderIdentity"], spec(cluster)["leaseTransitions"]) == (SECOND, 1)
    second.release()


def test_a_run_that_does_not_wait_stops_and_says_who_holds_the_lock(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    lock = taken(inputs(clock), cluster)
    with pytest.raises(LockError) as caught:
        acquire(inputs(clock, SECOND), cluster)
    assert caught.value.message == (
        f"{FIRST} holds the lock {HOME}/{NAME} since 2026-08-01T12:00:00Z"
    )
    assert f"reconciler unlock prod {FIRST}" in caught.value.hint
    lock.release()


def test_the_name_of_a_holder_is_quoted_in_the_command_that_unlocks(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    cluster.inner.create(LEASE, new_lease(HOME, NAME, "a b; echo pwned", clock.now()))
    with pytest.raises(LockError) as caught:
        acquire(inputs(clock, SECOND), cluster)
    assert caught.value.hint.endswith("reconciler unlock prod 'a b; echo pwned'")


def test_a_run_that_waits_takes_the_lock_once_it_is_released(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    first = taken(inputs(clock), cluster)

    class ReleasesAfterThree(StoppedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.seconds >= 1003:
                first.release()

    second = taken(inputs(ReleasesAfterThree(), SECOND, wait=10.0), cluster)
    assert spec(cluster)["holderIdentity"] == SECOND
    second.release()


def test_a_run_waits_no_longer_than_it_is_asked_to(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    lock = taken(inputs(clock), cluster)
    waiting = StoppedClock()
    with pytest.raises(LockError):
        acquire(inputs(waiting, SECOND, wait=20.0), cluster)
    assert waiting.seconds == 1020
    lock.release()


def test_a_lock_that_nobody_renews_is_taken_after_its_duration_here_whatever_the_clocks_say(
    cluster: FaultyCluster,
) -> None:
    """A renewTime in the past proves nothing: the holder's clock may be late."""
    late = StoppedClock()
    late.time = late.time.replace(year=2020)
    cluster.inner.create(LEASE, new_lease(HOME, NAME, FIRST, late.now()))
    clock = StoppedClock()
    lock = taken(inputs(clock, SECOND), cluster)
    assert DURATION < clock.seconds - 1000 <= DURATION + 2
    lock.release()


def test_a_lease_of_another_program_without_a_renewal_is_not_waited_for_for_years(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    lease = new_lease(HOME, NAME, FIRST, clock.now()).body()
    lease["spec"] = {"holderIdentity": FIRST, "leaseDurationSeconds": 100_000}
    cluster.inner.create(LEASE, Document.of(lease))
    started = clock.seconds
    with pytest.raises(LockError):
        acquire(inputs(clock, SECOND), cluster)
    assert clock.seconds - started <= DURATION + 2


def test_a_lock_that_is_renewed_is_not_taken_although_its_clock_is_late(
    cluster: FaultyCluster,
) -> None:
    late = StoppedClock()
    late.time = late.time.replace(year=2020)
    cluster.inner.create(LEASE, new_lease(HOME, NAME, FIRST, late.now()))

    class RenewedMeanwhile(StoppedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if int(self.seconds) % 15 == 0:
                late.sleep(15)
                lease = read(HOME, NAME, cluster)
                assert lease is not None
                cluster.inner.replace(LEASE, lease.renewal(late.now()))

    with pytest.raises(LockError):
        acquire(inputs(RenewedMeanwhile(), SECOND), cluster)
    assert spec(cluster)["holderIdentity"] == FIRST


class FirstReadSlowly(FaultyCluster):
    """The first GET waits for its turn at a rate limit, for longer than a lock lasts."""

    def __init__(self, inner: Cluster, clock: StoppedClock) -> None:
        super().__init__(inner)
        self._clock = clock

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        if not self.calls:
            self._clock.sleep(DURATION + 10)
        return super().get(endpoint, namespace, name)


def test_a_lock_is_not_taken_because_the_look_at_it_took_long(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    """What a look shows was so when it was answered, and not when it was asked for."""
    cluster.inner.create(LEASE, new_lease(HOME, NAME, FIRST, clock.now()))
    slow = FirstReadSlowly(cluster.inner, clock)
    with pytest.raises(LockError):
        acquire(inputs(clock, SECOND, wait=DURATION + 11), slow)
    assert len(slow.of("get")) == 2
    assert spec(cluster)["holderIdentity"] == FIRST


def test_a_lock_lasts_from_when_it_was_taken(cluster: FaultyCluster, clock: StoppedClock) -> None:
    lock = acquire(inputs(clock), FirstReadSlowly(cluster.inner, clock))
    assert lock is not None
    assert not lock.lost
    lock.release()


def test_the_lock_of_a_process_of_this_machine_that_has_ended_is_taken_at_once(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    cluster.inner.create(LEASE, new_lease(HOME, NAME, FIRST, clock.now()))
    lock = taken(inputs(clock, SECOND, ended=frozenset({FIRST})), cluster)
    assert clock.seconds == 1000
    lock.release()


def test_of_two_runs_that_see_a_free_lock_one_takes_it(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    taken(inputs(clock), cluster).release()

    class TakenFirst(FaultyCluster):
        """Between the GET and the write of this run, another run takes the lock."""

        def replace(self, endpoint: object, body: Document) -> Document:
            if dig(body.body(), "spec", "holderIdentity") == SECOND:
                lease = read(HOME, NAME, cluster)
                if lease and not lease.holder:
                    cluster.inner.replace(LEASE, lease.taken(FIRST, clock.now()))
            return super().replace(endpoint, body)  # type: ignore[arg-type]

    with pytest.raises(LockError):
        acquire(inputs(clock, SECOND), TakenFirst(cluster.inner))
    assert spec(cluster)["holderIdentity"] == FIRST


class TestLost:
    @pytest.fixture
    def lock(self, cluster: FaultyCluster, clock: StoppedClock) -> Iterator[Lock]:
        lock = taken(inputs(clock), cluster)
        yield lock
        lock.release()

    def test_it_is_lost_before_another_run_may_take_it(
        self, lock: Lock, clock: StoppedClock
    ) -> None:
        clock.seconds += DURATION - 20
        assert not lock.lost
        clock.seconds += 10
        assert lock.lost, "10 seconds are left for a write that is already on its way"

    def test_a_renewal_keeps_it(
        self, lock: Lock, clock: StoppedClock, cluster: FaultyCluster
    ) -> None:
        clock.sleep(40)
        lock.renew()
        clock.sleep(40)
        assert not lock.lost
        assert spec(cluster)["renewTime"] == "2026-08-01T12:00:40.000000Z"

    def test_a_renewal_that_fails_is_tried_again(
        self, lock: Lock, clock: StoppedClock, cluster: FaultyCluster
    ) -> None:
        cluster.faults = (Fault(Unreachable("no route"), "replace", "Lease"),)
        clock.sleep(40)
        lock.renew()
        assert not lock.lost
        cluster.faults = ()
        lock.renew()
        clock.sleep(40)
        assert not lock.lost

    def test_it_is_lost_at_once_when_another_run_has_taken_it(
        self, lock: Lock, clock: StoppedClock, cluster: FaultyCluster
    ) -> None:
        lease = read(HOME, NAME, cluster)
        assert lease is not None
        break_lock(lease, clock, cluster)
        lock.renew()
        assert lock.lost
        second = taken(inputs(clock, SECOND), cluster)
        assert lock.release() == "", "it has nothing to release"
        assert spec(cluster)["holderIdentity"] == SECOND, "nobody releases the lock of another run"
        second.release()

    def test_it_is_lost_at_once_when_it_is_gone(self, lock: Lock, cluster: FaultyCluster) -> None:
        gone = Refused(RefusalReason.NOT_FOUND, "leases not found")
        cluster.faults = (Fault(gone, "replace", "Lease"),)
        lock.renew()
        assert lock.lost


def test_a_lock_that_was_renewed_meanwhile_is_not_broken(
    cluster: FaultyCluster, clock: StoppedClock
) -> None:
    lock = taken(inputs(clock), cluster)
    lease = read(HOME, NAME, cluster)
    assert lease is not None
    clock.sleep(5)
    lock.renew()
    with pytest.raises(Refused) as caught:
        break_lock(lease, clock, cluster)
    assert caught.value.reason is RefusalReason.STALE
    lock.release()


def test_a_release_that_fails_is_reported(cluster: FaultyCluster, clock: StoppedClock) -> None:
    lock = taken(inputs(clock), cluster)
    cluster.faults = (Fault(Unreachable("no route"), "replace", "Lease"),)
    assert lock.release() == "the lock could not be released and expires in 60 s: no route"


def test_a_signal_ends_the_wait(cluster: FaultyCluster, clock: StoppedClock) -> None:
    lock = taken(inputs(clock), cluster)
    settings = LockInput(
        "prod", HOME, NamedHolder(SECOND), StoppedClock(), Signals(requested=True), 10.0
    )
    with pytest.raises(Interrupted):
        acquire(settings, cluster)
    lock.release()


def test_without_its_namespace_there_is_no_lock(tmp_path: Path, clock: StoppedClock) -> None:
    assert acquire(inputs(clock), FaultyCluster(opened(tmp_path, namespaces=("omnia",)))) is None


@pytest.mark.parametrize(
    "broken", [{}, {"spec": None}, {"spec": {"holderIdentity": 7, "renewTime": "yesterday"}}]
)
def test_a_lease_without_meaning_is_free(broken: dict[str, object], clock: StoppedClock) -> None:
    lease = Lease.of(Document.of({"metadata": {"name": NAME}, **broken}))
    assert (lease.holder, lease.duration) == ("", DURATION)
    assert lease.looks_expired(clock.now())
