"""No data breaks out of the Markdown, and it always fits."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from reconciler.errors import ExitCode
from reconciler.model.change import Action, State
from reconciler.model.run import Run
from reconciler.model.verbs import APPLY, DIFF, DRIFT
from reconciler.report import Style
from reconciler.reports.markdown import LIMIT, marker, render
from tests.reports.anything import RUNS
from tests.reports.payloads import ATTACKS, PAYLOADS, WRAPS
from tests.reports.scenarios import (
    HOSTILE,
    SCENARIOS,
    change,
    environment,
    field,
    hostile,
    invalid,
    omnia,
    run,
    secret,
)
from tests.reports.scenarios import SecretState as S

PARSER = MarkdownIt("commonmark").enable("table")
OURS = re.compile(
    r"<!-- reconciler:[a-z]+:[!-;=?-~]* -->|<details><summary>[a-z0-9, ]+</summary>|</details>"
)
# What GitHub turns into a link, a mention or a reference, wherever it stands as text.
ACTIVE = re.compile(r"https?:|www\.|mailto:|@|#|\bGH-|[0-9a-f]{40}|<|!\[", re.IGNORECASE)
INERT = {"code_inline", "fence"}


def inspect(markdown: str) -> None:
    """Nothing but code holds data: no link, image, HTML beyond our own, and nothing that GitHub would act on."""
    assert len(markdown) <= LIMIT
    for token in walk(PARSER.parse(markdown)):
        assert token.type not in ("link_open", "image"), token
        if token.type in ("html_block", "html_inline"):
            assert OURS.sub("", token.content).strip() == "", token.content
        elif token.type == "text":
            assert not ACTIVE.search(token.content), token.content
        else:
            assert token.type in INERT or not token.content or token.type == "inline", token


def walk(tokens: list[Any]) -> Any:
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) >= 500


@pytest.mark.parametrize("attack", range(len(ATTACKS)))
def test_no_payload_breaks_out(attack: int) -> None:
    for payload in PAYLOADS[attack * len(WRAPS) : (attack + 1) * len(WRAPS)]:
        inspect(render(hostile(payload), Style(verbose=True)))


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_no_scenario_breaks_out(name: str) -> None:
    inspect(render(SCENARIOS[name](), Style()))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(run=RUNS)
def test_no_run_breaks_out(run: Run) -> None:
    inspect(render(run, Style()))


def test_the_inspection_sees_what_it_looks_for() -> None:
    for attack in (
        "[x](https://e.example)",
        "![x](y)",
        "<b>x</b>",
        "@octocat",
        "https://e.example",
    ):
        with pytest.raises(AssertionError):
            inspect(attack)


def test_the_first_line_is_the_marker_of_the_environment() -> None:
    assert render(SCENARIOS["review"](), Style()).startswith("<!-- reconciler:diff:prod -->\n###")
    assert "<!--" not in render(SCENARIOS["invalid"](), Style()), "several environments: no comment"


def test_the_outcome_of_an_apply_takes_the_place_of_its_diff() -> None:
    assert marker(APPLY, "prod") == marker(DIFF, "prod")
    assert marker(DRIFT, "prod") != marker(DIFF, "prod")


def test_the_marker_of_several_environments_is_that_of_no_environment() -> None:
    assert marker(DIFF) == "<!-- reconciler:diff -->"
    assert marker(DIFF, "") == "<!-- reconciler:diff: -->"


@pytest.mark.parametrize("name", ["a --> b", "a\nb", "<x>", "a`b", *HOSTILE])
def test_a_marker_is_one_comment_whatever_the_name(name: str) -> None:
    assert re.fullmatch(r"<!-- reconciler:diff:[!-;=?-~]+ -->", marker(DIFF, name))


def many(number: int, value: str = "b", state: State = State.CHANGED) -> Run:
    changes = tuple(
        change(
            omnia(f"provider-{n}"),
            state,
            Action.UPDATE,
            # Each object has a value of its own, so that no two changes are the same.
            differences=(field("spec.model", "a", f"{value}{n}"), field("spec.baseURL", "a", "c")),
        )
        for n in range(number)
    )
    return run(DIFF, environment(code=ExitCode.DIFFERENCES, changes=changes, objects=number))


@pytest.mark.parametrize(
    ("large", "shortened"),
    [
        (many(20), None),
        (many(100, "x" * 1000), "Shown without values"),
        (many(2_000), "Shown without fields"),
        (many(2_000, state=State.CONFLICT), "and 1,900 more"),
        (many(1, "`" * 100_000), None),
    ],
    ids=["small", "long-values", "many", "many-conflicts", "one-huge-value"],
)
def test_a_large_report_says_less_instead_of_being_cut(large: Run, shortened: str | None) -> None:
    printed = render(large, Style())
    inspect(printed)
    assert ("Shown without" in printed) == (shortened is not None)
    assert shortened is None or shortened in printed
    assert printed.startswith("<!-- reconciler:diff:prod -->\n### ")
    assert printed.count("<details>") == printed.count("</details>")
    *_, last = (token for token in PARSER.parse(printed) if token.type == "inline")
    assert last.content.startswith("exit 1"), "every fence is closed before the last line"
    number = len(large.environments[0].changes)
    assert f"{number:,} object" in printed


def test_what_needs_attention_is_never_folded() -> None:
    for name in ("review", "drift", "partial-apply"):
        open_text = re.sub(
            r"<details>.*?</details>", "", render(SCENARIOS[name](), Style()), flags=re.DOTALL
        )
        folded = render(SCENARIOS[name](), Style())
        for label in ("CONFLICT", "NO KEY", "ROTATED", "REFUSED", "FAILED", "DRIFT"):
            assert open_text.count(f"{label} ·") == folded.count(f"{label} ·")


def test_many_environments_and_many_findings_fit() -> None:
    run = invalid()
    environments = tuple(replace(run.environments[2], name=f"env-{n}") for n in range(1000))
    inspect(render(replace(run, environments=environments), Style()))
    prod = run.environments[2]
    lots = tuple(replace(prod.findings[0], message=f"finding {n}") for n in range(5000))
    inspect(render(replace(run, environments=(replace(prod, findings=lots),)), Style()))


def test_many_secrets_and_notes_fit() -> None:
    rows = tuple(secret(omnia(f"p{n}"), f"s{n}", "k", S.MISSING_SECRET) for n in range(3000))
    environment_run = environment(
        code=ExitCode.DIFFERENCES,
        secrets=rows,
        notes=("not seen " * 50,) * 3000,
        warnings=("not safe " * 50,) * 3000,
    )
    inspect(render(run(DRIFT, environment_run), Style()))
    few = render(run(DRIFT, replace(environment_run, secrets=())), Style())
    assert (few.count("warning: "), few.count("not checked: ")) == (21, 21), "and how many more"
    assert "warning: 2,980 more" in few
