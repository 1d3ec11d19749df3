"""Property tests draw the same examples in every run, others on demand, and a printed seed draws those again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROPERTY = """\
from hypothesis import given, settings, strategies as st

@settings(max_examples=20)
@given(st.integers(min_value=0, max_value=2**64))
def test_property(number):
    with open({out!r}, "a") as out:
        print(number, file=out)
"""


class Runs:
    """Runs of one property test; each returns the examples drawn, and what pytest printed."""

    def __init__(self, home: Path) -> None:
        self.drawn = home / "drawn"
        self.test = home / "test_property.py"
        self.test.write_text(PROPERTY.format(out=str(self.drawn)))

    def __call__(self, *options: str) -> tuple[list[str], str]:
        self.drawn.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.seeds", *options]
        done = subprocess.run(
            [*command, f"--rootdir={self.test.parent}", "-c", "/dev/null", str(self.test)],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return self.drawn.read_text().split(), done.stdout


@pytest.fixture
def run(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_the_examples_are_the_same_until_a_seed_is_given(
    run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    usual, output = run()
    assert len(usual) == 20
    assert "seed" not in output
    monkeypatch.setenv("CI", "true")  # hypothesis has other defaults there
    assert run()[0] == usual

    fresh, output = run("--fresh-seed", "-n", "1")
    assert fresh != usual
    (seed,) = re.findall(r"--hypothesis-seed=(\d+)", output)
    assert run(f"--hypothesis-seed={seed}")[0] == fresh
