"""The page: valid HTML, one file, nothing of the data is markup, and every object is in it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Any

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from selectolax.lexbor import LexborHTMLParser

from reconciler.model.change import Action, Change, State
from reconciler.model.difference import FieldValue
from reconciler.model.history import Event
from reconciler.model.run import Run
from reconciler.model.verbs import Verb
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.anything import RUNS
from tests.reports.payloads import PAYLOADS
from tests.reports.scenarios import NOW, SCENARIOS, change, field, hostile, omnia

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer"),
    *("h1", "h2", "h3", "ul", "ol", "li", "a", "p", "div", "label", "input", "select", "option"),
    *("output", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b", "small"),
    *("code", "pre", "del", "ins", "time", "script", "svg", "text", "path", "rect", "circle"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "role", "hidden"),
    *("aria-labelledby", "aria-label", "aria-live", "type", "autocomplete", "value", "tabindex"),
    *("scope", "open", "x", "y", "width", "height", "rx", "cx", "cy", "r", "d", "text-anchor"),
}


def rendered(run: Run) -> str:
    return FORMATS["html"].render(run, Style(now=NOW))


def checked(text: str) -> LexborHTMLParser:
    """The page as a browser reads it, of which only the template made elements and attributes."""
    tree = LexborHTMLParser(text)
    nodes = list(tree.root.traverse(include_text=False))
    ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
    assert len(set(ids)) == len(ids)
    for node in nodes:
        assert node.tag in ELEMENTS, node.tag
        assert set(node.attributes) <= ATTRIBUTES, node.attributes
        assert (node.attributes.get("href") or "#").startswith("#")
        for name in ("href", "aria-labelledby"):
            if target := (node.attributes.get(name) or "").lstrip("#"):
                assert target in ids, target
    assert [len(tree.css(tag)) for tag in ("script", "style", "title")] == [1, 1, 1]
    return tree


def text_of(tree: LexborHTMLParser, selector: str = "body") -> str:
    return " ".join(" ".join(node.text() for node in tree.css(selector)).split())


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_scenario_is_valid_html(scenario: str) -> None:
    """As the standard has it, not only as browsers forgive it."""
    run = SCENARIOS[scenario]()
    printed = rendered(run)
    html5lib.HTMLParser(strict=True).parse(printed)
    text = text_of(checked(printed))
    for environment in run.environments:
        for each in environment.changes:
            assert f"{each.ref.namespace}/{each.ref.name}" in text or scenario == "hostile"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=RUNS)
def test_any_run_is_valid_html(run: Run) -> None:
    checked(rendered(run))


@cache
def structure(payload: str) -> list[str]:
    """The elements of a page with a payload in every place."""
    tree = checked(rendered(hostile(payload)))
    return [node.tag or "" for node in tree.root.traverse(include_text=False)]


@pytest.mark.parametrize("payloads", [PAYLOADS[n::20] for n in range(20)])
def test_no_payload_becomes_markup(payloads: list[str]) -> None:
    """It has the elements of a page with harmless words on as many lines."""
    for payload in payloads:
        assert structure(payload) == structure(re.sub(r"\S+", "X!", payload)), payload


STRONGEST = (
    "<b>x</b>",
    '" onclick=alert(1) x="',
    "</style></script></title><script>alert(1)</script>",
    "\u2028<!--<script>\u2029",
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def replaced(value: Any, text: str, *, times: bool) -> Any:
    """A value of the model with each of its texts replaced, and its times too if `times`."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return text if value and (times or not TIME.fullmatch(value)) else value
    if isinstance(value, tuple | frozenset):
        return type(value)(replaced(each, text, times=times) for each in value)
    if isinstance(value, FieldValue):
        return FieldValue.of(text) if value.text else value
    if is_dataclass(value) and not isinstance(value, type | Verb):
        content = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        texts = {key: replaced(each, text, times=times) for key, each in content.items()}
        return replace(value, **texts)
    return value


def with_history(run: Run) -> Run:
    """Several reports in the place of each environment."""
    event = Event(NOW, "drift", "9f8e7d6", "in sync", "a1b2c3", ("x",), ("x",), ("x", "y"))
    earlier = replace(event, time="2026-07-20T02:14:00Z")
    return replace(
        run, environments=tuple(replace(e, history=(event, earlier)) for e in run.environments)
    )


@pytest.mark.parametrize("times", [False, True])
@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_no_text_of_any_scenario_becomes_markup(scenario: str, times: bool) -> None:
    """Every field of the model that is a text, those that nobody thought of in `hostile` as well."""
    run = with_history(SCENARIOS[scenario]())

    def elements(text: str) -> list[tuple[str, tuple[str, ...], str | None]]:
        tree = checked(rendered(replaced(run, text, times=times)))
        nodes = tree.root.traverse(include_text=False)
        return [(n.tag or "", tuple(n.attributes), n.attributes.get("class")) for n in nodes]

    for payload in STRONGEST:
        assert elements(payload) == elements(re.sub(r"\S+", "X!", payload)), payload


def test_the_check_sees_what_it_looks_for() -> None:
    page = rendered(SCENARIOS["in-sync"]())
    for markup in (
        "<img src=x>",
        "<p onclick=x>",
        "<a href=//x>",
        "<script></script>",
        "<p id=main>",
        "<!-- x -->",
    ):
        checked(page)
        with pytest.raises(AssertionError):
            checked(page.replace("</main>", f"{markup}</main>"))


def test_nothing_is_loaded_and_only_its_own_style_and_script_may_run() -> None:
    text = rendered(SCENARIOS["drift"]())
    assert "http://" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
    assert not re.search(r"""\b(src|srcset|action|background)\s*=|@import|url\(""", text)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    for tag in ("style", "script"):
        content = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert content
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


def test_the_verdict_is_first_and_what_needs_attention_is_open() -> None:
    tree = checked(rendered(SCENARIOS["drift"]()))
    assert text_of(tree, "header") == "reconciler drift prod: 20 findings need attention"
    opened = text_of(tree, "details[open] > summary > b")
    for label in ("DRIFT", "MISSING", "NO KEY", "ROTATED", "KEPT", "NOT READY"):
        assert label in opened
    assert "UNCHANGED" not in opened
    events = text_of(tree, "ol.events")
    by = "spec.openai.baseURL changed by kubectl-edit (Update)"
    assert f"2026-07-24T02:14:00Z ModelProvider llm/gateway: {by}" in events
    assert "2026-07-24T03:07:00Z Secret llm/vertex-sa [key.json] was rotated" in events


def test_an_environment_is_a_column() -> None:
    run = SCENARIOS["in-sync"]()
    (prod,) = run.environments
    dev = replace(prod, name="dev", changes=prod.changes[:1])
    tree = checked(rendered(replace(run, environments=(prod, dev))))
    rows = [[cell.text(strip=True) for cell in row.css("th, td")] for row in tree.css(".grid tr")]
    assert rows[0] == ["object", "prod", "dev"]
    assert rows[1][1:] == ["unchanged", "unchanged"]
    assert rows[2][1:] == ["unchanged", "-"]


def many(state: State, number: int) -> tuple[Change, ...]:
    fields = (field("spec.model", "a", "b"),) if state is State.CHANGED else ()
    return tuple(
        change(omnia(f"p-{n}"), state, Action.UPDATE, differences=fields) for n in range(number)
    )


@pytest.mark.parametrize("state", [State.UNCHANGED, State.CHANGED])
def test_5000_objects_are_on_one_lean_page(state: State) -> None:
    run = SCENARIOS["in-sync"]()
    (prod,) = run.environments
    text = rendered(replace(run, environments=(replace(prod, changes=many(state, 5_000)),)))
    assert all(f"omnia/p-{n}<" in text for n in range(5_000))
    assert len(text) < 5_000 * 1_000
    assert text.count("<") < 5_000 * 40
