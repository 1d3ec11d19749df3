"""The history in the record: bounded, only news, and no later version or edit breaks it."""

from __future__ import annotations

from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.history import (
    OBJECTS,
    RUNS,
    RecordedRun,
    Touched,
    history_of,
    with_run,
)
from reconciler.model.record.stored import from_json, to_json

REF = ObjectRef("omnia.altairalabs.ai", "Provider", "omnia", "claude")
TOUCHED = Touched(REF, "drifted")


def drift(*touched: Touched, time: str = "t") -> RecordedRun:
    return RecordedRun.of("drift", time, "c", touched)


def apply(*touched: Touched) -> RecordedRun:
    return RecordedRun.of("apply", "t", "c", touched)


def test_only_news_are_kept() -> None:
    assert with_run((), drift()) == with_run((), apply()) == ()
    runs = with_run((), drift(TOUCHED))
    assert with_run(runs, drift(TOUCHED, time="later")) == runs
    other = with_run(runs, drift(Touched(REF, "missing")))
    assert len(other) == 2
    over = with_run(other, drift())
    assert over[-1].objects == ()
    assert with_run(over, drift()) == over
    applied = with_run(over, apply(TOUCHED))
    assert with_run(applied, apply(TOUCHED)) != applied, "each apply that wrote"
    assert with_run(applied, drift()) == applied, "an apply ends the drift"


def test_it_is_bounded() -> None:
    refs = [ObjectRef("g", "K", "n", f"o{number:03}") for number in range(OBJECTS + 5)]
    run = apply(*(Touched(ref, "new") for ref in reversed(refs)))
    assert ([each.ref for each in run.objects], run.more) == (refs[:OBJECTS], 5)
    runs: tuple[RecordedRun, ...] = ()
    for number in range(RUNS + 3):
        runs = with_run(runs, RecordedRun("apply", str(number), "c", (TOUCHED,)))
    assert [run.time for run in runs] == [str(number) for number in range(3, RUNS + 3)]


def test_the_record_keeps_it_and_what_a_later_version_adds() -> None:
    record = Record("prod", history=(apply(TOUCHED), drift(TOUCHED)))
    body = to_json(record)
    assert from_json(body) == record
    body["history"][0]["later"] = {"a": 1}
    assert to_json(from_json(body)) == body
    assert "history" not in to_json(Record("prod"))


def test_what_is_no_history_is_left_out() -> None:
    (good,) = to_json(Record("prod", history=(apply(TOUCHED),)))["history"]
    bad = [None, 1, {}, good | {"objects": [["a"]]}, good | {"objects": None}]
    assert history_of({"history": [*bad, good]}) == (apply(TOUCHED),)
    for value in (None, 1, "a", {"a": 1}):
        assert history_of({"history": value}) == ()
