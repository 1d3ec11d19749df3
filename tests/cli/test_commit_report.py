"""`--commit-report`: the command, a real git server, and what the branch then holds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.cli.delivery import report_branch
from tests.adapters.sources.git_server import GitServer, reachable
from tests.adapters.sources.test_worktree import git
from tests.interpreters.warm import Ended, command, programs
from tests.world import World

TOKEN = "ghs-canary-5f1c8a7d2e9b"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two environments in folders, in a clone."""
    world = World.make(tmp_path / "config", {"prod": "llm", "staging": "llm-staging"})
    for name in world.names:
        path = f"environments/{name}/environment.yaml"
        world.edit(path, "{type: kubernetes}", "{type: directory}")
    git(world.root, "init", "-q")
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "one")
    return world


@pytest.fixture
def server(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    (tmp_path / "srv").mkdir()
    git(tmp_path, "clone", "-q", "--bare", str(world.root), "srv/config.git")
    git(tmp_path / "srv/config.git", "config", "http.receivepack", "true")
    with reachable(tmp_path / "srv", tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return tmp_path / "srv/config.git"


def words_of(server: GitServer, world: World, verb: str, *more: str) -> tuple[str, ...]:
    place = ("-C", str(world.root), "--report-repository", f"{server.url}/config.git")
    return (verb, *place, "--commit-report", "reports", *more)


def run(server: GitServer, world: World, verb: str, *more: str) -> Ended:
    return command(*words_of(server, world, verb, *more), env=dict(os.environ))


def log(bare: Path) -> list[str]:
    return git(bare, "log", "--format=%s", "reports").splitlines()


def test_each_environment_has_its_reports(server: GitServer, world: World, bare: Path) -> None:
    ran = run(server, world, "diff")
    assert ran.code == 1, ran.output
    commit = git(bare, "rev-parse", "reports")
    assert ran.stderr == f"reports: committed {commit[:12]} on the branch reports\n"
    names = git(bare, "ls-tree", "-r", "--name-only", "reports").splitlines()
    assert names == [
        ".reconciler-reports",
        *("prod/diff.json", "prod/diff.md", "staging/diff.json", "staging/diff.md"),
    ]
    head = git(world.root, "rev-parse", "HEAD")
    assert git(bare, "log", "-1", "--format=%B", "reports").split("\n\n") == [
        "diff 2 environments",
        (
            "prod: 3 objects change, 2 findings need attention; "
            "staging: 3 objects change, 2 findings need attention; exit 1"
        ),
        f"Configuration: {head}\n[skip ci]",
    ]
    assert "### ⛔ `prod`: 3 objects change" in git(bare, "show", "reports:prod/diff.md")
    git(world.root, "fetch", "-q", str(bare), "reports")
    saved = world.root.parent / "saved.json"
    saved.write_text(git(world.root, "show", "FETCH_HEAD:prod/diff.json"))
    shown = command("report", str(saved))
    assert "prod: 3 objects change" in shown.stdout, shown.output


def test_an_equal_run_is_no_commit(server: GitServer, world: World, bare: Path) -> None:
    assert run(server, world, "apply", "prod").code == 6
    before = len(log(bare))
    drifts = [run(server, world, "drift", "prod").stderr for _ in range(3)]
    assert [text.rpartition(":")[2][:10] for text in drifts] == [" committed", *[" nothing n"] * 2]
    assert len(log(bare)) == before + 1
    live = world.root / ".clusters/prod/llm/providers.omnia.altairalabs.ai/claude.yaml"
    live.write_text(live.read_text().replace("claude-sonnet-4-5", "claude-opus-4-1"))
    run(server, world, "drift", "prod")
    first, *_ = log(bare)
    assert first.startswith("drift prod: ")
    assert len(log(bare)) == before + 2
    git(world.root, "commit", "-q", "--allow-empty", "-m", "two")
    run(server, world, "drift", "prod")
    assert len(log(bare)) == before + 3, "another commit was read"


def test_the_clone_stays_as_it_is(server: GitServer, world: World) -> None:
    def state() -> list[str]:
        files = [p for p in world.root.rglob("*") if p.is_file()]
        return sorted(f"{p} {p.stat().st_mtime_ns}" for p in files)

    before = state()
    assert run(server, world, "diff", "prod").code == 1
    assert state() == before


def test_a_repository_by_its_url(server: GitServer, bare: Path, tmp_path: Path) -> None:
    """It is pushed with the credentials that fetch it, also those of a variable."""
    server.password = TOKEN
    (tmp_path / "token").write_text(TOKEN)
    words = ("diff", "prod", "-C", f"{server.url}/config.git")
    variables = {
        "RECONCILER_GIT_TOKEN_FILE": str(tmp_path / "token"),
        "RECONCILER_COMMIT_REPORT": "reports",
    }
    ran = command(*words, env=dict(os.environ) | variables)
    assert ran.code == 1, ran.output
    (subject,) = log(bare)
    assert subject.startswith("diff prod: 3 objects change, 2 findings need attention; exit 1: ")
    assert TOKEN not in ran.output + git(bare, "show", "reports:prod/diff.json")


def test_runs_at_the_same_time(server: GitServer, world: World, bare: Path) -> None:
    words = [
        words_of(server, world, verb, name) for verb in ("diff", "drift") for name in world.names
    ]
    program = programs() / "reconciler"
    started = [
        subprocess.Popen([program, *each], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for each in words
    ]
    for process in started:
        _, stderr = process.communicate()
        assert b"committed" in stderr, stderr
    assert len(log(bare)) == len(words)
    names = git(bare, "ls-tree", "-r", "--name-only", "reports").splitlines()
    assert len(names) == 1 + 2 * len(words)


def test_a_push_that_fails_comes_after_the_report(
    server: GitServer, world: World, bare: Path, tmp_path: Path
) -> None:
    git(bare, "config", "http.receivepack", "false")
    report = tmp_path / "report.json"
    ran = run(server, world, "diff", "prod", "-o", "text", "-o", f"json={report}")
    assert ran.code == 9
    assert "prod: 3 objects change" in ran.stdout
    assert report.exists()
    assert "refuses the credentials" in ran.stderr
    refused = run(server, world, "diff", "prod", "--commit-report", "main")
    assert refused.code == 9
    assert "the branch main holds something other than reports" in refused.stderr


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--report-repository", "nowhere"), "--report-repository: it is not a URL"),
        (("--commit-report", "a b"), "not the name of a branch"),
        (("--commit-report", ""), "it is empty"),
        (("--git-token-file", "/nowhere"), "no such file of credentials"),
        (("--git-key-file", "/nowhere"), "for ssh:// only"),
    ],
)
def test_a_mistake_stops_the_run_before_it_begins(
    server: GitServer, world: World, more: tuple[str, ...], says: str
) -> None:
    ran = run(server, world, "diff", "prod", *more)
    assert (ran.code, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert server.log == []


def test_what_a_folder_a_dry_run_and_another_host_are_told(server: GitServer, world: World) -> None:
    folder = command("diff", "prod", "-C", str(world.root), "--commit-report", "reports")
    assert folder.code == 2
    assert "takes --report-repository, since -C is a folder" in folder.stderr
    dry = run(server, world, "apply", "prod", "--dry-run")
    assert dry.code == 2
    assert "apply --dry-run applies nothing" in dry.stderr
    words = ("-C", "https://a.example.com/c.git", "--report-repository", "https://b.example.com/c")
    other = command("diff", "prod", *words, "--commit-report", "reports")
    assert other.code == 2
    assert "on another host than -C" in other.stderr


def test_a_report_that_is_too_large(
    server: GitServer,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from reconciler.cli import main

    monkeypatch.setattr(report_branch, "LARGEST", 100)
    assert main(list(words_of(server, world, "diff", "prod"))) == 9
    said = capsys.readouterr()
    assert "prod: 3 objects change" in said.out
    assert "larger than 0 MiB, and is not committed" in said.err
