"""`reconciler notify` where environment.yaml and the options send the news: chats, issues, and who may decide that."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.webhook import AUTHORIZATION
from reconciler.cli import main
from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.adapters.forge.issue_server import Tracker
from tests.adapters.forge.server import serve as forge_server
from tests.adapters.sources.test_worktree import git
from tests.cli.test_notify import DRIFT, FEWER, PROD, Receiver, serve
from tests.repository import write

CONFIG = "configVersion: 1\nnamespaces: [omnia]\n"
ISSUE = "  issue: {forge: github, repository: a/b}\n"
HOOKS = "  slack: {variable: RECONCILER_SLACK}\n  teams: {file: %s}\n  webhook: {variable: RECONCILER_OPS}\n"
SECRET_URL = "https://hooks.slack.com/services/T0/B0/hiddenWord24charactersX7"
FINE = EnvironmentRun("prod", PROD.exit_code, cluster=PROD.cluster)


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracker]:
    with forge_server(Tracker()) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.url)
        monkeypatch.setenv("GITHUB_TOKEN", "canaryTokenNeverShown")
        yield running


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Receiver]]:
    with serve(Receiver()) as slack, serve(Receiver()) as teams, serve(Receiver()) as webhook:
        monkeypatch.setenv("RECONCILER_SLACK", slack.url)
        monkeypatch.setenv("RECONCILER_OPS", webhook.url)
        (tmp_path / "teams").write_text(f"{teams.url}\n")
        yield {"slack": slack, "teams": teams, "webhook": webhook}


def configured(tmp_path: Path, notify: str) -> Path:
    text = f"{CONFIG}notify:\n{notify}" if notify else CONFIG
    return write(tmp_path / "config", {"environments/prod/environment.yaml": text})


def notified(tmp_path: Path, environment: EnvironmentRun, *more: str) -> int:
    report = tmp_path / "drift.json"
    run = replace(DRIFT, environments=(environment,))
    report.write_text(FORMATS["json"].render(run, Style()))
    return main(["notify", str(report), *more])


def in_environment(tmp_path: Path, environment: EnvironmentRun, *more: str) -> int:
    place = ("-C", str(tmp_path / "config"), "--state", str(tmp_path / "state.json"))
    return notified(tmp_path, environment, *place, *more)


def test_each_chat_gets_its_own_body_once(
    tmp_path: Path,
    hooks: dict[str, Receiver],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configured(tmp_path, HOOKS % (tmp_path / "teams"))
    monkeypatch.setenv(AUTHORIZATION, "Bearer hidden-word")
    for _ in range(3):
        assert in_environment(tmp_path, PROD) == 0
    (slack,), (teams,), (body,) = (hooks[name].bodies for name in ("slack", "teams", "webhook"))
    assert (len(slack["blocks"]) > 2, teams["type"], body["command"]) == (True, "message", "drift")
    first = capsys.readouterr().out.splitlines()[:3]
    number = len(body["new"])
    assert first == [
        f"prod: {name} delivered: {number} new" for name in ("webhook", "slack", "teams")
    ]
    assert hooks["webhook"].authorizations == ["Bearer hidden-word"]
    assert hooks["slack"].authorizations == hooks["teams"].authorizations == [""]
    assert in_environment(tmp_path, FEWER) == 0
    assert hooks["slack"].bodies[1]["text"].startswith("reconciler drift: 1 resolved: prod: ")


def test_one_that_fails_gets_them_later_and_the_others_once(
    tmp_path: Path, hooks: dict[str, Receiver], capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, HOOKS % (tmp_path / "teams"))
    hooks["slack"].faults = [404]
    assert in_environment(tmp_path, PROD) == 9
    assert "the webhook refuses the notification (404)" in capsys.readouterr().err
    assert [len(hooks[name].bodies) for name in hooks] == [0, 1, 1]
    assert in_environment(tmp_path, PROD) == 0
    assert [len(hooks[name].bodies) for name in hooks] == [1, 1, 1]


def test_every_failure_is_told_with_its_environment(
    tmp_path: Path, hooks: dict[str, Receiver], capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, HOOKS % (tmp_path / "teams"))
    hooks["slack"].faults, hooks["teams"].faults = [404], [403]
    assert in_environment(tmp_path, PROD) == 9
    errors = capsys.readouterr().err
    assert "prod: slack: " in errors
    assert "prod: teams: " in errors
    assert "(404)" in errors
    assert "(403)" in errors


def test_each_destination_has_its_own_memory_in_one_file(
    tmp_path: Path, hooks: dict[str, Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, "  slack: {variable: RECONCILER_SLACK}\n")
    with monkeypatch.context() as patch:
        patch.setenv("RECONCILER_WEBHOOK", hooks["webhook"].url)
        assert in_environment(tmp_path, PROD) == 0
    assert [len(hooks[name].bodies) for name in ("webhook", "slack")] == [1, 0]
    assert in_environment(tmp_path, PROD) == 0
    assert [len(hooks[name].bodies) for name in ("webhook", "slack")] == [1, 1]


def test_the_issue_follows_the_environment(
    tmp_path: Path, tracker: Tracker, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, ISSUE)
    place = ("-C", str(tmp_path / "config"))
    for environment in (PROD, PROD, FEWER, FINE, FINE, PROD):
        assert notified(tmp_path, environment, *place) == 0
    assert capsys.readouterr().out.splitlines() == [
        *("prod: issue opened #1", "prod: issue unchanged #1", "prod: issue updated #1"),
        *("prod: issue closed #1", "prod: issue unchanged #1", "prod: issue opened #1"),
    ]
    (issue,) = tracker.issues
    assert issue["body"].startswith("<!-- reconciler:issue:drift:prod -->\n")
    assert issue["title"].startswith("drift prod: ")


def test_the_issue_says_when_it_has_told_of_a_later_run(
    tmp_path: Path, tracker: Tracker, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, ISSUE)
    place = ("-C", str(tmp_path / "config"))
    assert notified(tmp_path, PROD, *place) == 0
    (issue,) = tracker.issues
    state = issue["body"].splitlines()[1]
    later = state.replace(DRIFT.finished, "2026-07-25T00:00:00Z")
    assert later != state
    issue["body"] = issue["body"].replace(state, later)
    capsys.readouterr()
    assert notified(tmp_path, FEWER, *place) == 0
    assert capsys.readouterr() == (
        "prod: issue unchanged #1\n",
        "prod: a later report has already been sent\n",
    )
    issue["body"] = issue["body"].replace("2026-07-25", "2999-07-25")  # somebody edited it
    assert notified(tmp_path, FEWER, *place) == 0
    assert capsys.readouterr() == ("prod: issue updated #1\n", "")


def test_the_issue_of_the_options(
    tmp_path: Path, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    assert notified(tmp_path, PROD, "--issue") == 0
    assert [issue["state"] for issue in tracker.issues] == ["open"]


def test_runs_that_overlap_leave_one_issue(tmp_path: Path, tracker: Tracker) -> None:
    configured(tmp_path, ISSUE)
    run = replace(DRIFT, environments=(PROD,))
    report = tmp_path / "drift.json"
    report.write_text(FORMATS["json"].render(run, Style()))
    words = ["notify", str(report), "-C", str(tmp_path / "config")]
    threads = [threading.Thread(target=quietly, args=(words,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert notified(tmp_path, PROD, *words[2:]) == 0
    assert [issue["state"] for issue in tracker.issues].count("open") == 1


def quietly(words: list[str]) -> None:
    from reconciler.cli.notify.notify import NotifyInput, send_news
    from reconciler.cli.wiring.inputs import Inputs

    url = os.environ["GITHUB_API_URL"]
    send_news(NotifyInput((words[1],), api_url=url), Inputs(repository=words[3]))


@pytest.mark.parametrize(
    ("notify", "says"),
    [
        (f"  slack: {SECRET_URL}\n", "must be a mapping"),
        (f"  slack: {{url: '{SECRET_URL}'}}\n", "unknown key"),
        (f"  slack: {{variable: '{SECRET_URL}'}}\n", "name of a variable"),
        ("  slack: {variable: GITHUB_TOKEN}\n", "name of a variable, RECONCILER_..."),
        ("  slack: {file: secret/url}\n", "whole path of a file"),
        ("  slack: {file: /run/../etc/shadow}\n", "whole path of a file"),
        ("  slack: {}\n", "either a variable or a file"),
        ("  slack: {variable: RECONCILER_A, file: /a}\n", "either a variable or a file"),
        ("  issue: {forge: github, repository: a/b, apiUrl: 'https://u:hiddenWord@h/'}\n", "without credentials"),
        ("  issue: {forge: github, repository: a/b, apiUrl: 'https://h/?token=hiddenWord'}\n", "without credentials"),
        ("  issue: {forge: github, repository: a/b, apiUrl: 'http://h/'}\n", "must be an https URL"),
    ],
)  # fmt: skip
def test_no_url_with_a_secret_is_in_the_repository(
    tmp_path: Path, notify: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = configured(tmp_path, notify)
    assert main(["validate", "prod", "-C", str(root)]) == 2
    output = capsys.readouterr().out
    assert "environments/prod/environment.yaml:4:" in output
    assert says in output
    assert "hiddenWord" not in output


def test_what_is_not_set_or_nobody_to_notify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = configured(tmp_path, "")
    assert in_environment(tmp_path, PROD) == 2
    said = capsys.readouterr().err
    assert "there is nobody to notify" in said
    assert "set RECONCILER_WEBHOOK" in said
    assert in_environment(tmp_path, PROD, "--allow-none") == 0
    assert capsys.readouterr().out.startswith("nobody to notify: ")
    configured(tmp_path, "  slack: {variable: RECONCILER_SLACK}\n")
    monkeypatch.delenv("RECONCILER_SLACK", raising=False)
    assert in_environment(tmp_path, PROD) == 2
    assert "RECONCILER_SLACK is not set" in capsys.readouterr().err
    assert notified(tmp_path, PROD, "-C", str(root)) == 2
    assert "takes --state FILE" in capsys.readouterr().err


class TestPullRequest:
    """A pull request that sends the news elsewhere."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        root = configured(tmp_path, "  slack: {variable: RECONCILER_SLACK}\n")
        git(root, "init", "-q")
        git(root, "add", "-A")
        git(root, "commit", "-qm", "base")
        git(root, "checkout", "-qb", "pr")
        configured(tmp_path, "  slack: {variable: RECONCILER_OPS}\n")
        git(root, "commit", "-qam", "elsewhere")
        git(root, "checkout", "-q", "main")
        return root

    @pytest.mark.usefixtures("root")
    def test_the_base_decides(self, tmp_path: Path, hooks: dict[str, Receiver]) -> None:
        assert in_environment(tmp_path, PROD, "--revision", "pr", "--trust", "main") == 0
        assert [len(hooks[name].bodies) for name in ("slack", "webhook")] == [1, 0]

    @pytest.mark.usefixtures("root")
    def test_without_a_base_nobody_is_told(
        self, tmp_path: Path, hooks: dict[str, Receiver], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert in_environment(tmp_path, PROD, "--revision", "pr") == 8
        assert "its destinations are ignored" in capsys.readouterr().err
        assert all(receiver.bodies == [] for receiver in hooks.values())

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_EVENT_NAME", "pull_request_target"),
            ("GITHUB_REF", "refs/pull/7/merge"),
            ("CI_MERGE_REQUEST_IID", "7"),
        ],
    )
    def test_a_job_that_has_checked_it_out_takes_the_destinations_of_the_base(
        self, root: Path, tmp_path: Path, hooks: dict[str, Receiver],
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str,
    ) -> None:  # fmt: skip
        git(root, "checkout", "-q", "pr")
        monkeypatch.setenv(name, value)
        assert in_environment(tmp_path, PROD) == 8
        assert "the job of a pull request: its destinations are ignored" in capsys.readouterr().err
        assert all(receiver.bodies == [] for receiver in hooks.values())
        assert in_environment(tmp_path, PROD, "--trust", "main") == 0
        assert [len(hooks[each].bodies) for each in ("slack", "webhook")] == [1, 0]

    def test_its_diff_says_that_it_changes_the_destination(
        self, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = ["validate", "prod", "-C", str(root), "--revision", "pr", "--trust", "main"]
        main(words)
        output = capsys.readouterr().out
        assert "notify.slack.variable" in output


def test_the_example_of_the_readme(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text()
    (block,) = re.findall(r"```yaml\nnotify:\n(.*?)```", text, re.DOTALL)
    root = configured(tmp_path, block)
    assert main(["validate", "prod", "-C", str(root)]) == 0


def test_a_directory_cluster_has_no_events(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, "  events: true\n")
    assert in_environment(tmp_path, PROD) == 0
    assert (
        capsys.readouterr().out == "prod: events: none, since a directory cluster has no Events\n"
    )


def test_the_form_names_every_destination() -> None:
    schema: dict[str, Any] = json.loads(
        (Path(__file__).parents[2] / "environments/environment.schema.json").read_text()
    )
    assert set(schema["$defs"]["NotifyForm"]["properties"]) == {
        *("issue", "webhook", "slack", "teams", "events")
    }
