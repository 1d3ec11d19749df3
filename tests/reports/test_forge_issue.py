"""The issue of an environment: when it is open, what changes it, and what does not."""

from __future__ import annotations

import base64
import json
import tracemalloc
import zlib
from dataclasses import replace

import pytest

from reconciler.model.run import EnvironmentRun, Run
from reconciler.reports._forge_issue import issue_marker, issue_of
from tests.reports.scenarios import HOSTILE, SCENARIOS, hostile

DRIFT = SCENARIOS["drift"]()
(PROD,) = DRIFT.environments
FEWER = replace(PROD, changes=PROD.changes[1:])


def run(environment: EnvironmentRun = PROD) -> Run:
    return replace(DRIFT, environments=(environment,))


EMPTY = EnvironmentRun("prod", PROD.exit_code, cluster=PROD.cluster)


def body(environment: EnvironmentRun = PROD, before: str = "", *, is_open: bool = False) -> str:
    made = issue_of(run(environment), before, is_open=is_open)
    assert made
    return made[1]


def test_it_is_opened_with_the_report() -> None:
    made = issue_of(run(), "", is_open=False)
    assert made
    title, text, is_open = made
    assert is_open
    assert title == "drift prod: 20 findings need attention"
    marker, state, _, head, *_ = text.splitlines()
    assert marker == issue_marker(run()) == "<!-- reconciler:issue:drift:prod -->"
    assert state.startswith("<!-- reconciler-state: ")
    assert "findings need attention" in head or "findings need attention" in text
    assert len(text) < 65_536


def test_without_news_it_stays_as_it_is() -> None:
    before = body()
    later = replace(run(), started="2027-01-01T00:00:00Z", finished="2027-01-01T00:00:09Z")
    assert issue_of(later, before, is_open=True) is None
    assert issue_of(later, before, is_open=False) is None, "somebody closed it"
    assert issue_of(run(EMPTY), "", is_open=False) is None, "nothing to open"


def test_news_update_it_and_order_closes_it() -> None:
    before = body()
    fewer = issue_of(run(FEWER), before, is_open=True)
    assert fewer
    assert fewer[2], "others remain"
    again = issue_of(run(), fewer[1], is_open=False)
    assert again
    assert again[2], "news open what somebody has closed"
    over = issue_of(run(EMPTY), before, is_open=True)
    assert over
    assert not over[2]
    assert issue_of(run(EMPTY), over[1], is_open=False) is None
    reopened = issue_of(run(), over[1], is_open=False)
    assert reopened
    assert reopened[2]


def test_what_was_not_looked_at_does_not_close_it() -> None:
    (stopped, *_) = SCENARIOS["stopped"]().environments
    before = body()
    made = issue_of(run(replace(stopped, name="prod")), before, is_open=True)
    assert made
    assert made[2]
    back = issue_of(run(), made[1], is_open=True)
    assert back
    assert back[2]
    part = replace(EMPTY, only=(PROD.changes[0].ref,))
    assert issue_of(run(part), before, is_open=True) is None, "a run with --only ends nothing"


@pytest.mark.parametrize(
    "state", ["", "<!-- reconciler-state: ! -->", "<!-- reconciler-state: AAAA -->", "nothing"]
)
def test_a_state_that_somebody_edited_is_no_state(state: str) -> None:
    marker = issue_marker(run())
    made = issue_of(run(), f"{marker}\n{state}\nreport", is_open=True)
    assert made
    assert made[1] == body()
    over = issue_of(run(EMPTY), f"{marker}\n{state}\nreport", is_open=True)
    assert over
    assert not over[2]


def test_many_issues_fit_and_are_no_news_twice() -> None:
    changes = tuple(
        replace(change, ref=replace(change.ref, name=f"{change.ref.name}-{number}"))
        for number in range(600)
        for change in PROD.changes[:1]
    )
    large = replace(PROD, changes=changes)
    text = body(large)
    assert len(text) < 65_536
    assert issue_of(run(large), text, is_open=True) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_adds_no_line_to_the_head(text: str) -> None:
    hostile_run = hostile(text)
    for environment in hostile_run.environments:
        single = replace(hostile_run, environments=(environment,))
        made = issue_of(single, "", is_open=False)
        if made:
            title, written, _ = made
            assert title.isprintable()
            assert len(title) < 256
            assert written.splitlines()[0] == issue_marker(single)
            assert issue_of(single, written, is_open=True) is None


def test_a_run_that_ended_before_changes_nothing() -> None:
    """It was slow, or its job runs again: what a later run has told stays."""
    early, late = (replace(DRIFT, finished=f"2026-07-24T{hour}:00:00Z") for hour in ("09", "10"))
    closed = issue_of(replace(late, environments=(EMPTY,)), body(), is_open=True)
    assert closed
    assert issue_of(replace(early, environments=(PROD,)), closed[1], is_open=False) is None
    reopened = issue_of(
        replace(early, environments=(PROD,), finished="2026-07-24T11:00:00Z"),
        closed[1],
        is_open=False,
    )
    assert reopened
    assert reopened[2]


def test_a_body_of_an_earlier_version_has_no_time_and_is_no_news() -> None:
    marker, state, *rest = body().splitlines()
    packed = state.split()[2]
    before = "\n".join([marker, f"<!-- reconciler-state: {packed} -->", *rest])
    assert issue_of(run(), before, is_open=True) is None


def with_state(text: str, state: bytes) -> str:
    """The text of an issue with another state."""
    marker, line, *rest = text.splitlines()
    packed = base64.b64encode(zlib.compress(state)).decode()
    return "\n".join([marker, line.replace(line.split()[2], packed), *rest])


def test_the_same_in_other_words_is_no_news() -> None:
    """A message has the commands of the run that wrote it, which another run would write differently."""
    text = body()
    state = json.loads(zlib.decompress(base64.b64decode(text.splitlines()[1].split()[2])))
    assert state
    words = {key: issue | {"message": "other words"} for key, issue in state.items()}
    assert issue_of(run(), with_state(text, json.dumps(words).encode()), is_open=True) is None
    other = {key: issue | {"digest": "other"} for key, issue in state.items()}
    assert issue_of(run(), with_state(text, json.dumps(other).encode()), is_open=True)


def test_a_state_that_unpacks_to_too_much_is_no_state() -> None:
    bomb = with_state(body(), b"{" + b" " * 60_000_000 + b"}")
    tracemalloc.start()
    try:
        assert issue_of(run(), bomb, is_open=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000, "bytes; the state unpacked would take 60 million"


def test_a_state_is_in_the_head_only() -> None:
    """What follows is a report, with texts of others."""
    marker, state, *rest = body().splitlines()
    assert issue_of(run(), "\n".join([marker, "", state, *rest]), is_open=True)
