"""What a user installs: the built wheel, in an environment of its own, on another repository."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.lock import ROOT, UV, exported
from tests.repository import write

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def constraints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lock. Whether the wheel also runs on other versions of its ranges is what the workflow `edge` tests."""
    path = tmp_path_factory.mktemp("locked") / "constraints.txt"
    path.write_text(exported("--group", "build"))
    return path


def uv(*words: str | Path) -> None:
    subprocess.run([UV, *words, "--quiet"], check=True, timeout=600)


@pytest.fixture(scope="module")
def dist(constraints: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the source distribution and of the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    uv("build", "--python", sys.executable, "--build-constraints", constraints, "--out-dir", out, ROOT)  # fmt: skip
    return out


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, constraints: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    venv = tmp_path_factory.mktemp("installed") / "venv"
    uv("venv", "--python", sys.executable, venv)
    uv("pip", "install", "--python", venv / "bin/python", "--constraints", constraints, wheel)
    return venv / "bin/reconciler"


def test_the_wheel_holds_the_program_and_its_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"reconciler"}
    assert "reconciler/py.typed" in names
    tracked = subprocess.run(
        ["git", "ls-files", "reconciler"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in tracked if (ROOT / name).exists() and name not in names] == []


def test_the_licence_is_in_both_distributions(wheel: Path, dist: Path) -> None:
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    files = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
    text = files.read(metadata).decode()
    assert "License-Expression: Apache-2.0\n" in text
    assert "License-File: LICENSE\n" in text
    assert files.read(metadata.replace("METADATA", "licenses/LICENSE")).decode() == licence
    (source,) = dist.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        assert f"{source.name.removesuffix('.tar.gz')}/LICENSE" in archive.getnames()


def test_it_works_on_another_repository_from_another_folder(command: Path, tmp_path: Path) -> None:
    config = write(
        tmp_path / "config",
        {
            "environments/prod/environment.yaml": "configVersion: 1\nnamespaces: [omnia]\n",
            "environments/prod/values.yaml": "model: large\n",
            "environments/prod/mock.yaml.j2": (
                "apiVersion: omnia.altairalabs.ai/v1alpha1\n"
                "kind: Provider\n"
                "metadata: {name: mock}\n"
                "spec: {type: mock, model: {{ values.model | tojson }}}\n"
            ),
        },
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RECONCILER_"))}

    def ran(*args: str | Path) -> tuple[int, str]:
        done = subprocess.run(
            [command, *args], cwd=elsewhere, env=clean,
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    steps: list[tuple[list[str | Path], int, str]] = [
        (["--version"], 0, "reconciler "),
        (["validate", "-C", config], 0, "prod"),
        (["diff", "prod", "-C", config], 1, "mock"),
        (["apply", "prod", "-C", config], 0, "created"),
        (["diff", "prod", "-C", config], 0, "prod"),
        (["drift", "-C", config], 0, "prod"),
        (["schema", "provider"], 0, "claude"),
        (["explain", "K8S004"], 0, "K8S004"),
        (
            [
                "init",
                config / "new",
                *["--system", "omnia", "--vendor", "mock", "--forge", "tekton"],
            ],
            0,
            "tekton/watch",
        ),
        (["validate", "-C", config / "new"], 0, "prod"),
    ]
    for args, code, words in steps:
        ended, text = ran(*args)
        assert (ended, words in text) == (code, True), f"{args}: {ended}\n{text}"
    assert (config / ".clusters/prod").is_dir()
    assert list(elsewhere.iterdir()) == []
