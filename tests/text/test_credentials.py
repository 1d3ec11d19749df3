"""Every known shape of credential is detected, no message contains a part of one, and no text makes a pattern slow."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from re import _constants as kind  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from reconciler.model.environment import SourceFile
from reconciler.stages.validate import source_secrets
from reconciler.text import credentials, entropy, lines
from reconciler.text.credentials import (
    SHAPES,
    credential_in,
    is_credential_field,
    is_unfilled,
    masked,
)
from tests.kinds.manifests import environment
from tests.text.canaries import ALL, FAMILIES, leaked

ROOT = Path(__file__).parent.parent.parent
CARRIERS = {
    "alone": "{}",
    "value": "apiKey: {}",
    "quoted": '  headers: {{X-Key: "{}"}}',
    "comment": "name: a # was {}",
    "template": "{{% set key = '{}' %}}",
    "list": "- {}",
}


def test_the_canaries_cover_many_families() -> None:
    assert len(ALL) >= 200
    assert len(FAMILIES) >= 15


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_key_is_detected(family: str, carrier: str) -> None:
    for key in (key for other, key in ALL if other == family):
        line = CARRIERS[carrier].format(key)
        assert credential_in(line), family
        assert leaked(key, credential_in(line)) == ""


@pytest.mark.parametrize(("family", "key"), ALL)
def test_a_key_in_base64_is_detected(family: str, key: str) -> None:
    assert credential_in("data: " + base64.b64encode(key.encode()).decode()), family
    assert credential_in("data: " + base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")), (
        family
    )


@pytest.mark.parametrize(("family", "key"), ALL)
def test_masking_removes_every_part_of_a_key(family: str, key: str) -> None:
    assert leaked(key, masked(f"the value {key} is wrong")) == "", family


@pytest.mark.parametrize(
    "url",
    [
        "https://llm.example.com/v1?api_key=canary0123456789",
        "https://llm.example.com/v1?region=eu&token=canary",
        "https://llm.example.com/v1?API-Key=canary'canary#here",
        "https://llm.example.com/v1?region=eu&amp;access_token=canary{}canary",
        "https://llm.example.com/v1?client_secret=canary",
        "https://llm.example.com/v1?password=%63canary&region=eu",
        "https://user:canary@llm.example.com/v1",
        "https://user:can@canary@llm.example.com/v1",
        "https://canary@llm.example.com/v1?sig=canary",
    ],
)
def test_masking_removes_every_part_of_a_key_in_a_url(url: str) -> None:
    for text in (url, json.dumps({"baseURL": url}), f"the base URL '{url}' cannot be parsed"):
        result = masked(text)
        assert "canary" not in result
        assert "llm.example.com/v1" in result
        assert masked(result) == result
        assert lines.shown(text) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://llm.example.com/v1?api-version=2024-02-01",
        "https://llm.example.com/v1?region=eu&maxTokens=100",
        "https://llm.example.com/@team",
    ],
)
def test_masking_keeps_the_rest_of_a_url(url: str) -> None:
    assert masked(url) == url


NAMES = [
    "",
    "sk-short",
    "claude-sonnet-4-5-20250929",
    "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "sk-replace-with-real-key-0000000",
    "pa-short",
    "https://example-prod-eu.openai.azure.com",
    "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-v1:0",
    "meta-llama/llama-3.3-70b-instruct",
    "Bearer {{ values.token }}",
    "https://{{ user }}:{{ password }}@llm.example.com",
    "https://llm.example.com/v1?api-version=2024-02-01",
    "/var/run/secrets/vllm/token",
    "risk-management-of-large-language-models",
    "-----BEGIN CERTIFICATE-----",
]


@pytest.mark.parametrize("text", NAMES)
def test_names_and_placeholders_are_not_credentials(text: str) -> None:
    assert credential_in(text) == ""


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("apiKey", "9f86d081884c7d659a2feaa0c55ad015", True),
        ("client_secret", "x7Kp2mQ9vL4nR8tW1zB5", True),
        ("token", "x7Kp2mQ9vL4nR8tW1zB5", True),
        ("password", "x7Kp2-mQ9vL4-nR8tW1-zB5", True),
        ("apiKey", "openai-credentials-of-prod", False),
        ("secret", "anthropic-credentials-2026", False),
        ("apiKey", "{{ values.flokoa.openai.secret }}", False),
        ("key", "AZURE_CLIENT_SECRET_OF_PROD", False),
        ("apiKeySecretRef", "x7Kp2mQ9vL4nR8tW1zB5", False),
        ("secretName", "x7Kp2mQ9vL4nR8tW1zB5", False),
        ("maxTokens", "x7Kp2mQ9vL4nR8tW1zB5", False),
        ("model", "x7Kp2mQ9vL4nR8tW1zB5", False),
        ("token", "/var/run/secrets/kubernetes.io/serviceaccount/token", False),
        ("apiKey", "your-api-key-here-x7Kp2mQ9vL4", False),
        ("apiKey", "EuropeWest4ClaudeSonnetTeamA", False),
    ],
)
def test_fields_that_are_named_like_a_credential(name: str, value: str, expected: bool) -> None:
    assert is_credential_field(name, value) is expected


def test_this_repository_contains_no_credentials() -> None:
    """No false positives in templates, environments, CRDs and examples of the kinds (except those of a finding)."""
    folders = ("environments", "templates", "tests/kinds", "reconciler/crds")
    files = [
        SourceFile(str(path.relative_to(ROOT)), path.read_text())
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".yaml", ".j2", ".json") and "SEC00" not in path.read_text()
    ]
    findings = source_secrets.source_findings(replace(environment(), files=tuple(files)), ())

    assert len(files) > 100
    assert [str(finding.where) for finding in findings] == []


@pytest.mark.parametrize(("family", "key"), ALL)
def test_a_line_with_a_key_stays_hidden(family: str, key: str) -> None:
    assert lines.shown(f"value: {key}") == "", family


def _patterns() -> Iterator[re.Pattern[str]]:
    yield from (shape.pattern for shape in SHAPES)
    yield from (
        v
        for m in (credentials, entropy, lines, source_secrets)
        for v in vars(m).values()
        if isinstance(v, re.Pattern)
    )


_REPEATS = (kind.MAX_REPEAT, kind.MIN_REPEAT)


def _cannot_fail(token: Any) -> bool:
    operator, argument = token
    return operator in _REPEATS and argument[0] == 0


def _repeats(tokens: Any, *, last: bool, inside: bool) -> Iterator[tuple[int, bool, bool]]:
    """For each repetition: its bound, whether nothing that can fail follows, and whether it is inside another one."""
    tokens = list(tokens)
    for index, (operator, argument) in enumerate(tokens):
        at_end = last and all(map(_cannot_fail, tokens[index + 1 :]))
        if operator in _REPEATS:
            _, high, body = argument
            many = high > 1
            if many:
                yield (int(high), at_end, inside)
            yield from _repeats(body, last=at_end, inside=inside or many)
        elif operator is kind.SUBPATTERN:
            yield from _repeats(argument[-1], last=at_end, inside=inside)
        elif operator is kind.BRANCH:
            for branch in argument[1]:
                yield from _repeats(branch, last=at_end, inside=inside)


@pytest.mark.parametrize("pattern", list(_patterns()), ids=lambda p: p.pattern[:30])
def test_every_pattern_is_linear(pattern: re.Pattern[str]) -> None:
    """Repetitions are not nested, and one without a bound is followed by nothing that can fail."""
    repeats = list(_repeats(parser.parse(pattern.pattern), last=True, inside=False))
    assert not [1 for _, _, inside in repeats if inside]
    assert all(high <= 1024 or at_end for high, at_end, _ in repeats)


@pytest.mark.parametrize(
    "name",
    [
        "gateway-sk-bratislava-production",
        "sk-learn-models-eu-central-1-production",
        "sk-prod-anthropic-key-europe-west",
        "pa-europe-west-4-very-long-label-name-for-a-team-of-people",
    ],
)
def test_a_name_made_of_words_is_not_a_key(name: str) -> None:
    assert credential_in(name) == ""
    assert masked(name) == name


def test_the_base64_of_a_key_is_masked_like_the_key() -> None:
    key = "sk-proj-Abcd1234Efgh5678Ijkl9012Mnop3456"
    encoded = base64.b64encode(key.encode()).decode()
    assert masked(f"unknown field spec.{encoded}") == "unknown field spec.(redacted)"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "<your key>",
            "YOUR_API_KEY",
            "your-openai-api-key",
            "insert key here",
            "paste_token_here",
        ),
        *(
            "${OPENAI_API_KEY}",
            "$(OPENAI_API_KEY)",
            "{{ openai_key }}",
            "TODO",
            "tbd\n",
            "placeholder",
        ),
        *("xxx", "sk-xxxxxxxx", "sk-...", "sk-ant-****", "change_me", "ChangeMe", "replace this"),
    ],
)
def test_what_people_write_in_place_of_a_key(text: str) -> None:
    assert is_unfilled(text)


@pytest.mark.parametrize(
    "text",
    [
        *("none", "dummy", "EMPTY", "not-needed"),  # what servers get that check no key
        *("sk-ant-api03-R2D2xxx9", "xx", "my-password", "your-highness", "<a><b>", "todo-list"),
        *('{"type": "service_account"}', "$ecret", "p{{4}}q", "<" * 300, "your-" * 100 + "key"),
    ],
)
def test_what_may_be_a_key(text: str) -> None:
    assert not is_unfilled(text)
