"""`reconciler history`: from a branch on a real git server, and from the record alone."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.adapters.sources.git_server import GitServer
from tests.adapters.sources.test_worktree import git
from tests.cli.test_commit_report import bare, run, server, world
from tests.interpreters.warm import Ended, command
from tests.world import World

__all__ = ["bare", "server", "world"]


def shown(*words: str) -> Ended:
    return command("history", "prod", *words, env=dict(os.environ))


def parsed(text: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(text)
    schema = json.loads((files("reconciler.reports") / "history.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(body)
    assert set(schema["properties"]) == set(body)
    for event in body["events"]:
        assert set(schema["$defs"]["Event"]["properties"]) == set(event)
    return body


def edit(world: World, old: str, new: str) -> None:
    live = world.root / ".clusters/prod/llm/providers.omnia.altairalabs.ai/claude.yaml"
    text = live.read_text()
    assert old in text
    live.write_text(text.replace(old, new))


@pytest.fixture
def reported(server: GitServer, world: World) -> World:
    """Applied, changed by hand, and applied again, each by a run that reports."""
    assert run(server, world, "apply", "prod").code == 6
    run(server, world, "drift", "prod", "--record")
    edit(world, "claude-sonnet-4-5", "claude-opus-4-1")
    run(server, world, "drift", "prod", "--record")
    run(server, world, "drift", "staging")
    git(world.root, "commit", "-q", "--allow-empty", "-m", "two")
    run(server, world, "apply", "prod")
    run(server, world, "drift", "prod", "--record")
    return world


@pytest.mark.parametrize("filters", ["true", "false"])
def test_from_the_branch(
    server: GitServer, reported: World, bare: Path, tmp_path: Path, filters: str
) -> None:
    """Also from a server that gives out commits without their files, which are then fetched by their hashes."""
    git(bare, "config", "uploadpack.allowFilter", filters)
    place = ("--branch", "reports", "--report-repository", f"{server.url}/config.git")
    ran = shown(*place, "-o", "json", "-C", str(tmp_path))
    assert ran.code == 0, ran.output
    body = parsed(ran.stdout)
    assert (body["environment"], body["source"], body["complete"]) == (
        "prod",
        "the branch reports",
        True,
    )
    second, first = (git(reported.root, "rev-parse", name) for name in ("HEAD", "HEAD~1"))
    events = body["events"]
    assert [(event["what"], event["revision"]) for event in events] == [
        ("drift", second), ("apply", second), ("drift", first), ("drift", first), ("apply", first),
    ]  # fmt: skip
    fixed, again, drifted, before, created = events
    assert [line.split(":")[0] for line in drifted["began"]] == ["Provider llm/claude"]
    assert "spec.model; by file-edit" in drifted["began"][0]
    assert fixed["resolved"] == drifted["began"], "the drift is over"
    assert [line.split()[0] for line in created["changed"]] == ["CREATED"] * 3
    assert again["changed"] == ["CONFIGURED Provider llm/claude: spec.model"]
    assert before["changed"] == drifted["changed"] == []
    log = git(
        reported.root.parent / "srv/config.git", "log", "--format=%H %cI", "reports", "--", "prod"
    )
    assert [f"{event['commit']} {event['time']}" for event in events] == log.splitlines()


def test_the_last_events_of_the_branch_as_text(server: GitServer, reported: World) -> None:
    place = ("--branch", "reports", "--report-repository", f"{server.url}/config.git")
    ran = shown(*place, "--limit", "3", "-C", str(reported.root))
    assert ran.code == 0, ran.output
    head, *blocks, end = ran.stdout.strip().split("\n\n")
    assert head == "prod  3 events in the branch reports"
    assert end == "older ones: --limit NUMBER"
    assert [block.split("  ")[1] for block in blocks] == ["drift", "apply", "drift"]
    assert "  began      Provider llm/claude: spec.model" in blocks[2]
    assert blocks[2].count("began") == 1, "what had begun before the window is not told as new"


def test_from_the_record_alone(reported: World) -> None:
    ran = shown("-C", str(reported.root), "-o", "json")
    assert ran.code == 0, ran.output
    body = parsed(ran.stdout)
    assert body["source"] == "the record"
    second, first = (git(reported.root, "rev-parse", name) for name in ("HEAD", "HEAD~1"))
    assert [(e["what"], e["revision"], e["verdict"]) for e in body["events"]] == [
        ("apply", second, "1 object written"),
        ("drift", first, "1 object changed by others, 2 keys missing or unusable"),
        ("apply", first, "3 objects written, 2 keys missing or unusable"),
    ]
    again, drifted, created = body["events"]
    missing = [
        "NO SECRET Secret llm/claude [ANTHROPIC_API_KEY]",
        "NO SECRET Secret llm/gateway [api-key]",
    ]
    assert drifted["began"] == ["DRIFTED Provider llm/claude", *missing]
    assert (again["began"], created["began"]) == ([], missing)
    assert again["changed"] == ["RESTORED Provider llm/claude"]
    assert created["changed"] == [
        *("NEW Model llm/fast", "NEW ModelProvider llm/gateway", "NEW Provider llm/claude")
    ]
    text = shown("-C", str(reported.root)).stdout
    assert text.startswith("prod  3 events in the record\n\n")
    assert (
        "1 object changed by others, 2 keys missing or unusable\n  began      DRIFTED Provider llm/claude"
        in text
    )


def test_the_record_has_a_field_that_decides_where_prompts_go_and_a_missing_key(
    reported: World,
) -> None:
    edit(reported, "spec:\n", "spec:\n  baseURL: https://evil.example.com/v1\n")
    for _ in range(2):
        assert command("drift", "prod", "--record", "-C", str(reported.root)).code == 1
    newest, before, *_ = parsed(shown("-C", str(reported.root), "-o", "json").stdout)["events"]
    assert before["what"] == "apply", "the second run had no news"
    assert newest["verdict"] == "1 object changed by others, 2 keys missing or unusable"
    assert newest["began"][-1] == "ADDED Provider llm/claude: spec.baseURL"
    assert any(line.startswith("NO SECRET Secret llm/") for line in newest["began"])


def test_nothing_to_tell(server: GitServer, world: World) -> None:
    ran = shown("-C", str(world.root))
    assert (ran.code, ran.stdout) == (0, "prod  0 events in the record\n")
    place = ("--branch", "reports", "--report-repository", f"{server.url}/config.git")
    ran = shown("-C", str(world.root), *place)
    assert ran.code == 2
    assert "the branch reports has no report of this environment" in ran.stderr


def test_a_name_of_a_file_on_the_branch_forges_no_event(
    server: GitServer, reported: World, bare: Path, tmp_path: Path
) -> None:
    work = tmp_path / "forged"
    git(tmp_path, "clone", "-q", "-b", "reports", str(bare), str(work))
    place = ("--branch", "reports", "--report-repository", f"{server.url}/config.git")
    before = shown(*place, "-C", str(reported.root)).stdout
    zeros, blob = "0" * 40, "1" * 40
    forged = f"a\x01{blob} 2030-01-01T00:00:00Z\n:100644 100644 {zeros} {blob} A\nprod\n.txt"
    (work / "prod" / forged).write_text("{}")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "forged")
    git(work, "push", "-q", "origin", "reports")
    ran = shown(*place, "-C", str(reported.root))
    assert (ran.code, ran.stdout) == (0, before)


def test_a_branch_that_somebody_else_wrote(
    server: GitServer, reported: World, bare: Path, tmp_path: Path
) -> None:
    """What is no report of the environment is named, and is no crash."""
    work = tmp_path / "forged"
    git(tmp_path, "clone", "-q", "-b", "reports", str(bare), str(work))
    place = ("--branch", "reports", "--report-repository", f"{server.url}/config.git")
    for content, says in (
        ("{}", "this is JSON, but not a report"),
        (
            (work / "staging/drift.json").read_text(),
            "this is not a report of its environment alone",
        ),
    ):
        (work / "prod/drift.json").write_text(content)
        git(work, "commit", "-qam", "forged")
        git(work, "push", "-q", "origin", "reports")
        ran = shown(*place, "-C", str(reported.root), "--limit", "1")
        assert ran.code == 2
        assert f"prod/drift.json: {says}" in ran.stderr
