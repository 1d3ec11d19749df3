"""What `history` prints: of any reports and any record, in lines that hold nothing of others but text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.model.history import Event, History
from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record, RecordedSecret, SecretKey
from reconciler.model.record.history import ADDED, Part, RecordedRun, Touched
from reconciler.model.record.rotations import Closing, Opening, RecordedRotation
from reconciler.report import Style
from reconciler.reports._history import (
    events_of_record,
    events_of_reports,
    history_json,
    history_text,
    with_history,
)
from tests.reports.scenarios import HOSTILE, SCENARIOS, hostile

TIME = "2026-07-24T02:14:00Z"
DRIFT = SCENARIOS["drift"]()


def test_a_report_is_compared_with_the_one_that_it_replaced() -> None:
    (prod,) = DRIFT.environments
    fewer = replace(DRIFT, environments=(replace(prod, changes=prod.changes[1:]),))
    later, first = events_of_reports(
        [("a" * 40, TIME, DRIFT, None), ("b" * 40, TIME, fewer, DRIFT)]
    )
    assert len(first.began) == 20
    assert (first.resolved, later.began) == ((), ())
    assert len(later.resolved) == 1
    assert later.resolved[0] in first.began


def test_two_reports_of_the_same_second_are_two_events() -> None:
    (prod,) = DRIFT.environments
    fewer = replace(DRIFT, environments=(replace(prod, changes=prod.changes[1:]),))
    (both,) = with_history(DRIFT, [fewer, DRIFT]).environments
    assert {len(event.began) for event in both.history} == {19, 1}


def test_rotations_that_a_run_found_are_all_in_the_history_of_its_report() -> None:
    (prod,) = DRIFT.environments
    events = tuple(Event(TIME, "rotation", "", f"Secret llm/{name}") for name in "ab")
    saved = replace(DRIFT, environments=(replace(prod, history=events),))
    (again,) = with_history(saved, [saved]).environments
    assert again.history == events


def test_a_run_that_is_in_several_reports_is_one_event() -> None:
    first = replace(DRIFT, finished=TIME)
    both = with_history(DRIFT, [first, DRIFT])
    expected = both.environments[0].history
    assert len(expected) == 2
    for reports in (
        [both, DRIFT],
        [DRIFT, both],
        [both, first],
        [both, both],
        [both, DRIFT, first],
    ):
        (again,) = with_history(both, reports).environments
        assert again.history == expected
    assert with_history(DRIFT, [DRIFT, DRIFT]).environments[0].history == ()


def test_few_lines_of_each_sort_and_all_with_v() -> None:
    history = History("prod", "the record", events_of_reports([("a" * 40, TIME, DRIFT, None)]))
    text = history_text(history, Style())
    assert text.count("\n  began ") == 11
    assert "  began      10 more: -v\n" in text
    assert history_text(history, Style(verbose=True)).count("\n  began ") == 20
    assert "older ones" in history_text(replace(history, complete=False), Style())


def test_rotations_are_events_of_their_own() -> None:
    closed = Closing("2026-07-25T02:14:00Z", "acknowledged", "c" * 40, "restarted")
    rotation = RecordedRotation("hs1:k:1", Opening(TIME, "b" * 40), closed)
    secrets = {SecretKey("llm", "openai", "api-key"): RecordedSecret(rotations=(rotation,))}
    end, begin = events_of_record(Record("prod", secrets=secrets))
    assert (begin.what, begin.time, begin.revision) == ("rotation", TIME, "b" * 40)
    assert begin.verdict == "Secret llm/openai [api-key] has another value"
    assert end.verdict == "Secret llm/openai [api-key]: acknowledged: restarted"


def test_an_apply_undoes_what_a_drift_told() -> None:
    states = ("drifted", "missing", "changed")
    touched = [Touched(ObjectRef("g", "Kind", "llm", state), state) for state in states]
    runs = tuple(RecordedRun.of(name, TIME, "a" * 40, touched) for name in ("drift", "apply"))
    events = {event.what: event for event in events_of_record(Record("prod", history=runs))}
    assert events["drift"].began == (
        *("CHANGED Kind llm/changed", "DRIFTED Kind llm/drifted"),
        "MISSING Kind llm/missing",
    )
    assert events["apply"].changed == (
        *("CHANGED Kind llm/changed", "RESTORED Kind llm/drifted"),
        "RECREATED Kind llm/missing",
    )


def test_the_record_tells_added_fields_and_missing_keys() -> None:
    provider = ObjectRef("g", "Kind", "llm", "openai")
    secret = ObjectRef("", "Secret", "llm", "openai")
    parts = [Part(provider, ADDED, "spec.baseURL"), Part(secret, "missing-secret", "api-key")]
    run = RecordedRun.of("drift", TIME, "a" * 40, (), parts)
    (event,) = events_of_record(Record("prod", history=(run,)))
    assert event.verdict == "1 object changed by others, 1 key missing or unusable"
    assert event.began == (
        "NO SECRET Secret llm/openai [api-key]",
        "ADDED Kind llm/openai: spec.baseURL",
    )


def test_a_record_of_an_earlier_version_tells_the_last_apply() -> None:
    (event,) = events_of_record(Record("prod", revision="a" * 40, applied=TIME))
    assert (event.what, event.time, event.revision) == ("apply", TIME, "a" * 40)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_is_only_text(text: str) -> None:
    run = hostile(text)
    reports = [(text, text, replace(run, environments=(each,)), None) for each in run.environments]
    touched = (Touched(ObjectRef(text, text, text, text), text),)
    secret = Part(ObjectRef("", "Secret", text, text), text, text)
    parts = (Part(touched[0].ref, text, text), secret)
    runs = (
        RecordedRun(text, text, text, touched, 5, parts, 2),
        RecordedRun("apply", text, text, touched),
    )
    key = SecretKey(text, text, text)
    rotation = RecordedRotation(text, Opening(text, text), Closing(text, text, text, text))
    record = Record(
        text, text, text, history=runs, secrets={key: RecordedSecret(rotations=(rotation,))}
    )
    for events in (events_of_reports(reports), events_of_record(record)):
        history = History(text, f"the branch {text}", events)
        for shown in (history_text(history, Style(verbose=True)), history_json(history)):
            assert all(c == "\n" or c.isprintable() for c in shown)
        assert json.loads(history_json(history))["environment"] == text
        plain = history_text(history, Style(verbose=True))
        starts = [line for line in plain.splitlines() if line and not line.startswith("  ")]
        assert len(starts) <= 1 + len(events) + 1
