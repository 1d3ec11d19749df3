"""The kind that CONTRIBUTING shows, in a copy of the tree: no other file, and no test, has to know of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
_COMPILED = shutil.ignore_patterns("__pycache__")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its tests of kinds, with the files of the guide."""
    root = tmp_path_factory.mktemp("guide")
    for folder in ("reconciler", "tests/kinds"):
        shutil.copytree(ROOT / folder, root / folder, ignore=_COMPILED)
    for file in ("pyproject.toml", "tests/__init__.py"):
        shutil.copy(ROOT / file, root / file)
    for name, text in _BLOCK.findall((ROOT / ".github/CONTRIBUTING.md").read_text()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def _run(tree: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_kind_is_found_and_registered(tree: Path) -> None:
    code = "from reconciler.kinds import CODES, KINDS, __file__; print(__file__, *KINDS, *CODES)"
    file, *found = _run(tree, "-c", code).split()
    assert Path(file).is_relative_to(tree)
    assert {"Gateway.gateway.acme.example", "AC001"} <= set(found)


def test_its_code_is_explained(tree: Path) -> None:
    told = _run(tree, "-m", "reconciler", "explain", "AC001")
    assert told.startswith("AC001: A vendor that Acme retired\n")
    assert "vendor: newe" in told


@pytest.mark.parametrize(
    ("file", "chosen", "least"),
    [
        ("test_kinds.py", "", 15),
        ("test_examples.py", "acme or folder", 6),
        ("test_explanations.py", "AC001", 2),
    ],
)
def test_the_tests_take_it_as_it_is(tree: Path, file: str, chosen: str, least: int) -> None:
    """Validation of its examples among them, by its CRD and by its contract."""
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", chosen)
    told = _run(tree, "-m", "pytest", *options, f"tests/kinds/{file}")
    passed = re.search(r"(\d+) passed", told)
    assert passed
    assert int(passed[1]) >= least
