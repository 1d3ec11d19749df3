"""The threat table of docs/security.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/security.md").read_text()
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in TEXT.partition("## Threats")[2].partition("\n## ")[0].splitlines()
    if line.startswith("|") and not line.startswith(("| asset", "|---"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2][:40])
def test_each_promise_is_held_by_a_test_that_exists(row: list[str]) -> None:
    assert len(row) == 4
    assert all(row)
    file, _, name = row[3].partition("::")
    text = (ROOT / file).read_text()
    assert re.search(rf"def {name}\(" if name else r"def test_", text), row[3]


def test_readme_links_to_it() -> None:
    assert "(docs/security.md)" in (ROOT / "README.md").read_text()
    assert len(ROWS) > 10
