"""News as Events: valid whatever others wrote, and named after what they say."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reconciler.model.identity import Endpoint
from reconciler.reports._events import about_objects
from reconciler.reports._news import News, news
from tests.reports.scenarios import HOSTILE, SCENARIOS, hostile

ENDPOINT = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
NOW = "2026-11-29T15:00:00.000000Z"
DRIFT = SCENARIOS["drift"]()
FRESH = news(DRIFT, {})


def test_each_object_of_each_piece_of_news_has_one() -> None:
    every = list(about_objects(FRESH))
    assert len(every) >= len(FRESH.began) - 5
    assert len({each.body(ENDPOINT, "", NOW)["metadata"]["name"] for each in every}) == len(every)


def test_the_name_follows_from_what_it_says() -> None:
    first, *_ = about_objects(FRESH)
    same, *_ = about_objects(news(replace(DRIFT, finished="2027-01-01T00:00:00Z"), {}))
    names = [each.body(ENDPOINT, "u", NOW)["metadata"]["name"] for each in (first, same)]
    assert names[0] == names[1]
    for other in (
        replace(first, word="resolved"),
        replace(first, issue={**first.issue, "message": "x"}),
    ):
        assert other.body(ENDPOINT, "u", NOW)["metadata"]["name"] != names[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_the_api_demands(text: str) -> None:
    """Of the validation of events.k8s.io/v1: lengths, characters, and what must not be empty."""
    for each in about_objects(news(hostile(text), {})):
        body = each.body(ENDPOINT, "", NOW)
        assert 0 < len(body["reason"]) <= 128
        assert re.fullmatch(r"\w+", body["reason"])
        assert 0 < len(body["note"].encode()) <= 1_024
        assert body["note"].isprintable()
        assert body["metadata"]["namespace"] == body["regarding"]["namespace"]
        assert len(body["metadata"]["name"]) <= 253
        assert body["type"] in ("Normal", "Warning")


@pytest.mark.parametrize(
    "objects", [None, 1, "a", [1], [{}], [{"kind": "A"}], [{"kind": 1, "name": ""}]]
)
def test_a_state_that_somebody_edited(objects: object) -> None:
    issue = {**FRESH.began[0], "objects": objects}
    assert list(about_objects(News((), (), (issue,), {}))) == []
