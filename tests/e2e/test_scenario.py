"""One change from its pull request to a watch that is content again, with a forge and a webhook over real HTTP."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.forge.issue_server import Tracker
from tests.adapters.forge.server import Forge
from tests.adapters.forge.server import serve as serve_forge
from tests.cli.test_notify import Receiver
from tests.cli.test_notify import serve as serve_webhook
from tests.controlplane.plane import ControlPlane
from tests.e2e.test_in_sync import PROVIDERS, patch
from tests.interpreters.warm import Ended, command
from tests.lock import ROOT
from tests.pictures import COMMENT, PAGE, settled
from tests.world import Ran, World

NOTIFY = """\
notify:
  issue: {forge: github, repository: a/b}
  webhook: {variable: RECONCILER_OPS}
"""


class GitHub(Tracker):
    """The issues and the comments of one repository."""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if "/comments" in path or path.partition("?")[0].endswith("/pulls"):
            return Forge.answer(self, method, path, body)
        return super().answer(method, path, body)


@dataclass
class Team:
    """What a team has: a repository, a cluster, a forge, a chat, and a folder for the results of each job."""

    world: World
    plane: ControlPlane
    forge: GitHub
    chat: Receiver
    jobs: Path

    def git(self, *words: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        done = subprocess.run(
            ["git", *identity, *words], cwd=self.world.root, check=True, capture_output=True, text=True
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, old: str, new: str) -> str:
        self.world.edit_values(old, new)
        self.git("commit", "-qam", f"{old} becomes {new}")
        return self.git("rev-parse", "HEAD")

    def reports(self, *words: str) -> Ran:
        """A verb, whose JSON report stays for the next step of the job."""
        ran = self.world.run(*words)
        report = self.world.root.parent / "report.json"
        report.rename(self.jobs / f"{words[0]}.json")
        return ran

    def tells(self, *words: str) -> Ended:
        ended = command(*words, env=dict(os.environ))
        assert ended.code == 0, ended.output
        return ended

    @property
    def comment(self) -> str:
        """The only comment on the pull request."""
        (comment,) = self.forge.comments
        return str(comment["body"])


@pytest.fixture
def team(
    world: World, control_plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Team]:
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    with serve_forge(GitHub()) as forge, serve_webhook(Receiver()) as chat:
        assert isinstance(forge, GitHub)
        for name, value in {
            "GITHUB_TOKEN": "t",
            "GITHUB_REPOSITORY": "a/b",
            "GITHUB_API_URL": forge.url,
            "RECONCILER_OPS": chat.url,
        }.items():
            monkeypatch.setenv(name, value)
        team = Team(world, control_plane, forge, chat, jobs)
        world.edit("environments/prod/environment.yaml", "manifests:", f"{NOTIFY}manifests:")
        team.git("init", "-q", "-b", "main")
        team.git("add", "-A")
        team.git("commit", "-qm", "first")
        assert world.run("apply", "prod").code == 0
        yield team


def review(team: Team) -> None:
    words = ("--revision", "HEAD", "--trust", "main", "--out", str(team.jobs / "plan.json"))
    assert team.reports("diff", "prod", *words).code == 1
    team.tells("comment", str(team.jobs / "diff.json"), "--number", "7")
    (team.jobs / COMMENT).write_text(team.comment)


def watch(team: Team) -> Ran:
    page, metrics = team.jobs / "page.html", team.jobs / "reconciler.prom"
    ran = team.reports(
        "drift", "prod", "--record", "-o", f"html={page}", "-o", f"prometheus={metrics}"
    )
    words = ("--state", str(team.jobs / "news.json"), "-C", str(team.world.root))
    team.tells("notify", str(team.jobs / "drift.json"), *words)
    number = len(list(team.jobs.glob("watch-*.json")))
    shutil.copy(team.jobs / "drift.json", team.jobs / f"watch-{number}.json")
    return ran


def metric(team: Team, name: str) -> set[str]:
    lines = (team.jobs / "reconciler.prom").read_text().splitlines()
    return {line for line in lines if line.startswith(name) and not line.endswith(" 0")}


def readme() -> str:
    """What the README shows of the night."""
    text = (ROOT / "README.md").read_text()
    shown = re.search(
        r"<!-- night.*?-->\n```console\n\$ reconciler drift prod --record\n(.*?)```",
        text,
        re.DOTALL,
    )
    assert shown is not None
    return shown[1]


def comparable(text: str, team: Team) -> str:
    """Without what differs from one run to the next, and where this one has its files."""
    text = settled(text).replace(team.world.namespace, "llm")
    text = re.sub(r"hs1:[0-9a-f]{8}:[0-9a-f]{16}", "hs1:KEY:FINGERPRINT", text)
    text = re.sub(r"\b[0-9a-f]{7}\b", "COMMIT", text)
    return re.sub(r"just now|\d+ \w+ ago", "JUST NOW", text).strip()


def test_from_a_pull_request_to_a_watch_that_is_content_again(team: Team) -> None:
    """Opened, pushed again, merged; edited by kubectl at night, and a key rotated; told, mended, told."""
    team.git("checkout", "-qb", "change")
    team.commit("claude-sonnet-4-5", "claude-opus-4-1")
    review(team)
    assert "claude-opus-4-1" in team.comment
    commit = team.commit("claude-opus-4-1", "claude-haiku-4-5")
    review(team)
    assert "claude-haiku-4-5" in team.comment
    assert "claude-opus-4-1" not in team.comment

    team.git("checkout", "-q", "main")
    team.git("merge", "-q", "--ff-only", "change")
    applied = team.reports("apply", "prod", "--plan", str(team.jobs / "plan.json"))
    assert (applied.code, applied.prod.results["claude"]) == (0, "configured"), applied.stdout
    merged = {"merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": commit}
    team.forge.pulls = [{"number": 7, **merged}]
    team.tells("comment", str(team.jobs / "apply.json"), "--commit", commit)
    assert "as reviewed in plan" in team.comment

    assert watch(team).code == 0
    assert (team.forge.issues, team.chat.bodies) == ([], [])

    patch(team.plane, team.world, PROVIDERS, "claude", {"model": "gpt-5"}, "kubectl-edit")
    rotated = '{"stringData":{"api-key":"gw-canary-another-5b1e77"}}'
    team.plane.kubectl("patch", "secret", "gateway", "-n", team.world.namespace, "-p", rotated)
    told = watch(team)
    assert told.code == 1
    assert told.stdout.splitlines()[-1] == "exit 1: drift, open rotation"
    (issue,) = team.forge.issues
    assert issue["state"] == "open"
    assert "kubectl-edit" in issue["body"]
    (message,) = team.chat.bodies
    assert len(message["new"]) == 2
    assert metric(team, "provider_reconciler_object_drift_fields")
    assert "kubectl-edit" in (team.jobs / "page.html").read_text()
    watches = map(str, sorted(team.jobs.glob("watch-*.json")))
    command("report", *watches, "-o", f"html={team.jobs / PAGE}", env=dict(os.environ))
    assert "Reports of prod" in (team.jobs / PAGE).read_text()
    assert comparable(told.stdout, team) == comparable(readme(), team), settled(told.stdout)
    watch(team)
    assert len(team.chat.bodies) == len(team.forge.issues) == 1, "it is no news any more"

    assert team.reports("apply", "prod").code == 0
    secret = f"{team.world.namespace}/gateway"
    words = ("prod", secret, "--reason", "restarted", "--kubeconfig", str(team.plane.kubeconfig))
    team.tells("acknowledge", *words, "-C", str(team.world.root))
    assert watch(team).code == 0
    assert issue["state"] == "closed"
    assert len(team.chat.bodies[-1]["resolved"]) == 2
    assert not metric(team, "provider_reconciler_object_drift_fields")
    assert len(team.forge.comments) == 1
