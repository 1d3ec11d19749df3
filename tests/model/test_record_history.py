"""The history in the record: bounded, only news, and no later version or edit breaks it."""

from __future__ import annotations

from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.history import (
    ADDED,
    OBJECTS,
    PARTS,
    RUNS,
    Part,
    RecordedRun,
    Touched,
    history_of,
    with_run,
)
from reconciler.model.record.stored import from_json, to_json

REF = ObjectRef("omnia.altairalabs.ai", "Provider", "omnia", "claude")
TOUCHED = Touched(REF, "drifted")
PART = Part(REF, ADDED, "spec.baseURL")


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
    assert with_run(applied, drift(TOUCHED)) == (*applied, drift(TOUCHED))


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


def with_parts(*parts: Part, time: str = "t", touched: tuple[Touched, ...] = ()) -> RecordedRun:
    return RecordedRun.of("drift", time, "c", touched, parts)


def test_what_was_added_or_is_missing_is_news_and_bounded() -> None:
    runs = with_run((), with_parts(PART))
    assert [run.parts for run in runs] == [(PART,)]
    assert with_run(runs, with_parts(PART, time="later")) == runs
    assert len(with_run(runs, with_parts(PART, Part(REF, ADDED, "spec.headers")))) == 2
    assert with_run(runs, drift())[-1].parts == ()
    applied = with_run(runs, RecordedRun.of("apply", "t", "c", [TOUCHED], [PART]))
    assert len(applied) == 2
    assert with_run(applied, with_parts(PART)) == applied, "an apply leaves it as it is"
    assert applied[-1].changed_by_others == 1
    assert with_run(applied, drift())[-1].parts == ()
    many = [Part(REF, ADDED, f"spec.{number:03}" + "x" * 5_000) for number in range(PARTS + 5)]
    run = with_parts(*many, many[0])
    assert (len(run.parts), run.more_parts) == (PARTS, 5)
    assert with_parts(PART).more_parts == 0
    assert max(len(part.name) for part in run.parts) == 200, "whoever adds a field names it"


def test_an_object_with_added_fields_is_changed_by_others() -> None:
    key = Part(ObjectRef("", "Secret", "llm", "openai"), "missing-secret", "api-key")
    other = Touched(ObjectRef("g", "K", "n", "o"), "drifted")
    assert with_parts(PART, key).changed_by_others == 1
    assert with_parts(PART, key, touched=(TOUCHED, other)).changed_by_others == 2


def test_the_record_keeps_parts_and_reads_a_record_without_them() -> None:
    record = Record("prod", history=(with_parts(PART, touched=(TOUCHED,)),))
    body = to_json(record)
    assert from_json(body) == record
    (run,) = body["history"]
    assert run["objects"] == [[*("omnia.altairalabs.ai", "Provider", "omnia", "claude", "drifted")]]
    del run["parts"]
    assert from_json(body).history == (drift(TOUCHED),)


def test_the_record_keeps_how_many_more_there_were() -> None:
    refs = [ObjectRef("g", "K", "n", f"o{number:03}") for number in range(OBJECTS + 5)]
    parts = [Part(REF, ADDED, f"spec.{number:03}") for number in range(PARTS + 3)]
    many = with_parts(*parts, touched=tuple(Touched(ref, "new") for ref in refs))
    few = with_parts(PART, touched=(TOUCHED,))
    body = to_json(Record("prod", history=(many, few)))
    assert from_json(body).history == (many, few)
    long, short = body["history"]
    assert (long["more"], long["moreParts"]) == (5, 3)
    assert not {"more", "moreParts"} & set(short)
    assert "parts" not in to_json(Record("prod", history=(drift(TOUCHED),)))["history"][0]
    (odd,) = history_of({"history": [short | {"more": "many", "moreParts": None}]})
    assert odd == few
