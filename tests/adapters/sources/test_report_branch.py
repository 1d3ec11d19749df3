"""A branch of reports on a real git server: nothing is lost in a race, and nothing of the machine counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.adapters.redactor import SecretRedactor
from reconciler.adapters.sources.access import GitAccess
from reconciler.adapters.sources.remote_repository import RemoteRepository
from reconciler.adapters.sources.report_branch import Commit, ReportBranch
from reconciler.errors import DeliveryError, RepositoryError, UsageError
from tests.adapters.sources.git_server import GitServer, reachable
from tests.adapters.sources.test_worktree import git
from tests.repository import write

TIME = "2026-11-29T15:04:05Z"
FILES = {"prod/drift.json": b"{}\n", "prod/drift.md": b"fine\n"}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A repository with one commit on main, to which the server lets everybody push."""
    folder = write(tmp_path / "work", {"README.md": "configuration\n"})
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    (tmp_path / "srv").mkdir()
    git(tmp_path, "clone", "-q", "--bare", str(folder), "srv/config.git")
    repository = tmp_path / "srv/config.git"
    git(repository, "config", "http.receivepack", "true")
    git(repository, "config", "uploadpack.allowFilter", "true")
    return repository


@pytest.fixture
def server(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    with reachable(bare.parent, tmp_path, monkeypatch) as running:
        yield running


def branch_at(server: GitServer, name: str = "reports", token: str = "") -> ReportBranch:
    access = GitAccess(token)
    remote = RemoteRepository(f"{server.url}/config.git", access, SecretRedactor())
    return ReportBranch(remote, name, sleep=lambda _: None)


def add(server: GitServer, files: dict[str, bytes] = FILES, message: str = "drift prod") -> str:
    return branch_at(server).add(files, Commit(message, TIME))


def log(bare: Path) -> list[str]:
    return git(bare, "log", "--format=%s", "reports").splitlines()


def test_the_first_commit_begins_an_orphan_branch(server: GitServer, bare: Path) -> None:
    main = git(bare, "rev-parse", "main")
    commit = add(server)
    assert git(bare, "rev-parse", "reports") == commit
    assert git(bare, "log", "--format=%P|%an|%ae|%aI|%cI|%s", "reports") == (
        "|provider-reconciler|provider-reconciler@localhost|2026-11-29T15:04:05+00:00"
        "|2026-11-29T15:04:05+00:00|drift prod"
    )
    names = git(bare, "ls-tree", "-r", "--name-only", "reports").splitlines()
    assert names == [".reconciler-reports", "prod/drift.json", "prod/drift.md"]
    assert git(bare, "show", "reports:prod/drift.md") == "fine"
    assert git(bare, "rev-parse", "main") == main


def test_others_files_stay_and_equal_ones_are_no_commit(server: GitServer, bare: Path) -> None:
    add(server)
    add(server, {"staging/drift.json": b"[]\n"}, "drift staging")
    assert add(server) == ""
    assert add(server, {"staging/drift.json": b"[]\n"}) == ""
    add(server, {"prod/drift.json": b"[1]\n"}, "again")
    assert log(bare) == ["again", "drift staging", "drift prod"]
    assert git(bare, "show", "reports:prod/drift.json") == "[1]"
    assert git(bare, "show", "reports:staging/drift.json") == "[]"


def test_no_content_of_others_is_fetched(server: GitServer, tmp_path: Path) -> None:
    add(server, {"staging/drift.json": bytes(range(256)) * 4000})
    branch = branch_at(server)
    branch.add(FILES, Commit("drift prod", TIME))
    (folder,) = (tmp_path / "tmp").glob("reconciler-fetch-*")
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 200_000
    del branch
    assert list((tmp_path / "tmp").iterdir()) == [], "the folder goes away"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("exists", [True, False])
def test_a_race_loses_no_commit(
    server: GitServer, bare: Path, tmp_path: Path, method: str, exists: bool
) -> None:
    """Somebody pushes after the tip was read: before git asks for the refs, or between that and its push."""
    if exists:
        add(server, {"dev/drift.json": b"0\n"}, "first")
    left = ["other 2", "other 1"]

    def another(called: str, path: str) -> None:
        if called == method and "receive-pack" in path and left:
            message = left.pop()
            work = tmp_path / f"clone {message}"
            git(tmp_path, "clone", "-q", str(bare), str(work))
            on = ("reports",) if "reports" in git(bare, "branch") else ("--orphan", "reports")
            git(work, "checkout", "-q", *on)
            write(work, {".reconciler-reports": "1\n", f"{message}/drift.json": "2\n"})
            git(work, "add", "-A")
            git(work, "commit", "-qm", message)
            git(work, "push", "-q", "origin", "reports")

    server.before = another
    assert add(server) == git(bare, "rev-parse", "reports")
    assert left == []
    assert log(bare) == ["drift prod", "other 2", "other 1", *(["first"] if exists else [])]
    names = git(bare, "ls-tree", "--name-only", "reports").splitlines()
    assert {"prod", "other 1", "other 2"} <= set(names)


def test_a_branch_that_others_always_move(server: GitServer, bare: Path) -> None:
    add(server)
    tree = git(bare, "rev-parse", "reports^{tree}")

    def another(called: str, path: str) -> None:
        if called == "POST" and path.endswith("receive-pack"):
            commit = git(bare, "commit-tree", tree, "-p", "reports", "-m", "other")
            git(bare, "update-ref", "refs/heads/reports", commit)

    server.before = another
    with pytest.raises(DeliveryError, match="others wrote to the branch reports each of 12 times"):
        add(server, {"prod/drift.json": b"2\n"})
    assert log(bare) == ["other"] * 12 + ["drift prod"]


def test_a_branch_of_something_else_is_left_alone(server: GitServer, bare: Path) -> None:
    main = git(bare, "rev-parse", "main")
    with pytest.raises(DeliveryError, match="the branch main holds something other than reports"):
        branch_at(server, "main").add(FILES, Commit("drift", TIME))
    assert git(bare, "rev-parse", "main") == main


def test_a_server_that_refuses(server: GitServer, bare: Path, tmp_path: Path) -> None:
    hook = write(bare, {"hooks/pre-receive": "#!/bin/sh\necho canary-77 >&2\nexit 1\n"})
    (hook / "hooks/pre-receive").chmod(0o755)
    with pytest.raises(RepositoryError, match="refuses the commit") as caught:
        add(server)
    assert "canary-77" not in f"{caught.value!r} {caught.value.hint}", "nothing is quoted"
    server.password = "right"
    (tmp_path / "token").write_text("wrong-canary-77")
    for token in ("", str(tmp_path / "token")):
        with pytest.raises(RepositoryError, match="refuses the credentials") as caught:
            branch_at(server, token=token).add(FILES, Commit("drift", TIME))
        assert "wrong-canary-77" not in f"{caught.value!r} {caught.value.hint}"


def test_a_token_of_a_file(server: GitServer, bare: Path, tmp_path: Path) -> None:
    server.password = "right-canary-77"
    (tmp_path / "token").write_text("right-canary-77\n")
    branch_at(server, token=str(tmp_path / "token")).add(FILES, Commit("drift", TIME))
    assert log(bare) == ["drift"]


@pytest.mark.parametrize(
    "name",
    ["", "-f", "a..b", "a b", "a:b", "a~1", "+a", "a/", "/a", "a.lock", "a/.b", "a@{1}", "a\nb"],
)
def test_what_is_no_branch(server: GitServer, name: str) -> None:
    with pytest.raises(UsageError, match="not the name of a branch"):
        branch_at(server, name)
    assert server.log == []


def test_nothing_of_the_machine_counts(
    server: GitServer, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "marker"
    hooks = write(tmp_path / "hooks", {"pre-push": f"#!/bin/sh\ntouch {marker}\n"})
    (hooks / "pre-push").chmod(0o755)
    planted = f'[core]\n\thooksPath = {hooks}\n\tfsmonitor = "touch {marker}"\n'
    planted += f'[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = "touch {marker}"\n'
    planted += f'[credential]\n\thelper = "!touch {marker}"\n[user]\n\tname = somebody\n'
    write(tmp_path / "home", {".gitconfig": planted})
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, "/nowhere")
    add(server)
    assert git(bare, "log", "--format=%an", "reports") == "provider-reconciler"
    assert not marker.exists()


def test_a_history_has_each_version_that_is_there_and_no_other(
    server: GitServer, bare: Path, tmp_path: Path
) -> None:
    """Files that go, that move, and whose names are other than they look."""
    add(server, {"prod/drift.json": b"1\n"})
    work = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", "reports", str(bare), str(work))
    (work / "prod/drift.json").unlink()
    git(work, "commit", "-qam", "gone")
    write(work, {"prod/diff.json": b"a long text that git would call moved\n" * 9})
    write(work, {"prod/odd.json ": b"4\n", "prod/ \n.json": b"5\n", "*/drift.json": b"6\n"})
    git(work, "add", "-A")
    git(work, "commit", "-qm", "odd names")
    git(work, "mv", "prod/diff.json", "prod/moved.json")
    git(work, "commit", "-qm", "moved")
    git(work, "push", "-q", "origin", "reports")
    kept, complete = branch_at(server).history("prod", ".json", 20)
    versions = [(each.path, each.content[:2].strip(), each.before) for each in kept]
    assert versions == [
        ("prod/drift.json", "1", ""),
        ("prod/diff.json", "a", ""),
        ("prod/ \n.json", "5", ""),
        ("prod/moved.json", "a", ""),
    ]
    assert complete
    (star,), _ = branch_at(server).history("*", ".json", 20)
    assert star.path == "*/drift.json"
    assert branch_at(server).history(":!none", ".json", 20) == ([], True), "a name is no pattern"
