"""What a chat gets: within the limits of Slack and Teams, and nothing of others is a link, a mention or a format."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.document import JsonObject
from reconciler.reports._chat import BODIES, slack_body, teams_body
from reconciler.reports._news import News, news
from tests.reports.scenarios import HOSTILE, SCENARIOS, hostile

DRIFT = SCENARIOS["drift"]()
FRESH = news(DRIFT, {})


def many(number: int, message: str) -> News:
    issue: JsonObject = {**FRESH.began[0], "message": message}
    return News((issue,) * number, (issue,), (issue,), {})


def texts(part: Any) -> list[str]:
    """Every text of a body."""
    if isinstance(part, list):
        return [text for each in part for text in texts(each)]
    if not isinstance(part, dict):
        return []
    return [
        text
        for key, value in part.items()
        for text in ([value] if key == "text" and isinstance(value, str) else texts(value))
    ]


def check_slack(text: str) -> dict[str, Any]:
    """The limits of Block Kit, and what Slack would act on."""
    body: dict[str, Any] = json.loads(text)
    assert 0 < len(body["text"]) <= 4_000
    assert body["mrkdwn"] is False
    assert 0 < len(body["blocks"]) <= 50
    header, *sections = body["blocks"]
    assert header["type"] == "header"
    assert len(header["text"]["text"]) <= 150
    for block in body["blocks"]:
        assert block["text"]["type"] == "plain_text"
        assert 0 < len(block["text"]["text"]) <= 3_000
    assert {block["type"] for block in sections} == {"section"}
    for shown in texts(body):
        assert "<" not in shown
        assert ">" not in shown
        assert shown.count("&") == sum(shown.count(e) for e in ("&amp;", "&lt;", "&gt;"))
    return body


def check_teams(text: str) -> dict[str, Any]:
    assert len(text.encode()) <= 28 * 1024
    body: dict[str, Any] = json.loads(text)
    assert body["type"] == "message"
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    for block in card["body"]:
        assert block["type"] == "RichTextBlock", "a TextBlock would be read as Markdown"
        assert all(run["type"] == "TextRun" and run["text"] for run in block["inlines"])
    return body


def test_slack_has_the_verdict_and_each_issue() -> None:
    body = check_slack(slack_body(DRIFT, FRESH))
    number = len(FRESH.began)
    assert body["text"].startswith(f"reconciler drift: {number} new: prod: ")
    assert [text.partition("  ")[0] for text in texts(body["blocks"])[2:]] == ["NEW"] * number
    assert any("Provider omnia/claude" in text for text in texts(body["blocks"]))


def test_teams_has_the_verdict_and_each_issue() -> None:
    body = check_teams(teams_body(DRIFT, FRESH))
    shown = texts(body)
    assert shown[0] == f"reconciler drift: {len(FRESH.began)} new"
    assert shown.count("new") == len(FRESH.began)


@pytest.mark.parametrize(
    "message", ["x", "<!channel> &" * 400, "\U0001f525" * 3_000, "*a* `b` <@U1>"]
)
@pytest.mark.parametrize("number", [1, 39, 40, 41, 2_000])
def test_the_limits_hold(number: int, message: str) -> None:
    fresh = many(number, message)
    environments = tuple(replace(DRIFT.environments[0], name=f"e{n}") for n in range(60))
    for run in (DRIFT, replace(DRIFT, environments=environments)):
        slack = check_slack(slack_body(run, fresh))
        teams = check_teams(teams_body(run, fresh))
        left = number + 2 - 40
        if left > 0:
            assert texts(slack)[-1] == f"and {left:,} more"
            assert texts(teams)[-1].endswith(" more")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_is_only_text(text: str) -> None:
    run = hostile(text)
    fresh = news(run, {})
    for body in (check_slack(slack_body(run, fresh)), check_teams(teams_body(run, fresh))):
        assert all(
            c == "\n" or c.isprintable() for shown in texts(body) for c in html.unescape(shown)
        )


def test_each_format_is_a_body() -> None:
    assert set(BODIES) == {"json", "slack", "teams"}
    assert all(json.loads(body(DRIFT, FRESH)) for body in BODIES.values())
