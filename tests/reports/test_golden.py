"""What each format prints of each scenario, to the byte. A pull request shows every change of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.scenarios import NOW, SCENARIOS

GOLDEN = Path(__file__).parent / "golden"
README = (Path(__file__).parents[2] / "README.md").read_text()
STYLES = {"": Style(), ".verbose": Style(verbose=True, now=NOW), ".color": Style(color=True)}
# People read these formats, or depend on each key; of the others a few scenarios show all that they write.
OF_EVERY_SCENARIO = {"text", "json", "markdown"}
TELLING = ("drift", "invalid")
CASES = [
    (scenario, name, "")
    for name in FORMATS
    for scenario in (SCENARIOS if name in OF_EVERY_SCENARIO else TELLING)
]
CASES += [
    ("drift", "text", ".verbose"),
    ("resolution", "text", ".verbose"),
    ("first-diff", "text", ".verbose"),
    ("review", "text", ".color"),
]


@pytest.mark.parametrize(("scenario", "name", "style"), CASES)
def test_golden(scenario: str, name: str, style: str, *, update_golden: bool) -> None:
    file = GOLDEN / f"{scenario}{style}.{name}"
    printed = FORMATS[name].render(SCENARIOS[scenario](), STYLES[style])
    if update_golden:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(printed.encode())
    assert file.read_bytes().decode() == printed, (
        "changed on purpose? pytest tests/reports --update-golden"
    )


def test_no_golden_file_is_left_over() -> None:
    assert {f.name for f in GOLDEN.iterdir()} == {f"{s}{style}.{name}" for s, name, style in CASES}


@pytest.mark.parametrize("scenario", ["resolution", "moved"])
def test_the_readme_shows_what_the_report_does(scenario: str) -> None:
    shown = README.split(f"<!-- {scenario}, checked by")[1].split("```console\n")[1].split("```")[0]
    assert shown in (GOLDEN / f"{scenario}.text").read_text()


def test_what_nobody_masked_is_in_no_report() -> None:
    """The body that apply sends may hold header values."""
    for file in GOLDEN.iterdir():
        assert b"canary-never-shown" not in file.read_bytes(), file.name
