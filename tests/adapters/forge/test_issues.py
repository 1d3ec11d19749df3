"""One issue for each marker on each forge, against servers that answer as their documentation says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from reconciler.adapters.forge import FORGES
from reconciler.adapters.forge.issues import Draft, Issues
from reconciler.errors import ForgeError, UsageError
from tests.adapters.forge.issue_server import TRACKERS, Tracker
from tests.adapters.forge.server import serve

TOKEN = "canaryTokenNeverShown"
MARKER = "<!-- reconciler:issue:drift:prod -->"


@pytest.fixture(params=TRACKERS)
def named(request: pytest.FixtureRequest) -> Iterator[tuple[str, Tracker]]:
    with serve(TRACKERS[request.param]()) as tracker:
        yield request.param, tracker


def keep(
    named: tuple[str, Tracker], text: str = "", *, is_open: bool = True, author: str = ""
) -> tuple[str, list[tuple[str, bool]]]:
    """What was done for a draft (none without a text), and what `decide` was told."""
    forge, tracker = named
    told: list[tuple[str, bool]] = []

    def decide(before: str, was_open: bool) -> Draft | None:
        told.append((before, was_open))
        return Draft(f"title {text}", f"{MARKER}\n{text}\n", is_open) if text else None

    made = Issues(FORGES[forge], tracker.url, "a/b", TOKEN, sleep=lambda _: None, environ={})
    with closing(made) as issues:
        return issues.keep(MARKER, decide, author=author), told


def state(tracker: Tracker) -> list[tuple[str, str]]:
    return [
        (issue["state"].removesuffix("ed"), issue[tracker.body_key]) for issue in tracker.issues
    ]


def test_it_is_opened_updated_closed_and_opened_again(named: tuple[str, Tracker]) -> None:
    _, tracker = named
    assert keep(named) == ("none", [("", False)])
    assert keep(named, "fine", is_open=False)[0] == "none", "nothing to close"
    assert keep(named, "one")[0] == "opened #1"
    assert keep(named) == ("unchanged #1", [(f"{MARKER}\none\n", True)])
    assert keep(named, "two")[0] == "updated #1"
    assert state(tracker) == [("open", f"{MARKER}\ntwo\n")]
    assert keep(named, "three", is_open=False)[0] == "closed #1"
    assert tracker.issues[0]["state"] == "closed"
    assert keep(named, "four") == ("opened #1", [(f"{MARKER}\nthree\n", False)])
    assert tracker.issues[0]["state"].startswith("open")
    assert (len(tracker.issues), tracker.issues[0]["title"]) == (1, "title four")
    assert tracker.tokens == {FORGES[named[0]].headers(TOKEN)[0][1]}


@pytest.mark.parametrize("ignores", [False, True])
def test_an_issue_of_somebody_else_is_not_ours(named: tuple[str, Tracker], ignores: bool) -> None:
    """Also if the forge does not know the query for an author."""
    _, tracker = named
    tracker.ignores_author = ignores
    tracker.add_issue("forged", f"{MARKER}\nforged\n", login="mallory")
    tracker.add_issue("another", "<!-- reconciler:issue:drift:dev -->\n")
    assert keep(named, "one")[0] == "opened #3"
    assert keep(named, "two")[0] == "updated #3"
    assert tracker.issues[0][tracker.body_key] == f"{MARKER}\nforged\n"


def test_it_is_found_behind_many_others(named: tuple[str, Tracker]) -> None:
    _, tracker = named
    keep(named, "one")
    for number in range(230):
        tracker.add_issue(f"{number}", "something else")
    assert keep(named, "two")[0] == "updated #1"


def test_two_runs_at_the_same_time_leave_one(named: tuple[str, Tracker]) -> None:
    """The other run opens its issue between our look and our request."""
    _, tracker = named

    def other(forge: Any, _body: Any, method: str) -> None:
        if method == "POST":
            forge.add_issue("other", f"{MARKER}\nother\n")

    tracker.faults = [other] * 4
    assert keep(named, "ours")[0] == "opened #1"
    assert [issue["state"][:4] for issue in tracker.issues] == ["open", "clos"]
    assert keep(named, "later")[0] == "updated #1"
    assert [issue["state"][:4] for issue in tracker.issues] == ["open", "clos"]


def test_a_lost_answer_opens_no_second_one(named: tuple[str, Tracker]) -> None:
    _, tracker = named

    def lost(forge: Any, body: Any, method: str) -> Any:
        if method != "POST":
            forge.faults.insert(0, lost)
            return None
        forge.add_issue(body["title"], body[tracker.body_key])
        return 502, "bad gateway", {}

    tracker.faults = [lost]
    assert keep(named, "one")[0] in ("updated #1", "unchanged #1")
    assert len(tracker.issues) == 1


def test_a_delivery_that_failed_is_repeated_by_the_next_run(named: tuple[str, Tracker]) -> None:
    _, tracker = named
    keep(named, "one")
    tracker.faults = [lambda *_: (500, {"message": "down"}, {})] * 40
    with pytest.raises(ForgeError, match="the forge failed or is busy"):
        keep(named, "two")
    tracker.faults = []
    assert keep(named, "two") == ("updated #1", [(f"{MARKER}\none\n", True)])


def test_a_permission_that_is_missing(named: tuple[str, Tracker]) -> None:
    forge, tracker = named
    tracker.faults = [lambda *_: None, lambda *_: (403, {"message": "no"}, {})]
    with pytest.raises(ForgeError) as caught:
        keep(named, "one", author=tracker.login if forge == "github" else "")
    assert caught.value.hint == FORGES[forge].issue_permission or "list" in caught.value.message


def test_another_author_than_expected(named: tuple[str, Tracker]) -> None:
    _, tracker = named
    with pytest.raises(ForgeError, match=f"posted by .*{tracker.login[:3]}.*, not by somebody"):
        keep(named, "one", author="somebody")


@pytest.mark.parametrize("answer", [{}, [], 7, {"number": "../1"}, {"iid": None}])
def test_an_answer_without_a_number(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(Tracker()) as tracker:
        monkeypatch.setattr(Tracker, "add_issue", lambda *_, **__: answer)
        assert keep(("github", tracker), "new")[0] == "opened"


def test_a_text_that_is_too_long(named: tuple[str, Tracker]) -> None:
    with pytest.raises(UsageError, match="longer than 65,536 characters"):
        keep(named, "x" * 70_000)
    assert named[1].issues == []
