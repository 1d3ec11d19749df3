"""uv.lock holds what pyproject.toml asks for, by hash, from the public index; `make` and the workflows install it."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.lock import ROOT, exported

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES: list[dict[str, Any]] = LOCK["package"]
OWN = next(package for package in PACKAGES if package["name"] == PROJECT["project"]["name"])
FOREIGN = [package for package in PACKAGES if package is not OWN]


def requirement(text: str) -> tuple[str, str]:
    """Name and version range, spelled as uv.lock spells them."""
    name, specifier = re.fullmatch(r"([\w.-]+)(.*)", text.partition(";")[0].strip()).groups()  # type: ignore[union-attr]
    return re.sub(r"[-_.]+", "-", name).lower(), specifier


def locked(requirements: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(r["name"], r.get("specifier", "")) for r in requirements}


def test_the_lock_is_of_these_dependencies() -> None:
    """`make lock` brings it up to date."""
    extras = PROJECT["project"]["optional-dependencies"]
    requests = [
        *PROJECT["project"]["dependencies"],
        *(text for each in extras.values() for text in each),
    ]
    assert locked(OWN["metadata"]["requires-dist"]) == set(map(requirement, requests))
    assert OWN["metadata"]["provides-extras"] == sorted(extras)
    assert LOCK["requires-python"] == PROJECT["project"]["requires-python"]


@pytest.mark.parametrize("group", PROJECT["dependency-groups"])
def test_the_lock_is_of_this_group(group: str) -> None:
    def members(name: str) -> set[tuple[str, str]]:
        requirements: set[tuple[str, str]] = set()
        for member in PROJECT["dependency-groups"][name]:
            included = not isinstance(member, str)
            requirements |= members(member["include-group"]) if included else {requirement(member)}
        return requirements

    assert locked(OWN["metadata"]["requires-dev"][group]) == members(group)


@pytest.mark.parametrize("package", FOREIGN, ids=lambda p: f"{p['name']}-{p['version']}")
def test_every_file_has_a_hash_and_a_public_address(package: dict[str, Any]) -> None:
    """An address of somebody's mirror would work nowhere else."""
    assert package["source"] == {"registry": "https://pypi.org/simple"}
    files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
    assert files
    for file in files:
        assert file["hash"].startswith("sha256:")
        assert file["url"].startswith("https://files.pythonhosted.org/")


def test_pip_installs_the_uv_of_the_lock() -> None:
    """`.ci/uv.txt` is an export, for pip reads no uv.lock."""
    assert (ROOT / ".ci/uv.txt").read_text() == exported("--only-group", "uv")


def test_the_oldest_client_is_the_lower_end_of_the_range() -> None:
    (oldest,) = re.findall(
        r"^kubernetes==(\d+)", exported("--group", "oldest-client"), re.MULTILINE
    )
    ranges = dict(requirement(text) for text in PROJECT["project"]["dependencies"])
    assert ranges["kubernetes"].startswith(f">={oldest},")


@pytest.mark.parametrize(
    "file",
    [*sorted((ROOT / ".github/workflows").glob("*.yml")), ROOT / ".ci/run"],
    ids=lambda f: f.name,
)
def test_workflows_install_through_make(file: Path) -> None:
    assert not re.search(r"\b(pip|pipx|uvx?) +(install|run|sync|tool)\b", file.read_text())


def commands(*words: str) -> list[str]:
    """The commands that `make` would run in a clean clone to have everything installed, one a line."""
    outer = ("RESOLUTION", "MAKEFLAGS", "MFLAGS")  # of the `make` that may have started the tests
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in outer},
        check=True,
        capture_output=True,
        text=True,
    )
    return [line for line in done.stdout.splitlines() if re.search(r"(pip|uv)( --quiet)? ", line)]


def test_make_installs_by_hash() -> None:
    installed = [
        line for line in commands(".venv/.dev") if re.search(r"pip.* (install|sync)", line)
    ]
    assert len(installed) == 5  # uv; then twice the locked packages and the project itself
    for line in installed:
        assert "--require-hashes" in line or "--no-deps --no-build-isolation --editable ." in line


@pytest.mark.parametrize("resolution", ["highest", "lowest-direct"])
def test_make_installs_the_ranges_beside_the_lock(resolution: str) -> None:
    lines = commands(f".venv-{resolution}/.dev", f"RESOLUTION={resolution}")
    assert not any("export" in line or "sync" in line for line in lines)
    assert sum(f"--resolution {resolution}" in line for line in lines) == 2
    assert all(f".venv-{resolution}/bin/" in line for line in lines)
