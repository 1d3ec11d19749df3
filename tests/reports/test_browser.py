"""The page in a real browser, if there is one: `make browser`, and a Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.change import Action, State
from reconciler.model.run import Run
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.pictures import CHROMIUM, chromium, comment_page, draw
from tests.reports.scenarios import SCENARIOS, change, hostile, omnia
from tests.reports.test_html_pictures import with_reports

pytest.importorskip("playwright.sync_api", reason="no playwright (group browser)")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium")

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SHOWN = "#rows tr:not([hidden])"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


class Opened:
    """A page, with what it asked the network for, and what its console said."""

    def __init__(self, browser: Any, file: Path, run: Run, **context: Any) -> None:
        file.write_text(FORMATS["html"].render(run, Style()))
        self.page = browser.new_context(**({"viewport": DESKTOP} | context)).new_page()
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.goto(file.as_uri())
        self.address = file.as_uri()


@pytest.mark.parametrize("scenario", ["drift", "review", "partial-apply", "invalid", "hostile"])
def test_a_page_asks_for_nothing_and_nothing_in_it_fails(
    browser: Any, tmp_path: Path, scenario: str
) -> None:
    opened = Opened(browser, tmp_path / "page.html", SCENARIOS[scenario]())
    assert opened.requests == [opened.address]
    assert opened.said == []


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</style><style>*{display:none}</style>",
        '" onfocus="alert(1)" autofocus="',
        "</script><script>alert(1)</script>",
        "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
        "<base href=https://evil.example>",
        "javascript:alert(1)",
    ],
)
def test_no_payload_acts(browser: Any, tmp_path: Path, payload: str) -> None:
    opened = Opened(browser, tmp_path / "page.html", hostile(payload))
    assert opened.requests == [opened.address]
    assert opened.said == []
    assert opened.page.locator("script").count() == 1
    assert opened.page.locator("img, iframe, base, [onerror], [onfocus]").count() == 0
    assert opened.page.locator("h1").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scenario", ["drift", "review", "invalid", "reports"])
def test_axe_finds_no_violation(
    browser: Any, tmp_path: Path, scenario: str, viewport: dict[str, int], scheme: str
) -> None:
    opened = Opened(
        browser,
        tmp_path / "page.html",
        (SCENARIOS | {"reports": with_reports})[scenario](),
        viewport=viewport,
        color_scheme=scheme,
        bypass_csp=True,  # for axe itself
    )
    results = axe.Axe().run(opened.page)
    assert results.violations_count == 0, results.generate_report()


def test_a_phone_need_not_scroll_sideways(browser: Any, tmp_path: Path) -> None:
    page = Opened(browser, tmp_path / "page.html", SCENARIOS["drift"](), viewport=PHONE).page
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]


def test_the_filter_works_with_the_keyboard(browser: Any, tmp_path: Path) -> None:
    page = Opened(browser, tmp_path / "page.html", SCENARIOS["drift"]()).page
    every = page.locator(SHOWN).count()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    while page.evaluate("document.activeElement.id") != "text":
        page.keyboard.press("Tab")
    page.keyboard.type("Steady-1")
    assert page.locator(SHOWN).count() == 11
    assert page.locator("#count").text_content() == f"11 of {every} objects"
    page.fill("#text", "")
    page.select_option("#state", "rotated")
    assert page.locator(SHOWN).count() == 3
    page.select_option("#state", "")
    page.check("#attention")
    assert 0 < page.locator(SHOWN).count() < every


def test_a_link_in_the_grid_opens_what_it_leads_to(browser: Any, tmp_path: Path) -> None:
    run = SCENARIOS["first-diff"]()
    page = Opened(browser, tmp_path / "page.html", run).page
    folded = (
        "[...document.querySelectorAll('#rows a')].find(a => !document.querySelector(a.hash).open)"
    )
    target = page.evaluate(f"{folded}.hash")
    page.locator(f'#rows a[href="{target}"]').click()
    assert page.locator(target).get_attribute("open") is not None


def test_the_page_is_readable_without_script(browser: Any, tmp_path: Path) -> None:
    page = Opened(
        browser, tmp_path / "page.html", SCENARIOS["drift"](), java_script_enabled=False
    ).page
    assert not page.locator(".filter").is_visible()
    assert page.locator("#rows tr").count() > 40
    assert page.get_by_text("changed by kubectl-edit").first.is_visible()
    anchor = page.locator("details:not([open])").first.get_attribute("id")
    page.locator(f"#{anchor} summary").click()
    assert page.locator(f"#{anchor}").get_attribute("open") is not None


OVERLAPS = """
boxes => boxes.flatMap((a, n) => boxes.slice(n + 1).filter(b => {
  const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
  return p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom;
}))"""
OVERFLOWS = """
texts => texts.filter(text => {
  const [own, around] = [text.getBoundingClientRect(), text.parentNode.getBoundingClientRect()];
  return own.left < around.left - 1 || own.right > around.right + 1;
}).map(text => text.textContent)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_the_pictures_nothing_covers_another_thing_or_is_cut_off(
    browser: Any, tmp_path: Path, scheme: str
) -> None:
    page = Opened(browser, tmp_path / "page.html", with_reports(), color_scheme=scheme).page
    assert page.locator("svg.picture").count() == 2
    assert page.locator(".picture svg rect").count() > 10
    for what in (".picture svg", ".picture > text"):
        assert page.eval_on_selector_all(what, OVERLAPS) == []
    assert page.eval_on_selector_all(".picture text", OVERFLOWS) == []
    colors = "all => all.map(each => getComputedStyle(each).stroke)"
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper not in page.eval_on_selector_all(".picture path, .picture svg rect", colors)


def test_the_history_is_folded_and_opens_with_the_keyboard(browser: Any, tmp_path: Path) -> None:
    page = Opened(browser, tmp_path / "page.html", with_reports()).page
    newest = page.locator(".history details").first
    assert not newest.locator("li").first.is_visible()
    newest.locator("summary").focus()
    page.keyboard.press("Enter")
    assert newest.locator("li").first.is_visible()


def test_a_comment_is_drawn_as_a_picture(browser: Any, tmp_path: Path) -> None:
    page, picture = tmp_path / "comment.html", tmp_path / "comment.png"
    page.write_text(comment_page(FORMATS["markdown"].render(SCENARIOS["review"](), Style())))
    draw(browser, page, picture, ".comment", 970, 600)
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
    assert (width, 100 < height <= 600) == (970, True)


def test_5000_objects_can_be_filtered(browser: Any, tmp_path: Path) -> None:
    run = SCENARIOS["in-sync"]()
    (prod,) = run.environments
    changes = tuple(change(omnia(f"p-{n}"), State.UNCHANGED, Action.NONE) for n in range(5_000))
    large = replace(run, environments=(replace(prod, changes=changes),))
    page = Opened(browser, tmp_path / "page.html", large).page
    page.fill("#text", "p-4999")
    assert page.locator(SHOWN).count() == 1
    assert page.locator("#count").text_content() == "1 of 5001 objects"
