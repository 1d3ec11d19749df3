"""What reports show: suggestions, excerpts with carets, and which source lines stay hidden."""

from __future__ import annotations

from time import process_time

import pytest

from reconciler.model.location import Location
from reconciler.text.caret import excerpt
from reconciler.text.lines import looks_secret, shown
from reconciler.text.suggest import did_you_mean, one_of, suggest

FIELDS = ("baseURL", "apiKeySecretRef", "defaultHeaders", "region")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("baseUrl", "baseURL"),
        ("base_url", "baseURL"),
        ("apiKeySecretref", "apiKeySecretRef"),
        ("defaultHeader", "defaultHeaders"),
        ("regoin", "region"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_suggest(word: str, expected: str) -> None:
    assert suggest(word, FIELDS) == expected


def test_hints() -> None:
    assert did_you_mean("prd", ("prod", "dev")) == "did you mean prod?"
    assert did_you_mean("x", ("prod",)) == ""
    assert one_of(("b", "a")) == "a, b"
    assert one_of(map(str, range(12)), limit=2) == "0, 1, and 10 more"


def test_excerpt_marks_the_text() -> None:
    assert excerpt(Location("v.yaml", 31, 13, 6), "  platform: vertex") == (
        "   31 |   platform: vertex",
        "      |             ^^^^^^",
    )


def test_excerpt_without_a_column_or_a_line() -> None:
    assert excerpt(Location("v.yaml", 3), "a: 1") == ("    3 | a: 1",)
    assert excerpt(Location("v.yaml", 3, 1, 1), "") == ()
    assert excerpt(Location("v.yaml"), "a: 1") == ()


def test_excerpt_of_tabs_and_wide_characters() -> None:
    assert excerpt(Location("v", 1, 3, 1), "\t\tx")[1] == "      |         ^"
    assert excerpt(Location("v", 1, 3, 1), "日本x")[1] == "      |     ^"
    assert excerpt(Location("v", 1, 4, 1), "a\x1b[x")[0] == "    1 | a<U+001B>[x"


def test_excerpt_of_a_long_line_shows_the_caret() -> None:
    line, carets = excerpt(Location("v", 1, 501, 4), "x" * 500 + "here" + "y" * 500, width=60)
    assert len(line) <= 8 + 60 + 2
    start = carets.index("^")
    assert line[start : start + 4] == "here"
    assert carets[start:] == "^^^^"


def test_excerpts_of_a_very_long_line_are_fast() -> None:
    line = "x" * 1_000_000 + "here" + "y" * 1_000_000
    start = process_time()

    for column in range(1_000_001, 1_000_101):
        text, carets = excerpt(Location("v", 1, column, 4), line)
        assert text[carets.index("^") :].startswith("here"[column - 1_000_001 :] + "y")

    assert process_time() - start < 1
    assert shown(line) == ""
    assert shown("a: 1") == "a: 1"


def test_suggestions_from_many_names_are_fast() -> None:
    names = {f"provider-{number:05d}" for number in range(20_000)}
    start = process_time()

    assert suggest("provder-12345", names) == "provider-12345"
    assert suggest("x-provider-12345", names) == "provider-12345"
    assert suggest("x" * 100_000, names) == ""

    assert process_time() - start < 2


SECRETS = [
    "apiKey: sk-proj-abcdefgh12345678",
    'token = "hunter2hunter2"',
    "aws: AKIAIOSFODNN7EXAMPLE",
    "url: https://user:pass@example.com/v1",
    "Authorization: Bearer abc.def.ghi",
    "-----BEGIN PRIVATE KEY-----",
    "x: dGhpcyBpcyBhIHNlY3JldCB0b2tlbg",
    "header: 9f86d081884c7d659a2feaa0c55ad015",
    "google: AIzaSyA-1234567890abcdefghijk",
]
PLAIN = [
    "model: claude-sonnet-4-5-20250929",
    "  apiKeySecretRef:",
    "    name: openai-credentials",
    "    key: OPENAI_API_KEY",
    "baseURL: https://llm-gateway.example.internal/v1",
    "name: {{ values.flokoa.openai.secret | tojson }}",
    "  credential: {secretRef: {name: anthropic, key: ANTHROPIC_API_KEY}}",
    "model: eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "timeoutSeconds: 120",
]


@pytest.mark.parametrize("line", SECRETS)
def test_lines_that_stay_hidden(line: str) -> None:
    assert looks_secret(line)


@pytest.mark.parametrize("line", PLAIN)
def test_lines_that_are_shown(line: str) -> None:
    assert not looks_secret(line)
