"""`diff --out` and `show` on the command line: what they write, print and refuse."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.sealed import SealedOptions
from reconciler.reports._plan import plan_from_json, plan_json
from tests.interpreters.warm import Ended, command
from tests.repository import write
from tests.stages.live import HOME
from tests.test_pipeline import CLAUDE

CONFIG = f"configVersion: 1\nhome: {HOME}\nnamespaces: [omnia]\ncluster: {{path: live}}\n"
HEADER = "a-header-that-nobody-may-guess"
TEMPLATE = CLAUDE.rstrip() + f"\n  headers: {{X-Gate: {HEADER}}}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two environments, committed, and never applied."""
    root = tmp_path / "config"
    for name in ("prod", "dev"):
        folder = f"environments/{name}"
        write(root, {f"{folder}/environment.yaml": CONFIG, f"{folder}/claude.yaml.j2": TEMPLATE})
    (root / "live" / HOME).mkdir(parents=True)
    (root / "live/omnia").mkdir()
    commit(root)
    return root


def commit(root: Path) -> None:
    for words in (
        ("init", "-q"), ("add", "environments"),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"),
    ):  # fmt: skip
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def ran(*args: str | Path, **variables: str) -> Ended:
    clean = {name: v for name, v in os.environ.items() if not name.startswith("RECONCILER_")}
    return command(*args, env=clean | variables)


def planned(repository: Path, *more: str) -> dict[str, Any]:
    out = repository.parent / "plan.json"
    assert ran("diff", "prod", "-C", repository, "--out", out, *more).code == 1
    body: dict[str, Any] = json.loads(out.read_text())
    return body


def test_a_plan_is_written_and_shown(repository: Path, tmp_path: Path) -> None:
    body = planned(repository)
    assert (body["environment"], body["keyId"]) == ("prod", "")
    shown = ran("show", tmp_path / "plan.json")
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"plan {body['id']}  of prod  git {body['commit'][:7]}  ")
    assert "NEW         Provider omnia/claude  (5 fields)\n" in shown.stdout
    again = ran("show", tmp_path / "plan.json", "-o", "json")
    assert json.loads(again.stdout) == body
    assert ran("show", tmp_path / "plan.json", "-o", f"json={tmp_path / 'copy'}").stdout == ""
    assert (tmp_path / "copy").read_text() == (tmp_path / "plan.json").read_text()


def test_it_is_the_same_for_the_same_plan(repository: Path, tmp_path: Path) -> None:
    planned(repository)
    first = (tmp_path / "plan.json").read_bytes()
    planned(repository, "--full", "-o", f"json={tmp_path / 'report.json'}")
    assert (tmp_path / "plan.json").read_bytes() == first


def test_only_limits_it(repository: Path) -> None:
    body = planned(repository, "--only", "provider/omnia/claude")
    assert body["only"] == ["provider.omnia.altairalabs.ai/omnia/claude"]


def test_it_has_no_value_with_the_key_and_without(repository: Path, tmp_path: Path) -> None:
    planned(repository)
    assert HEADER not in (tmp_path / "plan.json").read_text()
    assert ran("key", "prod", "-C", repository).code == 0
    body = planned(repository)
    assert body["keyId"]
    (claude,) = body["objects"]
    assert len(claude["content"]) == len(claude["stored"]) == 32
    assert HEADER not in (tmp_path / "plan.json").read_text()
    assert HEADER not in ran("show", tmp_path / "plan.json", "-v").output


def test_a_working_tree_that_no_commit_describes_needs_the_key(
    repository: Path, tmp_path: Path
) -> None:
    template = repository / "environments/prod/claude.yaml.j2"
    template.write_text(template.read_text().replace(HEADER, "another"))
    out = tmp_path / "plan.json"
    done = ran("diff", "prod", "-C", repository, "--out", out)
    assert (done.code, out.exists()) == (2, False)
    assert "the working tree differs from the commit, and without the fingerprint" in done.stderr
    assert ran("diff", "prod", "-C", repository, "--revision", "HEAD", "--out", out).code == 1
    assert ran("key", "prod", "-C", repository).code == 0
    assert planned(repository)["dirty"] is True


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("diff", "--out", "{tmp}/plan.json"), "--out writes the plan of one environment"),
        (("diff", "prod", "dev", "--out", "{tmp}/plan.json"), "--out writes the plan of one"),
        (("diff", "prod", "--out", "{tmp}/nowhere/plan.json"), "nowhere does not exist"),
        (("diff", "prod", "--out", "{tmp}"), "it is a folder"),
        (("diff", "prod", "--out", ""), "it is empty"),
        (("diff", "prod", "--out", "{tmp}/a", "-o", "json={tmp}/a"), "a report is written to it"),
    ],
)
def test_a_mistake_is_said_before_anything_runs(
    repository: Path, tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    done = ran(*(word.format(tmp=tmp_path) for word in args), "-C", repository)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"config"}


def test_a_plan_through_a_link_of_the_repository_is_refused(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "out.json").symlink_to(tmp_path / "elsewhere")
    done = ran("diff", "prod", "-C", repository, "--out", repository / "out.json")
    assert done.code == 9
    assert not (tmp_path / "elsewhere").exists()


def test_without_a_plan_nothing_is_written_and_that_is_said(
    repository: Path, tmp_path: Path
) -> None:
    write(repository, {"environments/prod/broken.yaml.j2": "a: {{ values.nowhere }}\n"})
    out = tmp_path / "plan.json"
    out.write_text("the plan of before")
    done = ran("diff", "prod", "-C", repository, "--out", out)
    assert (done.code, out.read_text()) == (3, "the plan of before")
    assert "no plan was written: see what stopped prod" in done.stderr


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (None, 9, "No such file"),
        (b"sk-ant-api03-0123456789abcdef", 2, "it is not a plan: not JSON"),
        (b"\xff\xfe0123456789abcdef", 2, "it is not a plan: not UTF-8"),
        (b"\x00" * (32 * 1024 * 1024 + 1), 2, "larger than any plan"),
        (b'{"0123456789abcdef": "0123456789abcdef"}', 2, "it has no objects"),
    ],
    ids=["missing", "text", "binary", "huge", "foreign"],
)
def test_what_is_no_plan_is_the_users_mistake(
    tmp_path: Path, content: bytes | None, code: int, message: str
) -> None:
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    done = ran("show", file)
    assert (done.code, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "0123456789abcdef" not in done.stderr


def test_a_folder_is_no_plan(tmp_path: Path) -> None:
    assert ran("show", tmp_path).code == 9


def test_a_format_that_show_does_not_have(repository: Path, tmp_path: Path) -> None:
    planned(repository)
    done = ran("show", tmp_path / "plan.json", "-o", "markdown")
    assert (done.code, done.stdout) == (2, "")
    assert "show has the formats text and json" in done.stderr


def follow(repository: Path, *more: str | Path) -> Ended:
    return ran("apply", "--plan", repository.parent / "plan.json", "-C", repository, *more)


def test_a_plan_is_applied_once(repository: Path) -> None:
    body = planned(repository)
    dry = follow(repository, "--dry-run")
    assert f"as reviewed in plan {body['id']}" in dry.stdout
    done = follow(repository, "prod")
    assert (done.code, done.stderr) == (6, "")  # its Secret does not exist
    assert f"as reviewed in plan {body['id']}\n" in done.stdout
    assert "CREATED     Provider omnia/claude" in done.stdout
    again = follow(repository, "prod")
    assert (again.code, again.stderr) == (6, "")
    assert "nothing to do: the plan is already applied" in again.stdout


def test_a_plan_is_not_applied_again_after_an_edit(repository: Path, tmp_path: Path) -> None:
    body = planned(repository)
    assert follow(repository, "prod").code == 6  # its Secret does not exist
    (live,) = tmp_path.rglob("omnia/providers.*/claude.yaml")
    live.write_text(live.read_text().replace("model: ", "model: edited-"))
    report = tmp_path / "report.json"
    again = follow(repository, "-o", "text", "-o", f"json={report}")
    assert again.code == 8
    assert f"plan {body['id']} is out of date: " in again.stdout
    assert "STALE PLAN  Provider omnia/claude\n" in again.stdout
    (environment,) = json.loads(report.read_text())["environments"]
    assert environment["reviewed"] == body["id"]
    assert environment["moved"][0]["ref"]["name"] == "claude"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("dev",), "it is the plan of prod, and the command line names another"),
        (("prod", "dev"), "it is the plan of prod"),
        (("--all",), "it is the plan of prod"),
        (("--only", "provider/omnia/claude"), "the plan names the objects"),
    ],
)
def test_a_command_line_that_says_something_else_than_the_plan(
    repository: Path, args: tuple[str, ...], message: str
) -> None:
    planned(repository)
    done = follow(repository, *args)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr
    assert not list(repository.glob("live/*/providers*"))


@pytest.mark.parametrize("change", ["tampered", "truncated", "foreign", "later", "elsewhere"])
def test_a_file_that_is_not_the_plan_writes_nothing(
    repository: Path, tmp_path: Path, change: str
) -> None:
    body, file = planned(repository), tmp_path / "plan.json"
    match change:
        case "tampered":
            file.write_text(file.read_text().replace('"create"', '"none"'))
        case "truncated":
            file.write_text(file.read_text()[:-40])
        case "foreign":
            file.write_text('{"apiVersion": "v1", "kind": "List"}')
        case "later":
            file.write_text(json.dumps(body | {"schemaVersion": "2"}))
        case "elsewhere":
            (repository / "environments/prod").rename(repository / "environments/staging")
    done = follow(repository)
    assert (done.code, "Traceback" in done.output) == (2, False)
    assert not list(repository.glob("live/*/providers*"))


def test_an_apply_without_a_plan_or_a_name_is_still_refused(repository: Path) -> None:
    done = ran("apply", "-C", repository)
    assert (done.code, done.stdout) == (2, "")
    assert "apply writes: name the environments" in done.stderr


def test_a_report_names_the_plan_that_out_writes(repository: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    body = planned(repository, "-o", f"json={report}")
    (environment,) = json.loads(report.read_text())["environments"]
    assert environment["planId"] == body["id"]
    for format_ in ("text", "markdown"):
        printed = ran("diff", "prod", "-C", repository, "-o", format_)
        assert f"plan {body['id']}" in printed.stdout.replace("`", "")


def test_a_plan_that_nothing_binds_has_no_id(repository: Path, tmp_path: Path) -> None:
    template = repository / "environments/prod/claude.yaml.j2"
    template.write_text(template.read_text().replace(HEADER, "another"))
    report = tmp_path / "report.json"
    assert ran("diff", "prod", "-C", repository, "-o", f"json={report}").code == 1
    (environment,) = json.loads(report.read_text())["environments"]
    assert environment["planId"] == ""


def test_an_edited_plan_deletes_nothing_that_an_apply_would_keep(repository: Path) -> None:
    """The plan of an environment that does not prune, and what would prune it."""
    planned(repository)
    file = repository.parent / "plan.json"
    plan = plan_from_json(file.read_text())
    for options in (SealedOptions((), prune=True), SealedOptions((), allow_rollback=True)):
        file.write_text(plan_json(replace(plan, options=options)))
        done = follow(repository)
        assert (done.code, done.stdout) == (2, ""), done.stderr
        assert "the command line must match" in done.stderr


def test_an_apply_of_a_plan_repeats_what_the_diff_was_told(repository: Path) -> None:
    other = TEMPLATE.replace("name: claude", "name: other", 1)
    write(repository, {"environments/prod/other.yaml.j2": other})
    commit(repository)
    ran("apply", "prod", "-C", repository)
    (repository / "environments/prod/other.yaml.j2").unlink()
    commit(repository)
    plan = repository.parent / "plan.json"
    limits = ("--prune", "--prune-limit", "1")
    assert ran("diff", "prod", "-C", repository, *limits, "--out", plan).code == 1
    for words in ((), ("--prune",), (*limits[:2], "2")):
        refused = ran("apply", "--plan", plan, "-C", repository, *words)
        assert (refused.code, refused.stdout) == (2, "")
        assert "was made with --prune --prune-limit 1, and the command line must" in refused.stderr
    done = ran("apply", "--plan", plan, "-C", repository, *limits)
    assert "PRUNED      Provider omnia/other" in done.stdout, done.stdout + done.stderr


def test_a_plan_in_the_place_of_an_environment(tmp_path: Path) -> None:
    """The help is the command that was most likely meant."""
    file = tmp_path / "plan.json"
    file.write_text("{}")
    ended = command("apply", str(file), "-C", str(tmp_path))
    assert ended.code == 2
    assert f"{file} is a file, not an environment" in ended.stderr
    assert f"reconciler apply -C {tmp_path} --plan {file}" in ended.stderr
