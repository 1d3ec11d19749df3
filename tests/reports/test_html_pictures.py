"""The pictures of the page, and what several reports of an environment tell together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from reconciler.cli import main
from reconciler.model.identity import Names, ObjectRef, secret_ref
from reconciler.model.impact import Affected, Consequence, Effect
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.reports._entries import Level
from reconciler.reports._history import with_history
from reconciler.reports.html.graph import Box, Graph, graph
from reconciler.reports.html.timeline import timeline
from tests.reports.scenarios import SCENARIOS

SYNCED, DRIFTED = "2026-07-22T09:41:02Z", "2026-07-23T09:41:02Z"


def at(run: Run, finished: str) -> Run:
    return replace(run, started=finished, finished=finished, verb=SCENARIOS["drift"]().verb)


def with_reports() -> Run:
    """A drift, with two reports from before."""
    runs = [at(SCENARIOS["in-sync"](), SYNCED), at(fewer(), DRIFTED), SCENARIOS["drift"]()]
    return with_history(runs[-1], runs)


def fewer() -> Run:
    """The drift when less of it was there."""
    run = SCENARIOS["drift"]()
    (prod,) = run.environments
    return replace(run, environments=(replace(prod, secrets=(), changes=prod.changes[:7]),))


def page_of(run: Run) -> LexborHTMLParser:
    return LexborHTMLParser(FORMATS["html"].render(run, Style()))


def drawn(rows: tuple[Affected, ...]) -> Graph:
    picture = graph(
        EnvironmentRun("prod", SCENARIOS["drift"]().environments[0].exit_code, affected=rows),
        Names(),
    )
    assert picture is not None
    return picture


def row(root: ObjectRef, consumer: ObjectRef, through: ObjectRef, effect: Effect) -> Affected:
    return Affected(
        root,
        consumer,
        through,
        "spec.ref",
        on_change=Consequence(effect),
        on_rotation=Consequence(effect),
    )


SECRET = secret_ref("llm", "openai")
PROVIDER = ObjectRef("agent.flokoa.ai", "ModelProvider", "llm", "openai")
MODEL = ObjectRef("agent.flokoa.ai", "Model", "llm", "fast")
AGENT = ObjectRef("agent.flokoa.ai", "Agent", "llm", "support")
CHAIN = (
    Affected(SECRET, PROVIDER, SECRET, "spec.apiKeySecretRef"),
    row(SECRET, MODEL, PROVIDER, Effect.RECONCILED),
    row(SECRET, AGENT, MODEL, Effect.KEEPS_OLD),
    row(SECRET, AGENT, SECRET, Effect.RESTARTS),  # which also reads the Secret itself
)


def test_each_object_is_to_the_right_of_what_it_uses_with_the_worst_that_happens_to_it() -> None:
    picture = drawn(CHAIN)
    by_place = sorted(picture.boxes, key=lambda box: box.x)
    assert [(box.kind, box.name, box.effect) for box in by_place] == [
        ("Secret", "llm/openai", ""),
        ("ModelProvider", "llm/openai", ""),
        ("Model", "llm/fast", ""),
        ("Agent", "llm/support", "keeps old"),
    ]
    assert len({box.x for box in picture.boxes}) == 4
    assert [box.level for box in by_place] == [Level.QUIET, Level.QUIET, Level.QUIET, Level.LOOK]
    assert len(picture.arrows) == 4
    assert picture.left_out == 0
    assert all(box.x + picture.box[0] <= picture.width for box in picture.boxes)
    assert all(box.y + picture.box[1] <= picture.height for box in picture.boxes)


def test_an_arrow_ends_at_the_boxes_of_both() -> None:
    picture = drawn(CHAIN[:1])
    secret, provider = picture.boxes
    (arrow,) = picture.arrows
    start, end = (arrow.path.split("C")[0], arrow.path.rsplit(" ", 2)[1:])
    half = picture.box[1] // 2
    assert start == f"M{secret.x + picture.box[0]} {secret.y + half}"
    assert end == [str(provider.x), str(provider.y + half)]


def test_a_report_from_elsewhere_may_have_a_circle() -> None:
    rows = (row(SECRET, MODEL, AGENT, Effect.BREAKS), row(SECRET, AGENT, MODEL, Effect.BREAKS))
    assert {box.name for box in drawn(rows).boxes} >= {"llm/fast", "llm/support"}


def test_a_large_picture_has_the_worst_and_says_what_it_left_out() -> None:
    calm = tuple(
        row(SECRET, replace(AGENT, name=f"calm-{n}"), SECRET, Effect.RESTARTS) for n in range(5_000)
    )
    broken = tuple(
        row(SECRET, replace(AGENT, name=f"broken-{n}"), SECRET, Effect.BREAKS) for n in range(3)
    )
    picture = drawn((*calm, *broken))
    assert len([box for box in picture.boxes if box.level is Level.BAD]) == 3
    assert len(picture.boxes) <= 120
    assert picture.left_out == 5_003 - (len(picture.boxes) - 1)


def test_no_two_boxes_have_one_place() -> None:
    picture = drawn(SCENARIOS["drift"]().environments[0].affected)
    boxes: list[Box] = list(picture.boxes)
    assert len({(box.x, box.y) for box in boxes}) == len(boxes) > 10


def test_the_pictures_have_a_text_alternative_and_the_words_beside_them() -> None:
    tree = page_of(with_reports())
    pictures = tree.css("svg.picture")
    assert len(pictures) == 2
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        assert "below" in str(picture.attributes["aria-label"])
    text = " ".join(node.text() for node in tree.css("table"))
    for box in tree.css(".picture svg text"):
        assert box.text().split()[0] in text


def test_rotations_are_bars_and_changes_are_marks_on_one_axis() -> None:
    (prod,) = with_reports().environments
    line = timeline(prod, "2026-07-24T09:41:02Z")
    assert line is not None
    assert (line.start, line.end) == ("2026-07-22 09:41 UTC", "2026-07-24 09:41 UTC")
    lanes = {lane.text: lane.marks for lane in line.lanes}
    reports = lanes["reports"]
    assert [mark.level for mark in reports] == [Level.LOOK, Level.LOOK, Level.QUIET]
    assert reports[0].x > reports[1].x > reports[2].x == line.left
    assert [mark.width for mark in lanes["changes by others"]] == [0] * len(
        lanes["changes by others"]
    )
    (bar,) = lanes["llm/vertex-sa [key.json]"]
    assert bar.level is Level.BAD
    assert bar.width > 0
    assert bar.x + bar.width <= line.width
    assert timeline(replace(prod, history=(), secrets=(), changes=()), "") is None


def test_several_reports_of_an_environment_tell_what_began_and_what_ended() -> None:
    (prod,) = with_reports().environments
    assert [event.time for event in prod.history] == ["2026-07-24T09:41:02.500Z", DRIFTED, SYNCED]
    assert [event.verdict for event in prod.history][-1] == "in sync"
    assert any("llm/gateway" in text for text in prod.history[1].began)
    assert not any("llm/gateway" in text for text in prod.history[0].began)
    again = [at(SCENARIOS["drift"](), DRIFTED), at(SCENARIOS["in-sync"](), "2026-07-25T00:00:00Z")]
    (mended,) = with_history(again[-1], again).environments
    assert any("llm/gateway" in text for text in mended.history[0].resolved)


def test_the_history_of_saved_reports_is_in_every_report_of_them(tmp_path: Path) -> None:
    def saved(name: str, run: Run) -> str:
        (tmp_path / name).write_text(FORMATS["json"].render(run, Style()))
        return str(tmp_path / name)

    first = saved("1.json", at(SCENARIOS["in-sync"](), SYNCED))
    second = saved("2.json", at(fewer(), DRIFTED))
    both, page = tmp_path / "both.json", tmp_path / "page.html"
    main(["report", first, second, "-o", f"json={both}"])
    third = saved("3.json", SCENARIOS["drift"]())
    main(["report", third, str(both), "-o", f"html={page}"])
    times = [node.text() for node in LexborHTMLParser(page.read_text()).css(".history time")]
    assert times == ["2026-07-24T09:41:02.500Z", DRIFTED, SYNCED]
    (alone,) = json.loads((tmp_path / "3.json").read_text())["environments"]
    assert alone["history"] == []


@pytest.mark.parametrize("number", [0, 60])
def test_a_report_with_much_news_is_short(number: int) -> None:
    run = with_reports()
    (prod,) = run.environments
    event = replace(prod.history[0], began=tuple(f"thing {n}" for n in range(number)), resolved=())
    many = replace(run, environments=(replace(prod, history=(event, *prod.history[1:])),))
    newest = page_of(many).css(".history > li")[0]
    assert len(newest.css("ul li")) == min(number, 50)
    assert ("60 began; the first 50" in newest.text()) is (number == 60)
