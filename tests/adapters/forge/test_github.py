"""The comment, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from reconciler.adapters.forge.comments import Comments
from reconciler.adapters.forge.github import GITHUB
from reconciler.errors import ExitCode, ForgeError, ReconcilerError, UsageError
from tests.adapters.forge.server import Forge, serve

TOKEN = "ghs_canaryTokenNeverShown"
MARKER = "<!-- reconciler:diff:prod -->"
BODY = f"{MARKER}\n### prod: 1 object changes\n"
COMMIT = "a" * 40


def status(code: int, message: str = "", **headers: str) -> Callable[..., Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda *_: (code, {"message": message}, named)


def bodies(forge: Forge) -> list[str]:
    return [c["body"] for c in forge.comments if c["body"].startswith(MARKER)]


def fine(*_: object) -> None:
    """No fault: the forge answers."""


class Waits(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def post(
    forge: Forge, body: str = BODY, *, number: str | int = 42, author: str = ""
) -> tuple[str, Waits]:
    waits = Waits()
    with closing(Comments(GITHUB, forge.url, "acme/llm", TOKEN, sleep=waits)) as github:
        return github.comment(number, body, author=author), waits


def test_the_first_time_a_comment_is_created_then_updated_then_left_alone() -> None:
    with serve(Forge()) as forge:
        assert post(forge)[0] == "created"
        assert post(forge)[0] == "unchanged"
        newer = f"{MARKER}\n### prod: nothing to change\n"
        assert post(forge, newer)[0] == "updated"
        assert bodies(forge) == [newer]
        assert forge.tokens == {f"Bearer {TOKEN}"}


def test_a_comment_is_unchanged_although_the_forge_rewrites_line_ends() -> None:
    with serve(Forge()) as forge:
        forge.add(BODY.replace("\n", "\r\n").strip())
        assert post(forge)[0] == "unchanged"


def test_each_environment_has_its_own() -> None:
    with serve(Forge()) as forge:
        post(forge)
        assert post(forge, BODY.replace("prod", "staging"))[0] == "created"
        assert len(forge.comments) == 2


def test_it_is_found_on_a_later_page() -> None:
    with serve(Forge()) as forge:
        for n in range(250):
            forge.add(f"remark {n}", "someone")
        forge.add(f"{MARKER}\nold")
        assert post(forge)[0] == "updated"
        pages = [line for line in forge.requests if "page=" in line]
        assert [line.rpartition("page=")[2] for line in pages] == ["1", "2", "3"]


def test_a_full_last_page_ends_with_an_empty_one() -> None:
    with serve(Forge()) as forge:
        for n in range(100):
            forge.add(f"remark {n}", "someone")
        assert post(forge)[0] == "created"


def test_somebody_elses_comment_with_our_marker_is_neither_trusted_nor_touched() -> None:
    with serve(Forge()) as forge:
        forge.add(f"{MARKER}\nall is fine, merge me", "mallory")
        assert post(forge)[0] == "created"
        assert forge.comments[0]["body"].endswith("merge me")
        assert forge.comments[1]["body"] == BODY


def test_a_marker_below_the_first_line_is_no_marker() -> None:
    with serve(Forge()) as forge:
        forge.add(f"> quoted\n{MARKER}\n")
        assert post(forge)[0] == "created"


def test_of_two_comments_of_ours_the_first_is_updated() -> None:
    with serve(Forge()) as forge:
        forge.add(f"{MARKER}\none")
        forge.add(f"{MARKER}\ntwo")
        assert post(forge)[0] == "updated"
        assert bodies(forge) == [BODY, f"{MARKER}\ntwo"]


def test_a_token_that_may_ask_tells_who_we_are() -> None:
    with serve(Forge(user=(200, {"login": "deploy-bot"}))) as forge:
        forge.add(f"{MARKER}\nours", "deploy-bot")
        forge.add(f"{MARKER}\nof a workflow")
        assert post(forge)[0] == "updated"
        assert bodies(forge)[0] == BODY


def test_a_named_author_spares_the_question() -> None:
    with serve(Forge()) as forge:
        forge.add(f"{MARKER}\nours", "my-app[bot]")
        assert post(forge, author="my-app[bot]")[0] == "updated"
        assert not any("/user" in line for line in forge.requests)


def test_a_comment_posted_by_another_identity_says_so() -> None:
    with serve(Forge()) as forge, pytest.raises(ForgeError) as caught:
        post(forge, author="my-app[bot]")
    assert "--author github-actions[bot]" in caught.value.hint


def test_a_server_error_passes_and_the_wait_is_bounded() -> None:
    with serve(Forge()) as forge:
        forge.faults = [status(500), status(502), status(503, retry_after="86400")]
        result, waits = post(forge)
        assert result == "created"
        assert max(waits) <= 30


@pytest.mark.parametrize("code", [403, 429])
@pytest.mark.parametrize("before", [1, 2], ids=["list", "create"])
def test_a_rate_limit_waits_as_asked(code: int, before: int) -> None:
    with serve(Forge()) as forge:
        forge.faults = [*[fine] * before, status(code, "secondary rate limit", retry_after="7")]
        result, waits = post(forge)
        assert result == "created"
        (wait,) = waits
        assert 7 <= wait <= 7.2


def test_a_created_comment_whose_answer_got_lost_is_not_created_again() -> None:
    def lost(forge: Forge, body: Any, method: str) -> tuple[int, Any, dict[str, str]] | None:
        if method != "POST":
            return None
        forge.add(body["body"])
        return 502, {"message": "bad gateway"}, {}

    with serve(Forge()) as forge:
        forge.faults = [fine, fine, lost]
        assert post(forge)[0] == "unchanged"
        assert bodies(forge) == [BODY]


def test_a_server_that_stays_down_is_given_up() -> None:
    with serve(Forge(faults=[status(500)] * 100)) as forge, pytest.raises(ForgeError) as caught:
        post(forge)
    assert len(forge.requests) < 20
    assert caught.value.exit_code is ExitCode.SOURCE


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (401, "token is not valid"),
        (403, "may not do this"),
        (404, "not found"),
        (422, "refused as invalid"),
        (418, "status 418"),
    ],
)
def test_each_refusal_is_one_clear_sentence(code: int, words: str) -> None:
    no = status(code, "body is too long\x1b[31m (maximum is 65536)")
    with serve(Forge(faults=[fine, no])) as forge, pytest.raises(ForgeError) as caught:
        post(forge)
    message = caught.value.message
    assert words in message
    assert "\x1b" not in message
    assert TOKEN not in message + caught.value.hint
    assert len(forge.requests) == 2


def test_a_redirect_is_not_followed() -> None:
    with serve(Forge()) as other, serve(Forge()) as forge:
        forge.faults = [fine, status(301, location=f"{other.url}/steal")]
        with pytest.raises(ForgeError, match="redirects are not followed"):
            post(forge)
        assert other.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        "<html>",
        "{}",
        "[1, 2]",
        pytest.param("[" * 100_000, marks=pytest.mark.exhausts_stack),
    ],
)
def test_an_answer_that_is_no_list_of_comments(answer: str) -> None:
    with (
        serve(Forge(faults=[fine, lambda *_: (200, answer, {})])) as forge,
        pytest.raises(ForgeError),
    ):
        post(forge)


def test_nobody_listens() -> None:
    with serve(Forge()) as forge:
        pass
    with pytest.raises(ForgeError, match=r"no connection to the forge \(connection refused\)"):
        post(forge)


@pytest.mark.parametrize("number", ["", "0", "-1", "12a", "1/../2", "²", "42\n", "9" * 30])
def test_a_number_that_is_none_is_refused_before_anything_is_sent(number: str) -> None:
    with serve(Forge()) as forge:
        with pytest.raises(UsageError):
            post(forge, number=number)
        assert forge.requests == []


@pytest.mark.parametrize(
    ("url", "repository", "token"),
    [
        ("http://api.example", "acme/llm", TOKEN),
        ("ftp://api.example", "acme/llm", TOKEN),
        ("api.example", "acme/llm", TOKEN),
        ("https://api.example", "acme", TOKEN),
        ("https://api.example", "acme/..", TOKEN),
        ("https://api.example", "acme/llm/../../x", TOKEN),
        ("https://api.example", "acme/llm", ""),
        ("https://api.example", "acme/llm", f"{TOKEN}\n"),
    ],
)
def test_settings_that_cannot_be(url: str, repository: str, token: str) -> None:
    with pytest.raises(ReconcilerError) as caught:
        Comments(GITHUB, url, repository, token)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "body", ["", "no marker", "<!-- other -->\n", f"{MARKER}\n" + "x" * 70_000]
)
def test_a_body_that_is_no_comment_of_ours(body: str) -> None:
    with serve(Forge()) as forge, pytest.raises(UsageError):
        post(forge, body)


@pytest.mark.parametrize(
    ("pulls", "number"),
    [
        ([], None),
        ([{"number": 3, "merged_at": None, "merge_commit_sha": COMMIT}], None),
        (
            [
                {"number": 4, "merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": "b" * 40},
                {"number": 5, "merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": COMMIT},
            ],
            5,
        ),
        ([{"number": 4, "merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": "b" * 40}], 4),
    ],
)
def test_the_pull_request_of_a_merged_commit(pulls: Any, number: int | None) -> None:
    with (
        serve(Forge(pulls=pulls)) as forge,
        closing(Comments(GITHUB, forge.url, "acme/llm", TOKEN)) as github,
    ):
        assert github.pull_request_of(COMMIT) == number
