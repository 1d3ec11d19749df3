"""The kind in CONTRIBUTING and a new CRD era, added to a copy of the tree: no other file has to change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reconciler.crds import catalogue
from reconciler.crds.facts import facts
from reconciler.text.yaml import load_one

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
_COMPILED = shutil.ignore_patterns("__pycache__")
_PROVIDERS = "providers.omnia.altairalabs.ai"
_NEW_ERA = "reconciler/crds/omnia/providers.2099-01-01.0123abcd.yaml"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, its tests of kinds and CRDs, the files of the guide and the new era."""
    root = tmp_path_factory.mktemp("guide")
    for folder in ("reconciler", "tests/kinds", "tests/crds"):
        shutil.copytree(ROOT / folder, root / folder, ignore=_COMPILED)
    for file in ("pyproject.toml", "tests/__init__.py"):
        shutil.copy(ROOT / file, root / file)
    blocks = _BLOCK.findall((ROOT / ".github/CONTRIBUTING.md").read_text())
    for name, text in (*blocks, (_NEW_ERA, _new_era())):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def _new_era() -> str:
    """The newest CRD with an additional field."""
    body = load_one(catalogue.text(catalogue.era(_PROVIDERS).path), "newest")
    (version,) = body["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["colour"] = {"type": "string"}
    origin = "AltairaLabs/Omnia providers.yaml at 0123abcd, 2099-01-01, Apache-2.0"
    return facts(yaml.safe_dump(body), origin=origin)


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


def test_the_kind_is_discovered_and_registered(tree: Path) -> None:
    code = "from reconciler.kinds import CODES, KINDS, __file__; print(__file__, *KINDS, *CODES)"
    file, *names = _run(tree, "-c", code).split()
    assert Path(file).is_relative_to(tree)
    assert {"Gateway.gateway.acme.example", "AC001"} <= set(names)


def test_its_code_is_explained(tree: Path) -> None:
    text = _run(tree, "-m", "reconciler", "explain", "AC001")
    assert text.startswith("AC001: A vendor that Acme retired\n")
    assert "vendor: newe" in text


def test_the_new_era_is_the_newest(tree: Path) -> None:
    code = f"from reconciler.crds import catalogue; print(catalogue.era({_PROVIDERS!r}).path)"
    assert _run(tree, "-c", code).strip() == _NEW_ERA.removeprefix("reconciler/crds/")


def test_every_other_test_passes_unchanged(tree: Path) -> None:
    """These tests also validate the examples of the guide, with its CRD and its contract, and check its promise."""
    # This file, and those that need a server.
    elsewhere = (
        "kinds/test_guide.py",
        "kinds/test_server_agrees.py",
        "crds/test_server_takes_facts.py",
    )
    options = [f"--ignore=tests/{file}" for file in elsewhere]
    options += ["-v", "-p", "no:cacheprovider", "-p", "no:xdist"]
    output = _run(tree, "-m", "pytest", *options, "tests/kinds", "tests/crds")
    passed = {
        line.split()[0].partition("::")[0] for line in re.findall(r".*acme.* PASSED.*", output)
    }
    assert passed == {
        "tests/crds/test_catalogue.py",
        "tests/crds/test_facts.py",
        "tests/kinds/test_examples.py",
        "tests/kinds/test_kinds.py",
        "tests/kinds/test_promises.py",
        "tests/kinds/test_secret_references.py",
    }
    assert "[AC001] PASSED" in output
