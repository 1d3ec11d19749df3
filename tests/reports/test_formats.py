"""What holds of every format and of every run."""

from __future__ import annotations

import re
import types
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from reconciler.model.run import Run
from reconciler.report import ReportFormat, Style
from reconciler.reports import FORMATS, Formats
from reconciler.reports._words import plain, when
from tests.reports.anything import RUNS
from tests.reports.scenarios import HOSTILE, NOW, SCENARIOS, hostile

every_format = pytest.mark.parametrize("name", sorted(FORMATS))
slow_is_fine = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_a_format_is_a_file() -> None:
    assert set(FORMATS) >= {"text", "json", "markdown"}
    assert all(name == report.name for name, report in FORMATS.items())


def test_a_module_without_a_format_of_its_name_is_refused() -> None:
    def module(name: str) -> types.ModuleType:
        loaded = types.ModuleType(name)
        if name != "empty":
            loaded.FORMAT = ReportFormat("text", lambda _run, _style: "")  # type: ignore[attr-defined]
        return loaded

    formats = Formats(["text", "again", "empty"], module)
    assert (list(formats), formats["text"].name) == (["again", "empty", "text"], "text")
    with pytest.raises(ValueError, match="again defines the format text, not again"):
        formats["again"]
    with pytest.raises(ValueError, match="empty defines no FORMAT"):
        formats["empty"]
    assert "yaml" not in formats


@every_format
@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_the_same_run_gives_the_same_bytes(name: str, scenario: str) -> None:
    printed = FORMATS[name].render(SCENARIOS[scenario](), Style(verbose=True, now=NOW))
    assert printed == FORMATS[name].render(SCENARIOS[scenario](), Style(verbose=True, now=NOW))
    assert printed.endswith("\n")


@pytest.mark.parametrize("name", ["text", "markdown"])
@pytest.mark.parametrize("scenario", sorted(SCENARIOS.keys() - {"hostile"}))
def test_people_are_told_nothing_that_differs_between_equal_runs(name: str, scenario: str) -> None:
    original = SCENARIOS[scenario]()
    other = replace(original, started="2030-01-01T00:00:00Z", finished="2030-01-01T00:00:09Z")
    assert FORMATS[name].render(original, Style()) == FORMATS[name].render(other, Style())


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "soon"])
def test_a_time_that_no_clock_has_is_shown_as_it_was_written(time: str) -> None:
    assert plain(when(time, Style(now=NOW))) == time


def harmless(name: str, printed: str) -> None:
    """A terminal shows it as it is, and a CI log takes no line of it as a command, but for annotations."""
    assert all(c == "\n" or c.isprintable() for c in printed)
    if name == "github":
        printed = re.sub(r"^::(error|warning|notice) [^:]*::", "", printed, flags=re.MULTILINE)
    assert not re.search(r"^\s*::\w", printed, re.MULTILINE)
    assert "##[" not in printed


@every_format
@pytest.mark.parametrize("text", [*HOSTILE, " ".join(HOSTILE)])
def test_data_acts_on_no_terminal_and_no_log(name: str, text: str) -> None:
    harmless(name, FORMATS[name].render(hostile(text), Style(verbose=True, now=NOW)))


@every_format
@slow_is_fine
@given(run=RUNS)
def test_any_run_can_be_rendered(name: str, run: Run) -> None:
    harmless(name, FORMATS[name].render(run, Style(verbose=True)))
    harmless(name, FORMATS[name].render(run, Style()))


def test_colour_carries_no_meaning_of_its_own() -> None:
    for scenario in SCENARIOS.values():
        plain = FORMATS["text"].render(scenario(), Style())
        coloured = FORMATS["text"].render(scenario(), Style(color=True))
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_every_finding_of_drift_leads_to_an_action() -> None:
    printed = FORMATS["text"].render(SCENARIOS["drift"](), Style())
    blocks = [block for block in printed.split("\n\n") if re.match("[A-Z]", block)]
    assert len(blocks) > 10
    for block in blocks:
        mention = re.search(
            r"^  (keep|undo|restore|fix|look|delete|check|record|accept|see)\b", block, re.MULTILINE
        )
        quiet = ("ADDED", "RE-KEYED", "PICKED UP", "ACKNOWLEDGED", "BACK")
        assert mention or block.startswith(quiet), block
        one_line = block.startswith(quiet[2:])
        assert (len(block.splitlines()) == 1) is one_line, block


def test_the_format_that_the_guide_shows_works() -> None:
    guide = (Path(__file__).parents[2] / ".github/CONTRIBUTING.md").read_text()
    code = re.search(r"<!-- format -->\n```python\n(.*?)```", guide, re.DOTALL)
    assert code
    module = types.ModuleType("line")
    exec(code[1], module.__dict__)
    printed = Formats(["line"], lambda _: module)["line"].render(SCENARIOS["stopped"](), Style())
    assert printed.splitlines()[0] == "prod: stopped before the end"


def test_the_kind_that_the_guide_shows_is_one() -> None:
    guide = (Path(__file__).parents[2] / ".github/CONTRIBUTING.md").read_text()
    code = re.search(r"## A new kind.*?```python\n(.*?)```", guide, re.DOTALL)
    assert code
    module = types.ModuleType("acme_gateway")
    exec(code[1], module.__dict__)
    manifest = {"metadata": {"namespace": "llm"}, "spec": {"apiKeySecretRef": {"name": "acme"}}}
    (reference,) = module.KIND.secret_references(manifest)
    assert (reference.namespace, reference.name, reference.keys) == ("llm", "acme", ("api-key",))
