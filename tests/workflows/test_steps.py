"""The shell of the workflows' steps, run for real: bash, the installed command, a folder as the cluster, a forge."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.adapters.forge.server import Forge, serve
from tests.workflows.reading import ROOT, Step, steps

COMMANDS = Path(sys.executable).parent
KUBECONFIG = "apiVersion: v1\nkind: Config # canary-kubeconfig"


@dataclass
class Runner:
    """As much of a GitHub runner as a step sees."""

    home: Path
    expressions: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.home / "workspace"

    @property
    def summary(self) -> str:
        return (self.home / "summary.md").read_text()

    def git(self, *words: str) -> str:
        quiet = (
            "-c",
            "user.name=ci",
            "-c",
            "user.email=ci@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        done = subprocess.run(
            ["git", *quiet, *words], cwd=self.workspace, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def run(self, step: Step) -> subprocess.CompletedProcess[str]:
        """As GitHub runs `run:` on Linux."""
        script = self.home / "step.sh"
        script.write_text(step.run)
        environment = {
            "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "CI": "true",
            "GITHUB_STEP_SUMMARY": str(self.home / "summary.md"),
            "RUNNER_TEMP": str(self.home),
            "RECONCILER_CLUSTER": f"directory:{self.home / 'cluster'}",
            **self.variables,
            **{name: self._expression(value) for name, value in step.env.items()},
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def _expression(self, value: str) -> str:
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: self.expressions[found[1]], str(value))


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    runner = Runner(tmp_path)
    for folder in ("environments", "templates"):
        shutil.copytree(ROOT / folder, runner.workspace / folder)
    shutil.copytree(ROOT / "demo/cluster", tmp_path / "cluster")
    (tmp_path / "cluster/llm-system").mkdir(exist_ok=True)
    (tmp_path / "summary.md").touch()
    runner.git("init", "--quiet", "--initial-branch=main")
    commit = runner.commit("First")
    runner.variables |= {"GITHUB_SHA": commit, "GITHUB_REPOSITORY": "acme/llm"}
    runner.expressions = {
        "matrix.environment": "dev",
        "secrets.KUBECONFIG": KUBECONFIG,
        "github.token": "ghs_canaryTokenNeverShown",
        "github.event.workflow_run.pull_requests[0].number": "42",
        "github.event.workflow_run.head_sha": commit,
    }
    return runner


def named(workflow: str, name: str) -> Step:
    return next(s for s in steps(ROOT / f".github/workflows/{workflow}.yml") if s.name == name)


def test_every_step_that_calls_the_command_is_run_here() -> None:
    calling = {
        (step.workflow, step.name)
        for file in (ROOT / ".github/workflows").iterdir()
        for step in steps(file)
        if "reconciler " in step.run
    }
    assert calling == {
        ("review", "Validate every environment"),
        ("preview", "Diff"),
        ("preview", "Comment"),
        ("change", "Apply"),
        ("change", "Comment"),
        ("watch", "Drift"),
    }


def test_review_of_anybodys_pull_request(runner: Runner) -> None:
    good = runner.run(named("review", "Validate every environment"))
    assert good.returncode == 0, good.stderr
    assert "prod" in runner.summary

    (runner.workspace / "environments/dev/broken.yaml.j2").write_text("spec: {a: 1, a: 2}\n")
    bad = runner.run(named("review", "Validate every environment"))
    assert bad.returncode == 3, bad.stderr
    assert "environments/dev/broken.yaml.j2" in bad.stdout


def test_review_then_change_then_watch(runner: Runner) -> None:
    """One pull request's life: announced, applied, watched; one comment from beginning to end."""
    with serve(Forge()) as forge:
        runner.variables["GITHUB_API_URL"] = forge.url
        commit = runner.variables["GITHUB_SHA"]
        forge.pulls = [
            {"number": 42, "merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": commit}
        ]

        diff = runner.run(named("preview", "Diff"))
        assert diff.returncode == 0, diff.stderr
        assert "NEW" in diff.stdout
        assert not (runner.home / "cluster/llm/modelproviders.agent.flokoa.ai").exists()
        commented(runner, "preview")
        assert "### " in forge.comments[0]["body"]
        assert "object" in forge.comments[0]["body"]

        apply = runner.run(named("change", "Apply"))
        assert apply.returncode == 0, apply.stdout + apply.stderr
        commented(runner, "change")
        assert len(forge.comments) == 1
        assert "created" in forge.comments[0]["body"]

    drift = runner.run(named("watch", "Drift"))
    assert drift.returncode == 0, drift.stdout + drift.stderr
    assert runner.summary.startswith("<!-- reconciler:drift:dev -->\n### ✅")
    report = json.loads((runner.workspace / "report.json").read_text())
    assert report["command"] == "drift"
    assert report["recorded"] is True
    for file in (runner.home / "summary.md", runner.workspace / "report.json"):
        assert "canary" not in file.read_text()


def commented(runner: Runner, workflow: str) -> None:
    done = runner.run(named(workflow, "Comment"))
    assert done.returncode == 0, done.stderr
    assert "ghs_" not in done.stdout + done.stderr


def test_the_diff_is_that_of_the_pull_requests_commit(runner: Runner) -> None:
    """The base is checked out; the head is read from the history."""
    template = runner.workspace / "environments/dev/extra.yaml.j2"
    template.write_text("spec: {a: 1, a: 2}\n")
    runner.expressions["github.event.workflow_run.head_sha"] = runner.commit("Broken")
    runner.git("checkout", "--quiet", runner.variables["GITHUB_SHA"])
    assert not template.exists()
    assert runner.run(named("preview", "Diff")).returncode == 3


def test_the_diff_of_a_pull_request_that_changes_the_policy_says_so_first(runner: Runner) -> None:
    file = runner.workspace / "environments/dev/environment.yaml"
    file.write_text(file.read_text().replace("home: llm-system", "home: kube-system"))
    runner.expressions["github.event.workflow_run.head_sha"] = runner.commit("Their home")
    runner.git("checkout", "--quiet", runner.variables["GITHUB_SHA"])
    diff = runner.run(named("preview", "Diff"))
    assert diff.returncode == 0, diff.stderr
    assert re.search(r"SETTINGS.*\n.*home.*kube-system", diff.stdout)
    assert "SETTINGS" in runner.summary.partition("|")[0]


def test_watch_is_red_when_something_drifted(runner: Runner) -> None:
    assert runner.run(named("change", "Apply")).returncode == 0
    live = min((runner.home / "cluster/omnia/providers.omnia.altairalabs.ai").glob("*.yaml"))
    live.unlink()
    drift = runner.run(named("watch", "Drift"))
    assert drift.returncode == 1, drift.stdout + drift.stderr
    assert "MISSING" in drift.stdout
    assert "⛔" in runner.summary


def test_a_hostile_branch_is_a_word_and_nothing_else(runner: Runner) -> None:
    """What GitHub puts into a variable is never read by the shell as code."""
    runner.expressions["github.event.workflow_run.head_sha"] = (
        '"; touch pwned; $(touch pwned) `touch pwned` #'
    )
    runner.expressions["github.event.workflow_run.pull_requests[0].number"] = '1"; touch pwned; #'
    assert runner.run(named("preview", "Diff")).returncode != 0
    assert runner.run(named("preview", "Comment")).returncode != 0
    assert not list(runner.home.rglob("pwned"))


def test_the_kubeconfig_is_for_its_owner_alone(runner: Runner) -> None:
    runner.run(named("preview", "Diff"))
    file = runner.home / "kubeconfig"
    assert file.read_text().strip() == KUBECONFIG
    assert file.stat().st_mode & 0o077 == 0
