"""What of a value, and of a source line, may be shown: no key, and no header but those of the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.stages.plan import plan_object
from tests.stages.builders import US, given, observation, owner, record, stored
from tests.stages.repositories import CONFIG, judged

SPEC = {"type": "claude", "model": "claude-sonnet-4-5"}
OURS = owner(US, "spec.type", "spec.model")


@pytest.mark.parametrize("key", ["api_key=abcdef0123456789", "region=eu&token=abcdef"])
def test_a_difference_never_shows_a_key_in_a_base_url(key: str) -> None:
    mine, other = (
        {"type": "vllm", "model": "m", "baseURL": f"https://{host}.example/v1?{key}"}
        for host in "ab"
    )
    ours = owner(US, "spec.type", "spec.model", "spec.baseURL")
    change = plan_object(given(), observation(mine, stored(other, ours), stored(mine, ours)))
    texts = (change.differences, change.foreign, change.reason, change.hint, change.warnings)
    shown = repr(texts)
    assert "a.example" in shown
    assert "b.example" in shown
    assert "abcdef" not in shown


@pytest.mark.parametrize(
    ("name", "globs", "is_shown"),
    [
        ("X-Team", (), False),
        ("X-Team", ("x-t*",), True),
        ("anthropic-version", (), True),
        ("Authorization", ("*",), False),
        ("X-Session-Id", ("*",), False),
        ("Ocp-Apim-Subscription-Key", ("*",), False),
    ],
)
def test_the_policy_shows_headers(name: str, globs: tuple[str, ...], is_shown: bool) -> None:
    before, after = (SPEC | {"headers": {name: value}} for value in ("blue", "green"))
    ours = owner(US, "spec.type", "spec.model", f"spec.headers.{name}")
    observed = observation(after, stored(before, ours), stored(after, ours))
    (difference,) = plan_object(given(shown_headers=globs), observed).differences
    expected = '"green"' if is_shown else '"(redacted)"'
    assert (difference.predicted.text, difference.live.masked) == (expected, not is_shown)


def test_a_shown_header_is_masked_like_any_value() -> None:
    after = SPEC | {"headers": {"X-Team": "Bearer canary-3f9a1c"}}
    ours = owner(US, "spec.type", "spec.model", "spec.headers.X-Team")
    observed = observation(after, stored(SPEC, ours), stored(after, ours))
    (difference,) = plan_object(given(shown_headers=("X-Team",)), observed).differences
    assert difference.predicted.text == '"Bearer (redacted)"'


def test_a_live_value_is_masked_by_its_name_and_its_shape() -> None:
    added = {"apiKey": "hunter2", "note": "password=hunter2", "model": "gpt-5"}
    live = stored(
        SPEC | {"extra": added},
        OURS,
        owner("k9s", "spec.extra.apiKey", "spec.extra.note", operation="Update"),
    )
    change = plan_object(given(record("spec.type", "spec.model")), observation(SPEC, live, live))
    assert change.foreign
    assert "hunter2" not in repr((change.differences, change.foreign))


HEAD = "apiVersion: omnia.altairalabs.ai/v1alpha1\nkind: Provider\nmetadata: {name: a, namespace: omnia}\n"
SOURCES = {
    "one line with another finding": (HEAD + "spec: {type: mock, modle: x, headers: {X-Team: hunter2}}\n", ""),
    "a value that two fields read": (
        HEAD + "spec:\n  type: {{ values.team }}\n  headers: {Team: {{ values.team }}}\n",
        "team: hunter2\n",
    ),
    "a template that does not render": (HEAD + "spec:\n  headers:\n    X-Team: hunter2 {{ values.none }}\n", ""),
    "a flow mapping that does not render": (HEAD + "spec:\n  headers: {Team: hunter2 {{ values.none }}}\n", ""),
    "no YAML": (HEAD + "spec:\n  headers:\n    X-Team: hunter2: x\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_the_line_below_a_finding_shows_no_header(name: str, tmp_path: Path) -> None:
    template, values = SOURCES[name]
    findings = judged(tmp_path, {"a.yaml.j2": template}, values)
    assert findings
    assert [f.code for f in findings if "hunter2" in f.source] == []


def test_but_that_of_the_policy(tmp_path: Path) -> None:
    template = HEAD + "spec:\n  type: {{ values.team }}\n  headers: {Team: {{ values.team }}}\n"
    config = CONFIG + "policy: {shownHeaders: [Team]}\n"
    findings = judged(tmp_path, {"a.yaml.j2": template}, "team: plain\n", config)
    assert [f.code for f in findings if "plain" in f.source]
