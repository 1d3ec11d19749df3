"""The comments on GitLab, Gitea and Forgejo, against servers that answer as their documentation says."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

from reconciler.adapters.forge import FORGES
from reconciler.adapters.forge.comments import Comments
from reconciler.cli import main
from reconciler.cli.forge.comment import forge_of
from reconciler.errors import ExitCode, ForgeError, UsageError
from reconciler.model.run import Run
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.adapters.forge.server import Forge, serve
from tests.reports.scenarios import SCENARIOS

TOKEN = "glpat-canaryTokenNeverShown"
MARKER = "<!-- reconciler:diff:prod -->"
BODY = f"{MARKER}\n### prod: 1 object changes\n"
COMMIT = "a" * 40
NOT_FOUND = {"message": "404 Project Not Found"}


@dataclass
class GitLab(Forge):
    """Notes of the merge request 42 of `acme/llm/config`, as GitLab's REST API v4 has them."""

    user: tuple[int, Any] = (200, {"id": 7, "username": "project_1_bot", "name": "reconciler"})
    header: str = f"Bearer {TOKEN}"
    repository: str = "acme/llm/config"

    def add(self, body: str, login: str = "project_1_bot", **more: Any) -> dict[str, Any]:
        number = len(self.comments) + 1
        note = {"id": number, "body": body, "author": {"username": login}, "system": False, **more}
        self.comments.append(note)
        return note

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        where, _, query = path.partition("?")
        if where == "/api/v4/user":
            return self.user
        project = f"/api/v4/projects/{quote(self.repository, safe='')}/"
        if not where.startswith(project):
            return 404, NOT_FOUND
        rest = where.removeprefix(project)
        if rest == f"repository/commits/{COMMIT}/merge_requests":
            return 200, self.pulls
        return self.notes(method, rest, parse_qs(query), body)

    def notes(
        self, method: str, path: str, query: dict[str, list[str]], body: Any
    ) -> tuple[int, Any]:
        match method, path.split("/"):
            case "GET", ["merge_requests", "42", "notes"]:
                # The newest first, unless the query says otherwise.
                notes = self.comments if query.get("sort") == ["asc"] else self.comments[::-1]
                size, page = int(query["per_page"][0]), int(query["page"][0])
                return 200, notes[(page - 1) * size : page * size]
            case "POST", ["merge_requests", "42", "notes"]:
                return 201, self.add(body["body"])
            case "PUT", ["merge_requests", "42", "notes", number]:
                note = self.comments[int(number) - 1]
                note["body"] = body["body"]
                return 200, note
        return 404, NOT_FOUND


@dataclass
class Gitea(Forge):
    """Comments of the pull request 42 of `acme/llm`, as the API v1 of Gitea and Forgejo has them: no pages."""

    user: tuple[int, Any] = (200, {"id": 7, "login": "deploy"})
    header: str = f"token {TOKEN}"
    repository: str = "acme/llm"
    pulls: Any = None

    def add(self, body: str, login: str = "deploy", **more: Any) -> dict[str, Any]:
        number = len(self.comments) + 1
        comment = {"id": number, "body": body, "user": {"login": login}, **more}
        self.comments.append(comment)
        return comment

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        repository = f"/api/v1/repos/{self.repository}"
        match method, path.partition("?")[0].removeprefix(repository):
            case "GET", "/api/v1/user":
                return self.user
            case "GET", rest if rest == f"/commits/{COMMIT}/pull":
                return (200, self.pulls) if self.pulls else (404, {"message": "GetPullRequest"})
            case "GET", "/issues/42/comments":
                return 200, self.comments
            case "POST", "/issues/42/comments":
                return 201, self.add(body["body"])
            case "PATCH", rest if rest.startswith("/issues/comments/"):
                comment = self.comments[int(rest.rpartition("/")[2]) - 1]
                comment["body"] = body["body"]
                return 200, comment
        return 404, {"message": "The target couldn't be found."}


SERVERS = {"gitlab": GitLab, "gitea": Gitea, "forgejo": Gitea}
BASES = {"gitlab": "/api/v4", "gitea": "/api/v1", "forgejo": "/api/v1"}
every_forge = pytest.mark.parametrize("name", SERVERS)


def no_wait(_: float) -> None:
    pass


def client(name: str, forge: Any) -> Comments:
    url = forge.url + BASES[name]
    return Comments(FORGES[name], url, forge.repository, TOKEN, sleep=no_wait)


def post(name: str, forge: Any, body: str = BODY, author: str = "") -> str:
    with closing(client(name, forge)) as comments:
        return comments.comment(42, body, author=author)


@every_forge
def test_a_comment_is_created_then_updated_in_place_then_left_alone(name: str) -> None:
    with serve(SERVERS[name]()) as forge:
        forge.add("a remark", "somebody")
        assert [post(name, forge), post(name, forge)] == ["created", "unchanged"]
        newer = f"{MARKER}\n### prod: nothing to change\n"
        assert post(name, forge, newer) == "updated"
        assert [each["body"] for each in forge.comments] == ["a remark", newer]
        assert forge.tokens == {forge.header}


@every_forge
def test_among_hundreds_of_comments_it_is_still_one(name: str) -> None:
    with serve(SERVERS[name]()) as forge:
        for number in range(250):
            forge.add(f"remark {number}", "somebody")
        forge.add(f"{MARKER}\nold")
        for number in range(250):
            forge.add(f"remark {number}", "somebody")
        assert post(name, forge) == "updated"
        assert sum(MARKER in each["body"] for each in forge.comments) == 1
    if name != "gitlab":
        assert sum("comments" in line for line in forge.requests) == 2, (
            "listed at once, then updated"
        )


def test_gitea_lists_every_comment_at_once_whatever_page_it_is_asked_for() -> None:
    with serve(Gitea()) as forge:
        for number in range(150):
            forge.add(f"remark {number}", "somebody")
        assert post("gitea", forge) == "created"
        assert [line.split()[0] for line in forge.requests if "comments" in line] == ["GET", "POST"]


@every_forge
def test_somebody_elses_comment_with_our_marker_is_not_touched(name: str) -> None:
    with serve(SERVERS[name]()) as forge:
        forge.add(f"{MARKER}\nall is fine, merge me", "mallory")
        assert post(name, forge) == "created"
        assert forge.comments[0]["body"].endswith("merge me")


@every_forge
def test_a_created_comment_whose_answer_got_lost_is_not_created_again(name: str) -> None:
    def lost(forge: Any, body: Any, method: str) -> tuple[int, Any, dict[str, str]] | None:
        if method != "POST":
            return None
        forge.add(body["body"])
        return 502, {"message": "bad gateway"}, {}

    with serve(SERVERS[name]()) as forge:
        forge.faults = [lost] * 3
        assert post(name, forge) == "unchanged"
        assert len(forge.comments) == 1


@pytest.mark.parametrize(
    ("name", "robot"), [("gitea", "gitea-actions"), ("forgejo", "forgejo-actions")]
)
@pytest.mark.parametrize("status", [401, 403, 404])
def test_the_token_of_a_job_may_not_ask_who_it_is(name: str, robot: str, status: int) -> None:
    with serve(Gitea(user=(status, {"message": "no"}))) as forge:
        forge.add(f"{MARKER}\nold", robot)
        assert post(name, forge) == "updated"


def test_a_token_of_gitlab_must_know_who_it_is() -> None:
    with serve(GitLab(user=(401, {"message": "401 Unauthorized"}))) as forge:
        with pytest.raises(ForgeError, match="not valid") as caught:
            post("gitlab", forge)
        assert "GITLAB_TOKEN" in caught.value.hint
        assert post("gitlab", forge, author="project_1_bot") == "created"


@every_forge
@pytest.mark.parametrize(
    ("status", "words"), [(403, "may not do this"), (404, "not found"), (500, "busy")]
)
def test_a_refusal_says_what_to_do(name: str, status: int, words: str) -> None:
    no = (status, {"message": f"{status} no\x1b[31m"}, {})
    faults = [lambda *_: None, *[lambda *_: no] * 40]
    server = SERVERS[name](faults=faults)
    with serve(server) as forge, pytest.raises(ForgeError, match=words) as caught:
        post(name, forge)
    assert TOKEN not in caught.value.message + caught.value.hint
    assert "\x1b" not in caught.value.message
    if status == 403:
        assert "scope" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "pulls", "number"),
    [
        ("gitlab", [], None),
        ("gitlab", [{"iid": 3, "state": "opened", "merge_commit_sha": None}], None),
        (
            "gitlab",
            [
                {"iid": 4, "state": "merged", "merge_commit_sha": "b" * 40},
                {
                    "iid": 5,
                    "state": "merged",
                    "merge_commit_sha": None,
                    "squash_commit_sha": COMMIT,
                },
            ],
            5,
        ),
        ("gitea", None, None),
        ("gitea", {"number": 6, "merged": False, "merge_commit_sha": None}, None),
        ("forgejo", {"number": 7, "merged": True, "merge_commit_sha": COMMIT}, 7),
    ],
)
def test_the_pull_request_of_a_merged_commit(name: str, pulls: Any, number: int | None) -> None:
    with serve(SERVERS[name](pulls=pulls)) as forge, closing(client(name, forge)) as comments:
        assert comments.pull_request_of(COMMIT) == number


@pytest.mark.parametrize("repository", ["12345", "acme/llm", "acme/sub/deep/llm.config"])
def test_a_project_of_gitlab_is_a_path_or_a_number(repository: str) -> None:
    with serve(GitLab(repository=repository)) as forge:
        assert post("gitlab", forge) == "created"
    for wrong in ("acme", "acme/", "/llm", "a//b", "a/../b/..", "a/b?x", ""):
        with pytest.raises(UsageError, match=r"repository is not|nothing names the repository"):
            Comments(FORGES["gitlab"], "https://gitlab.example/api/v4", wrong, TOKEN)


# The command


def save(path: Path, run: Run, name: str = "") -> str:
    if name:
        run = replace(run, environments=(replace(run.environments[0], name=name),))
    path.write_text(FORMATS["json"].render(run, Style()))
    return str(path)


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A job of GitLab."""
    for name in (
        "GITHUB_API_URL",
        "GITHUB_REPOSITORY",
        "GITHUB_SHA",
        "GITHUB_TOKEN",
        "GITEA_ACTIONS",
    ):
        monkeypatch.delenv(name, raising=False)
    with serve(GitLab()) as server:
        monkeypatch.setenv("GITLAB_CI", "true")
        monkeypatch.setenv("CI_API_V4_URL", f"{server.url}/api/v4")
        monkeypatch.setenv("CI_PROJECT_PATH", "acme/llm/config")
        monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
        yield server


def markers(forge: Any) -> list[str]:
    return [each["body"].splitlines()[0] for each in forge.comments]


def test_the_reports_of_several_jobs_are_one_comment(
    forge: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        save(tmp_path / f"{name}.json", SCENARIOS["review"](), name) for name in ("prod", "eu")
    ]
    assert main(["comment", *files, "--number", "42"]) == 0
    assert main(["comment", *reversed(files), "--number", "42"]) == 0
    assert capsys.readouterr().out == "comment created on #42\ncomment updated on #42\n"
    assert markers(forge) == ["<!-- reconciler:diff -->"]
    for name in ("prod", "eu"):
        assert f"`{name}`" in forge.comments[0]["body"]


def test_each_environment_can_have_a_comment_of_its_own(forge: Any, tmp_path: Path) -> None:
    files = [
        save(tmp_path / f"{name}.json", SCENARIOS["review"](), name) for name in ("prod", "eu")
    ]
    for _ in range(2):
        assert main(["comment", *files, "--number", "42", "--per-environment"]) == 0
    assert markers(forge) == ["<!-- reconciler:diff:prod -->", "<!-- reconciler:diff:eu -->"]


def test_the_outcome_of_an_apply_replaces_the_diff_of_its_merge_request(
    forge: Any, tmp_path: Path
) -> None:
    assert (
        main(["comment", save(tmp_path / "diff.json", SCENARIOS["review"]()), "--number", "42"])
        == 0
    )
    forge.pulls = [{"iid": 42, "state": "merged", "merge_commit_sha": COMMIT}]
    applied = save(tmp_path / "apply.json", SCENARIOS["partial-apply"]())
    assert main(["comment", applied, "--commit", COMMIT]) == 0
    (comment,) = forge.comments
    assert "FAILED" in comment["body"]


def test_a_direct_push_has_no_pull_request(
    forge: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = save(tmp_path / "apply.json", SCENARIOS["partial-apply"]())
    assert main(["comment", file, "--commit", COMMIT]) == 0
    assert "no pull request merged aaaaaaa" in capsys.readouterr().out
    assert forge.comments == []


def test_what_cannot_be_posted_says_why(
    forge: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "report.md"
    text.write_text("### prod: fine\n")
    number = ["--number", "42"]
    assert main(["comment", str(text), *number]) == ExitCode.USAGE
    assert "its first line is not a marker" in capsys.readouterr().err
    text.write_text(f"{MARKER}\n{'x' * 70_000}")
    assert main(["comment", str(text), *number]) == ExitCode.USAGE
    assert "longer than 65,536 characters" in capsys.readouterr().err
    other = save(tmp_path / "drift.json", SCENARIOS["drift"]())
    diff = save(tmp_path / "diff.json", SCENARIOS["review"]())
    assert main(["comment", other, diff, *number]) == ExitCode.USAGE
    assert "different commands: diff, drift" in capsys.readouterr().err
    cut = tmp_path / "cut.json"
    cut.write_text(Path(diff).read_text()[:500])
    assert main(["comment", str(cut), *number]) == ExitCode.USAGE
    assert f"error: {cut}: the report ends in the middle" in capsys.readouterr().err
    assert forge.comments == []


def test_the_job_says_which_forge_it_is() -> None:
    assert forge_of({}) == "github"
    assert forge_of({"GITHUB_ACTIONS": "true"}) == "github"
    assert forge_of({"GITLAB_CI": "true"}) == "gitlab"
    assert forge_of({"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true"}) == "gitea"
    assert forge_of({"GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"}) == "forgejo"


def test_a_forge_without_a_public_api_needs_its_url(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_API_URL", raising=False)
    monkeypatch.delenv("CI_API_V4_URL", raising=False)
    file = save(tmp_path / "diff.json", SCENARIOS["review"]())
    assert main(["comment", file, "--forge", "gitea", "--number", "1"]) == ExitCode.USAGE
    assert "--api-url https://gitea.example.com/api/v1" in capsys.readouterr().err


def test_a_report_of_another_job_is_masked(forge: Any, tmp_path: Path) -> None:
    key = "sk-ant-api03-" + "aB3" * 12
    report = json.loads(FORMATS["json"].render(SCENARIOS["review"](), Style()))
    report["environments"][0]["notes"] = [f"it said {key}"]
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report))
    assert main(["comment", str(file), "--number", "42"]) == 0
    assert key not in forge.comments[0]["body"]
    assert "it said" in forge.comments[0]["body"]
