"""The page: valid HTML, one file, nothing of the data is markup, and every object is in it."""

from __future__ import annotations

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings

from reconciler.model.change import Action, Change, State
from reconciler.model.run import Run
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.anything import RUNS
from tests.reports.payloads import PAYLOADS
from tests.reports.scenarios import HOSTILE, NOW, SCENARIOS, change, field, hostile, omnia

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer"),
    *("h1", "h2", "h3", "ul", "ol", "li", "a", "p", "div", "label", "input", "select", "option"),
    *("output", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b", "small"),
    *("code", "pre", "del", "ins", "time", "script"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "role", "hidden"),
    *("aria-labelledby", "aria-label", "aria-live", "type", "autocomplete", "value", "tabindex"),
    *("scope", "open"),
}


def rendered(run: Run) -> str:
    return FORMATS["html"].render(run, Style(now=NOW))


def parsed(text: str) -> ET.Element:
    """The tree that a browser makes of the page; every parse error fails."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
    return parser.parse(text)  # type: ignore[no-any-return]


def checked(run: Run) -> ET.Element:
    """The page, of which only the template made elements and attributes."""
    tree = parsed(rendered(run))
    ids = [each.get("id") for each in tree.iter() if each.get("id")]
    assert len(set(ids)) == len(ids)
    for element in tree.iter():
        assert element.tag in ELEMENTS, element.tag
        assert set(element.attrib) <= ATTRIBUTES, element.attrib
        assert element.get("href", "#").startswith("#")
        for name in ("href", "aria-labelledby"):
            if target := element.get(name, "").lstrip("#"):
                assert target in ids, target
    assert [len(list(tree.iter(tag))) for tag in ("script", "style", "title")] == [1, 1, 1]
    return tree


def text_of(tree: ET.Element, *, of: str = "body") -> str:
    body = next(tree.iter(of))
    return " ".join("".join(body.itertext()).split())


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_scenario_is_valid_html(scenario: str) -> None:
    run = SCENARIOS[scenario]()
    text = text_of(checked(run))
    for environment in run.environments:
        for each in environment.changes:
            assert f"{each.ref.namespace}/{each.ref.name}" in text or scenario == "hostile"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=RUNS)
def test_any_run_is_valid_html(run: Run) -> None:
    checked(run)


@pytest.mark.parametrize("payloads", [PAYLOADS[n::20] for n in range(20)])
def test_no_payload_becomes_markup(payloads: list[str]) -> None:
    """The elements of a page with a payload in every place are those of a page with a harmless word."""
    for payload in (*payloads, *HOSTILE):
        tree = checked(hostile(payload))
        elements = [element.tag for element in tree.iter()]
        plain = [element.tag for element in checked(hostile("x" + "y" * (len(payload) > 1))).iter()]
        assert set(elements) == set(plain), payload


def test_nothing_is_loaded_and_only_its_own_style_and_script_may_run() -> None:
    text = rendered(SCENARIOS["drift"]())
    assert "http://" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
    assert not re.search(r"""\b(src|srcset|action|background|@import|url\()\s*=?["'(]""", text)
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
    tree = checked(SCENARIOS["drift"]())
    header = next(tree.iter("header"))
    assert "19 findings need attention" in " ".join("".join(header.itertext()).split())
    opened = {
        "".join(each.itertext()).split()[0]
        for each in tree.iter("details")
        if "open" in each.attrib
    }
    assert {"DRIFT", "MISSING", "NO", "ROTATED", "KEPT"} <= opened
    assert all(
        "UNCHANGED" not in "".join(e.itertext()) for e in tree.iter("details") if "open" in e.attrib
    )
    text = text_of(tree)
    assert (
        "2026-07-24T02:14:00Z ModelProvider llm/gateway: spec.openai.baseURL changed by kubectl-edit"
        in text
    )
    assert "2026-07-24T03:07:00Z Secret llm/vertex-sa [key.json] was rotated" in text


def test_an_environment_is_a_column() -> None:
    run = SCENARIOS["in-sync"]()
    (prod,) = run.environments
    dev = replace(prod, name="dev", changes=prod.changes[:1])
    tree = checked(replace(run, environments=(prod, dev)))
    head, *rows = (
        ["".join(cell.itertext()).strip() for cell in row]
        for row in next(tree.iter("table")).iter("tr")
    )
    assert head == ["object", "prod", "dev"]
    assert rows[0][1:] == ["unchanged", "unchanged"]
    assert rows[1][1:] == ["unchanged", "–"]


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
