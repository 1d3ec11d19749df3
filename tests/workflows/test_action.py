"""`action.yml`, and the workflows for GitHub that `init` writes: what they promise, and what their steps do."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli.starter.texts import UNKNOWN_ACTION, Choice, starter_texts
from tests.adapters.forge.issue_server import Tracker
from tests.adapters.forge.server import Forge, serve
from tests.adapters.forge.server import serve as forge_server
from tests.interpreters.warm import programs
from tests.workflows.reading import ROOT, Step
from tests.workflows.runner import COMMANDS, KUBECONFIG, Runner

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())  # noqa: TID251 -- our own file
CHOICE = Choice(("omnia",), ("openai",), ("staging", "prod"), forge="github")
FLOWS = ("review", "preview", "change", "watch")


def starter(name: str) -> dict[str, Any]:
    text = starter_texts(CHOICE)[f".github/workflows/{name}.yml"]
    workflow: dict[Any, Any] = yaml.safe_load(text)  # noqa: TID251 -- our own file
    return workflow | {"on": workflow.pop(True)}


def job(name: str) -> dict[str, Any]:
    (only,) = starter(name)["jobs"].values()
    assert isinstance(only, dict)
    return only


def action_step(name: str) -> Step:
    (step,) = (each for each in ACTION["runs"]["steps"] if each["name"] == name)
    return Step("action", "", name, "", step["run"], step.get("env", {}), {})


@pytest.fixture
def flow(tmp_path: Path) -> Runner:
    """A configuration repository as `init` makes it, a folder as the cluster, and the action installed."""
    runner = Runner(tmp_path)
    for name, text in starter_texts(CHOICE).items():
        (runner.workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (runner.workspace / name).write_text(text)
    secret = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: openai, namespace: omnia}\n"
        "data: {OPENAI_API_KEY: c2stY2FuYXJ5LXRoYXQtaXMta2VwdA==}\n"
    )
    (tmp_path / "cluster/omnia/secrets").mkdir(parents=True)
    (tmp_path / "cluster/omnia/secrets/openai.yaml").write_text(secret)
    (tmp_path / "reconciler/bin").mkdir(parents=True)
    (tmp_path / "reconciler/bin/reconciler").symlink_to(programs() / "reconciler")
    for name in ("summary.md", "output"):
        (tmp_path / name).touch()
    runner.git("init", "--quiet", "--initial-branch=main")
    commit = runner.commit("First")
    runner.variables |= {
        "GITHUB_SHA": commit,
        "GITHUB_REPOSITORY": "acme/llm",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_ACTION_PATH": str(ROOT),
    }
    runner.expressions = {
        "inputs.environment": "prod",
        "inputs.directory": ".",
        "inputs.kubeconfig": KUBECONFIG,
        "github.token": "ghs_canaryTokenNeverShown",
        "github.event.workflow_run.pull_requests[0].number": "42",
        "github.event.workflow_run.head_sha": commit,
    }
    return runner


def ran(runner: Runner, flow: str, step: str = "Run") -> subprocess.CompletedProcess[str]:
    runner.expressions["inputs.flow"] = flow
    return runner.run(action_step(step))


def test_the_life_of_a_pull_request(flow: Runner) -> None:
    """Reviewed, announced, applied, watched, by the steps of the action; one comment from beginning to end."""
    flow.expressions["inputs.kubeconfig"] = ""
    review = ran(flow, "review")
    assert review.returncode == 0, review.stderr
    assert "staging" in review.stdout
    assert "prod" in flow.summary
    flow.expressions["inputs.kubeconfig"] = KUBECONFIG
    with serve(Forge()) as forge:
        flow.variables["GITHUB_API_URL"] = forge.url
        commit = flow.variables["GITHUB_SHA"]
        forge.pulls = [{"number": 42, "merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": commit}]  # fmt: skip
        for name, word in (("preview", "NEW"), ("change", "CREATED")):
            done = ran(flow, name)
            assert done.returncode == 0, done.stdout + done.stderr
            assert word in done.stdout
            assert not (flow.home / "kubeconfig").exists(), "it is removed with the step"
            comment = ran(flow, name, "Comment")
            assert comment.returncode == 0, comment.stderr
            assert "ghs_" not in comment.stdout + comment.stderr
        assert len(forge.comments) == 1
        assert "created" in forge.comments[0]["body"]
    watch = ran(flow, "watch")
    assert watch.returncode == 0, watch.stdout + watch.stderr
    output = dict(line.split("=") for line in (flow.home / "output").read_text().splitlines())
    report = json.loads(Path(output["report"]).read_text())
    assert (report["command"], report["recorded"]) == ("drift", True)
    assert "canary" not in flow.summary + Path(output["report"]).read_text()


def test_a_configuration_in_a_folder_of_a_larger_repository(flow: Runner) -> None:
    inner = flow.workspace / "llm"
    inner.mkdir()
    for name in ("environments", "templates"):
        (flow.workspace / name).rename(inner / name)
    assert ran(flow, "review").returncode != 0
    flow.expressions["inputs.directory"] = "llm"
    assert ran(flow, "review").returncode == 0


def test_a_broken_pull_request_is_red_and_its_comment_says_why(flow: Runner) -> None:
    (flow.workspace / "environments/prod/broken.yaml.j2").write_text("spec: {a: 1, a: 2}\n")
    flow.expressions["github.event.workflow_run.head_sha"] = flow.commit("Broken")
    flow.git("checkout", "--quiet", flow.variables["GITHUB_SHA"])
    with serve(Forge()) as forge:
        flow.variables["GITHUB_API_URL"] = forge.url
        assert ran(flow, "preview").returncode == 3
        assert ran(flow, "preview", "Comment").returncode == 0
        assert "environments/prod/broken.yaml.j2" in forge.comments[0]["body"]


def test_a_run_without_a_report_needs_no_comment(flow: Runner) -> None:
    assert ran(flow, "change", "Comment").returncode == 0


def test_a_preview_without_a_number_comments_nowhere(flow: Runner) -> None:
    """A pull request of the base commit would otherwise get the comment."""
    with serve(Forge()) as forge:
        flow.variables["GITHUB_API_URL"] = forge.url
        assert ran(flow, "preview").returncode == 0
        flow.expressions["github.event.workflow_run.pull_requests[0].number"] = ""
        assert ran(flow, "preview", "Comment").returncode == 2
        assert forge.requests == []


def test_the_diff_of_a_pull_request_that_changes_the_policy_says_so_first(flow: Runner) -> None:
    file = flow.workspace / "environments/prod/environment.yaml"
    file.write_text(file.read_text() + "home: kube-system\n")
    flow.expressions["github.event.workflow_run.head_sha"] = flow.commit("Their home")
    flow.git("checkout", "--quiet", flow.variables["GITHUB_SHA"])
    diff = ran(flow, "preview")
    assert diff.returncode == 0, diff.stderr
    assert re.search(r"SETTINGS.*\n.*home.*kube-system", diff.stdout)
    assert "SETTINGS" in flow.summary.partition("|")[0]


def test_what_a_watch_finds_is_in_an_issue_until_it_is_in_order(flow: Runner) -> None:
    """The destination is that of environment.yaml; without one nobody is told, and nothing fails."""
    flow.expressions["inputs.news"] = "news.json"
    assert ran(flow, "change").returncode == 0
    assert ran(flow, "watch").returncode == 0
    untold = ran(flow, "watch", "Notify")
    assert untold.returncode == 0, untold.stderr
    assert untold.stdout.startswith("nobody to notify: ")
    file = flow.workspace / "environments/prod/environment.yaml"
    file.write_text(f"{file.read_text()}notify: {{issue: {{forge: github, repository: a/b}}}}\n")
    flow.variables["GITHUB_SHA"] = flow.commit("An issue")
    (live,) = (flow.home / "cluster/omnia/providers.omnia.altairalabs.ai").glob("*.yaml")
    as_applied = live.read_text()
    with forge_server(Tracker()) as forge:
        flow.variables["GITHUB_API_URL"] = forge.url
        for text, code, state in ((None, 1, "open"), (as_applied, 0, "closed")):
            live.unlink() if text is None else live.write_text(text)
            watch = ran(flow, "watch")
            assert watch.returncode == code, watch.stdout + watch.stderr
            notify = ran(flow, "watch", "Notify")
            assert notify.returncode == 0, notify.stderr
            assert "ghs_" not in notify.stdout + notify.stderr
            assert [issue["state"] for issue in forge.issues] == [state]


@pytest.mark.parametrize("key", ["notify", '"notify"', "'notify' "])
def test_notify_has_the_kubeconfig_for_events_while_it_runs(flow: Runner, key: str) -> None:
    flow.expressions["inputs.news"] = "news.json"
    file = flow.workspace / "environments/prod/environment.yaml"
    file.write_text(f"{file.read_text()}{key}: {{events: true}}\n")
    flow.variables["GITHUB_SHA"] = flow.commit("Events")
    assert ran(flow, "change").returncode == 0
    assert ran(flow, "watch").returncode == 0
    notify = ran(flow, "watch", "Notify")
    expected = "prod: events: none, since a directory cluster has no Events\n"
    (live,) = (flow.home / "cluster/omnia/providers.omnia.altairalabs.ai").glob("*.yaml")
    assert (notify.returncode, notify.stdout) == (0, "prod: events: no news\n"), notify.stderr
    live.unlink()
    assert ran(flow, "watch").returncode == 1
    notify = ran(flow, "watch", "Notify")
    assert (notify.returncode, notify.stdout) == (0, expected), notify.stderr
    command = flow.home / "reconciler/bin/reconciler"
    command.unlink()
    command.write_text('#!/bin/sh\nstat -c %a "$KUBECONFIG"; cat "$KUBECONFIG"; env\n')
    command.chmod(0o755)
    given = ran(flow, "watch", "Notify")
    assert given.stdout.startswith(f"600\n{KUBECONFIG}\n"), given.stderr
    assert "KUBECONFIG_TEXT" not in given.stdout
    assert not (flow.home / "kubeconfig").exists()


def test_every_input_is_a_word_and_nothing_else(flow: Runner) -> None:
    hostile = '"; touch pwned; $(touch pwned) `touch pwned` #'
    for name in ("inputs.environment", "inputs.directory", "github.event.workflow_run.head_sha"):
        before = flow.expressions[name]
        flow.expressions[name] = hostile
        assert ran(flow, "preview").returncode != 0
        flow.expressions[name] = before
    flow.expressions["github.event.workflow_run.pull_requests[0].number"] = hostile
    assert ran(flow, "preview", "Comment").returncode in (0, 2, 9)
    assert ran(flow, hostile).returncode == 2
    assert not list(flow.home.rglob("pwned"))


def test_a_flow_that_writes_without_an_environment_is_refused(flow: Runner) -> None:
    flow.expressions["inputs.environment"] = ""
    assert ran(flow, "change").returncode == 2
    assert not (flow.home / "cluster/omnia/providers.omnia.altairalabs.ai").exists()


def test_no_expression_is_pasted_into_the_shell_of_the_action() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    named = {step["name"]: str(step.get("env", {})) for step in ACTION["runs"]["steps"]}
    assert "inputs.kubeconfig" not in named["Install"] + named["Comment"]
    assert "github.token" not in named["Install"] + named["Run"]


@pytest.mark.network
def test_the_action_installs_from_the_lock_and_imports_nothing_of_the_checkout(
    flow: Runner,
) -> None:
    (flow.home / "reconciler/bin/reconciler").unlink()
    (flow.workspace / "uv.toml").write_text('index-url = "https://attacker.invalid/simple"\n')
    for name in ("click.py", "reconciler.py", "pip.py", "venv.py", "json.py", "sitecustomize.py"):
        (flow.workspace / name).write_text("raise SystemExit('imported')\n")
    flow.variables["PYTHONPATH"] = str(flow.workspace)
    flow.variables |= {k: v for k, v in os.environ.items() if k.startswith(("UV_", "PIP_", "SSL_"))}
    install = flow.run(action_step("Install"))
    assert install.returncode == 0, install.stdout + install.stderr
    review = ran(flow, "review")
    assert review.returncode == 0, review.stdout + review.stderr
    assert "imported" not in review.stdout + review.stderr


def test_the_installation_builds_nothing_and_takes_hashes_only() -> None:
    script = (ROOT / ".ci/install").read_text()
    assert script.count("locked=(--only-binary :all: --require-hashes --requirement)") == 1
    installs = [line for line in script.splitlines() if " install " in line]
    assert len(installs) == 2
    assert all('"${locked[@]}"' in line for line in installs)
    assert not re.search(r"--editable|\bmake\b|setup\.py", script)
    assert "--frozen" in script


# What the workflows of `init` promise.


@pytest.mark.parametrize("name", FLOWS)
def test_a_job_is_a_checkout_and_the_pinned_action(name: str) -> None:
    others = ("actions/upload-artifact@", "actions/cache/")
    steps = [step for step in job(name)["steps"] if not step["uses"].startswith(others)]
    checkout, action = steps
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", checkout["uses"])
    assert checkout["with"]["persist-credentials"] is False
    assert "ref" not in checkout["with"], "the default branch, or for review the merge commit"
    assert action["uses"] == UNKNOWN_ACTION
    assert action["with"]["flow"] == name
    assert set(action["with"]) <= set(ACTION["inputs"])
    assert not [step for step in job(name)["steps"] if "run" in step]


@pytest.mark.parametrize("name", FLOWS)
def test_a_job_has_only_the_rights_that_it_needs(name: str) -> None:
    assert starter(name)["permissions"] == {}
    writes = {k for k, v in job(name)["permissions"].items() if v != "read"}
    rights = {"review": set(), "preview": {"pull-requests"}, "change": {"pull-requests"}}
    assert writes == rights.get(name, {"issues"})
    assert job(name)["timeout-minutes"] <= 30


def test_review_has_no_secret_and_no_environment() -> None:
    assert list(starter("review")["on"]) == ["pull_request"]
    assert "environment" not in job("review")
    assert not re.search(r"secrets\.|github\.token", str(starter("review")))


def test_preview_runs_on_the_default_branch_and_not_for_forks() -> None:
    assert starter("preview")["on"] == {"workflow_run": {"workflows": ["review"], "types": ["completed"]}}  # fmt: skip
    assert {part.strip() for part in job("preview")["if"].split("&&")} == {
        "github.event.workflow_run.event == 'pull_request'",
        "github.event.workflow_run.conclusion == 'success'",
        "github.event.workflow_run.head_repository.full_name == github.repository",
    }
    assert '--revision "$HEAD" --trust "$GITHUB_SHA"' in action_step("Run").run


@pytest.mark.parametrize(("name", "suffix"), [("preview", "-diff"), ("change", ""), ("watch", "-drift")])  # fmt: skip
def test_credentials_are_in_the_environments_that_are_documented(name: str, suffix: str) -> None:
    assert job(name)["environment"] == f"${{{{ matrix.environment }}}}{suffix}"
    assert job(name)["strategy"]["matrix"] == {"environment": ["staging", "prod"]}
    row = f"| `<environment>{suffix}` |"
    assert row in (ROOT / "docs/security.md").read_text()


def test_what_was_told_is_kept_by_a_watch_that_fails_and_by_each_attempt() -> None:
    """A watch with findings fails, and has news. An entry of the cache is never written twice."""
    kept = [step for step in job("watch")["steps"] if step["uses"].startswith("actions/cache")]
    restore, save = kept
    assert restore["uses"].replace("/restore@", "/save@") == save["uses"]
    assert save["if"] == "always()"
    action = next(step for step in job("watch")["steps"] if step["uses"] == UNKNOWN_ACTION)
    assert restore["with"]["path"] == save["with"]["path"] == action["with"]["news"]
    start = "news-${{ matrix.environment }}/"  # without the slash, prod begins as prod-eu does
    assert restore["with"]["restore-keys"] == start
    key = f"{start}${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}"
    assert restore["with"]["key"] == save["with"]["key"] == key
    steps = job("watch")["steps"]
    assert steps.index(restore) < steps.index(action) < steps.index(save)


@pytest.mark.parametrize("name", ["change", "watch"])
def test_what_writes_takes_turns_and_is_never_cut_off(name: str) -> None:
    concurrency = job(name)["concurrency"]
    assert concurrency == {"group": "apply-${{ matrix.environment }}", "cancel-in-progress": False}
    assert job("change")["strategy"]["max-parallel"] == 1


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    for name, text in starter_texts(CHOICE).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [COMMANDS / "zizmor", "--offline", "--no-progress", ROOT / ".github", ROOT / "action.yml", tmp_path],
        env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
