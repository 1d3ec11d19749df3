"""The hooks of .pre-commit-hooks.yaml, by pre-commit itself, in a repository of a user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interpreters.warm import programs
from tests.lock import exported
from tests.repository import write

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PROVIDER = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: claude, namespace: llm}
spec:
  type: claude
  model: claude-sonnet-4-5
  credential: {secretRef: {name: claude, key: ANTHROPIC_API_KEY}}
"""
FILES = {
    "environments/dev/environment.yaml": "configVersion: 1\nnamespaces: [llm]\n",
    "environments/dev/claude.yaml.j2": PROVIDER,
    "manifests/claude.yaml": PROVIDER,
    "manifests/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
    "chart/templates/web.yaml": "{{ if .Values.web }}\na: b\n{{ end }}\n",
    "package.json": '{"name": "web"}\n',
}
# The definitions are the real ones; only the environment that they run in is this one, already there.
CONFIG = """\
repos:
  - repo: {hooks}
    rev: {rev}
    hooks:
      - {{id: reconciler-validate, language: system}}
      - {{id: reconciler-validate-manifests, language: system}}
"""


class Project:
    """A repository of a user, with the hooks configured."""

    def __init__(self, home: Path) -> None:
        self.root = write(home / "project", FILES)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
            "PRE_COMMIT_HOME": str(home / "pre-commit"),
            "PATH": f"{programs()}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self.git("init", "--quiet")
        self.git("add", "--all")

    def git(self, *words: str, cwd: Path | None = None) -> str:
        config = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        done = subprocess.run(
            ["git", *config, *words], cwd=cwd or self.root, env=self.env,
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def pre_commit(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "pre-commit", *words], cwd=self.root, env=self.env,
            check=False, capture_output=True, text=True, timeout=600,
        )  # fmt: skip

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        path.write_text(path.read_text().replace(old, new))
        self.git("add", "--all")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    project.git("init", "--quiet", cwd=hooks)
    project.git("add", "--all", cwd=hooks)
    project.git("commit", "--quiet", "--message", "Hooks", cwd=hooks)
    rev = project.git("rev-parse", "HEAD", cwd=hooks)
    config = CONFIG.format(hooks=hooks, rev=rev)
    write(project.root, {".pre-commit-config.yaml": config})
    project.git("add", "--all")
    return project


def test_what_is_in_order_passes_beside_other_files(project: Project) -> None:
    done = project.pre_commit("run", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2


def test_a_plain_manifest_that_a_cluster_would_refuse_stops_the_commit(project: Project) -> None:
    project.edit("manifests/claude.yaml", "type: claude", "type: claudius")
    done = project.pre_commit("run")
    assert done.returncode == 1
    assert "manifests/claude.yaml:5:3: error[K8S004]" in done.stdout
    assert "did you mean claude?" in done.stdout


def test_an_environment_that_does_not_render_stops_the_commit(project: Project) -> None:
    project.edit("environments/dev/claude.yaml.j2", "claude-sonnet-4-5", "{{ values.nothing }}")
    done = project.pre_commit("run")
    assert done.returncode == 1
    assert "environments/dev/claude.yaml.j2:6:" in done.stdout
    assert "[J002]" in done.stdout


def test_a_warning_stops_the_commit(project: Project) -> None:
    """Else nobody would read it."""
    values = "model: claude-opus-4-1\nmodle: claude-sonnet-4-5\n"
    write(project.root, {"environments/dev/values.yaml": values})
    project.edit("environments/dev/claude.yaml.j2", "claude-sonnet-4-5", "{{ values.model }}")
    done = project.pre_commit("run")
    assert done.returncode == 1
    assert "environments/dev/values.yaml:2:8: warning[J014]" in done.stdout


def test_a_file_may_be_named_like_an_option(project: Project) -> None:
    write(project.root, {"-x.yaml": PROVIDER.replace("type: claude", "type: claudius")})
    project.git("add", "--all")
    done = project.pre_commit("run")
    assert done.returncode == 1
    assert "-x.yaml:5:3: error[K8S004]" in done.stdout


@pytest.mark.slow
@pytest.mark.network
def test_the_hook_installs_itself(tmp_path: Path) -> None:
    """As a user has it: an environment of its own, built from the files of this repository."""
    project = Project(tmp_path)
    names = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
    for name in names:
        write(tmp_path / "source", {name: (ROOT / name).read_bytes()})
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "reconciler", tmp_path / "source/reconciler", ignore=ignored)
    source = tmp_path / "source"
    project.git("init", "--quiet", cwd=source)
    project.git("add", "--all", cwd=source)
    project.git("commit", "--quiet", "--message", "Source", cwd=source)
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(exported("--group", "build", hashes=False))
    # pip takes PIP_NO_COMPILE=1 for `compile = 1`, which is half of its time.
    project.env |= {"PIP_CONSTRAINT": str(constraints), "PIP_COMPILE": "0"}
    done = project.pre_commit("try-repo", str(source), "--all-files", "--verbose")
    if "No matching distribution" in done.stdout and "CI" not in os.environ:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no findings in 1 object" in done.stdout
