"""The token bucket of a server: how many requests pass, in which order, and how waits end."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Interrupted, LockError
from reconciler.http.rate import Bucket, Turns

_EPSILON = 1e-6
_FOREVER = 10_000


class Simulated:
    """A clock that moves only while every thread sleeps, to the moment at which the first of them wakes.

    So one thread runs at a time, in the same order each time.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._moved = threading.Condition()
        self._numbers = count()
        self._asleep: list[tuple[float, int]] = []
        self._awake = 0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert self.now < _FOREVER, "somebody waits for ever"
        with self._moved:
            me = (self.now + seconds, next(self._numbers))
            heapq.heappush(self._asleep, me)
            self._rest()
            self._moved.wait_for(lambda: me not in self._asleep)

    def run(self, *works: Callable[[], object]) -> None:
        """Run each in a thread of its own, until all have ended."""

        failures: list[Exception] = []

        def lived(work: Callable[[], object]) -> None:
            self.sleep(0)
            try:
                work()
            except Exception as error:  # noqa: BLE001 -- the test raises it
                failures.append(error)
            with self._moved:
                self._rest()

        self._awake = len(works)
        threads = [threading.Thread(target=lived, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    def _rest(self) -> None:
        self._awake -= 1
        if self._awake == 0 and self._asleep:
            self.now = max(self.now, heapq.heappop(self._asleep)[0])
            self._awake = 1
            self._moved.notify_all()


def never() -> bool:
    return False


def bucket(time: Simulated, rate: float) -> Bucket:
    return Bucket(rate, time.clock, time.sleep)


def taken(rate: float, pauses: list[list[float]]) -> list[tuple[float, float]]:
    """When each request of some threads came, and when it took its token; a thread pauses before each."""
    time, times = Simulated(), []
    shared = bucket(time, rate)

    def client(before: list[float]) -> None:
        for pause in before:
            time.sleep(pause)
            came = time.now
            assert shared.take(never)
            times.append((came, time.now))

    time.run(*(lambda own=own: client(own) for own in pauses))
    return times


@given(
    st.floats(0.1, 50),
    st.lists(st.lists(st.floats(0, 3), min_size=1, max_size=8), min_size=1, max_size=8),
)
def test_no_window_has_more_than_the_rate_and_a_full_bucket(
    rate: float, pauses: list[list[float]]
) -> None:
    times = [at for _, at in taken(rate, pauses)]
    assert times == sorted(times)
    assert len(times) == sum(map(len, pauses)), "and none waits for ever"
    for first, begin in enumerate(times):
        for number, end in enumerate(times[first:], start=1):
            assert number <= max(1.0, rate) + rate * (end - begin) + _EPSILON


@given(
    st.floats(0.1, 50),
    st.lists(st.lists(st.floats(0, 3), min_size=1, max_size=8), min_size=1, max_size=8),
)
def test_who_comes_first_is_served_first(rate: float, pauses: list[list[float]]) -> None:
    came = [each for each, _ in taken(rate, pauses)]
    assert came == sorted(came)


@pytest.mark.parametrize(("rate", "at_once"), [(0.25, 1), (1, 1), (2.5, 2), (10, 10)])
def test_a_full_bucket_is_one_second_and_what_follows_waits_no_longer_than_it_must(
    rate: float, at_once: int
) -> None:
    times = [at for _, at in taken(rate, [[0.0] * 3] * 8)]
    assert times[:at_once] == [0.0] * at_once
    expected = [max(0.0, (number - max(1.0, rate)) / rate) for number in range(1, 25)]
    assert times == pytest.approx(expected, abs=_EPSILON)


def test_a_wait_that_ends_early_takes_no_token_and_holds_nobody_up() -> None:
    time = Simulated()
    shared = bucket(time, 0.1)
    served: list[float] = []

    def gives_up() -> None:
        assert not shared.take(lambda: time.now >= 2.0)
        assert time.now < 3.0

    def comes_later() -> None:
        time.sleep(2.5)
        assert shared.take(never)
        served.append(time.now)

    assert shared.take(never)
    time.run(*([gives_up] * 20), comes_later)
    assert served == [pytest.approx(10)], "the first token after the one that was there"


def test_threads_count_one_after_the_other() -> None:
    """Two that look at the bucket at the same time would take one token twice."""
    together = threading.Barrier(2)
    met: list[int] = []

    def clock() -> float:
        try:
            met.append(together.wait(timeout=0.2))
        except threading.BrokenBarrierError:
            together.reset()
        return 0.0

    shared = Bucket(100, clock)
    met.clear()
    threads = [threading.Thread(target=shared.take, args=(never,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not met, "while one counts, no other does"


class TestTurns:
    @pytest.fixture
    def time(self) -> Simulated:
        return Simulated()

    def waited(self, time: Simulated, turns: Turns, *, repeated: bool = False) -> list[Exception]:
        """What ends the wait of a request at an empty bucket."""
        raised: list[Exception] = []

        def wait() -> None:
            try:
                turns.wait("things llm/one", repeated=repeated)
            except (Interrupted, LockError) as error:
                raised.append(error)

        time.run(wait)
        return raised

    def empty(self, time: Simulated) -> Bucket:
        shared = bucket(time, 0.1)
        assert shared.take(never)
        return shared

    def test_a_signal_ends_a_wait(self, time: Simulated) -> None:
        turns = Turns(self.empty(time), lambda: time.now >= 2)
        (error,) = self.waited(time, turns)
        assert isinstance(error, Interrupted)
        assert str(error) == "things llm/one: interrupted before it was sent"
        assert time.now < 3

    def test_a_lost_lock_ends_a_wait(self, time: Simulated) -> None:
        turns = Turns(self.empty(time), never)
        turns.end_with(lambda: time.now >= 2)
        (error,) = self.waited(time, turns)
        assert isinstance(error, LockError)
        assert time.now < 3

    def test_what_a_run_sends_after_its_end_waits_as_ever(self, time: Simulated) -> None:
        """The record of what was done."""
        turns = Turns(self.empty(time), lambda: True)
        turns.end_with(lambda: True)
        assert self.waited(time, turns) == []
        assert time.now == pytest.approx(10)

    def test_a_signal_after_the_lock_was_lost_ends_a_wait(self, time: Simulated) -> None:
        turns = Turns(self.empty(time), lambda: time.now >= 2)
        turns.end_with(lambda: True)
        (error,) = self.waited(time, turns)
        assert isinstance(error, Interrupted)

    def test_a_request_that_was_sent_before_is_sent_again(self, time: Simulated) -> None:
        turns = Turns(self.empty(time), lambda: time.now >= 2)
        assert self.waited(time, turns, repeated=True) == []
        assert time.now == pytest.approx(10)
