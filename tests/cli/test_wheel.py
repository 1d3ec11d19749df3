"""What a user installs: the built wheel, in an environment of its own, on another repository."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.repository import write

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build: list[str | Path] = [
        UV,
        "build",
        "--wheel",
        "--quiet",
        "--python",
        sys.executable,
        "--out-dir",
        out,
        ROOT,
    ]
    subprocess.run(build, check=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    venv = tmp_path_factory.mktemp("installed") / "venv"
    make: list[str | Path] = [UV, "venv", "--quiet", "--python", sys.executable, venv]
    install: list[str | Path] = [
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        venv / "bin/python",
        wheel,
    ]
    for step in (make, install):
        subprocess.run(step, check=True, timeout=300)
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
            capture_output=True, text=True, check=False, timeout=120,
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
    ]
    for args, code, words in steps:
        found, text = ran(*args)
        assert (found, words in text) == (code, True), f"{args}: {found}\n{text}"
    assert (config / ".clusters/prod").is_dir()
    assert list(elsewhere.iterdir()) == []
