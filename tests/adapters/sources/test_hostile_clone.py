"""A `.git` folder that a stranger made, and objects that a stranger pushed: they decide, block and fill nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from reconciler.adapters.sources import paths
from reconciler.adapters.sources.git_revision import GitRevision
from reconciler.adapters.sources.worktree import Worktree
from reconciler.errors import RepositoryError
from tests.adapters.sources.test_worktree import git
from tests.repository import write


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Three commits of the branch `main`, and the branch `foreign`, which is not merged."""
    root = tmp_path / "clone"
    root.mkdir()
    git(root, "init", "-q")
    for text in ("1", "2", "3"):
        write(root, {"templates/a.j2": text})
        git(root, "add", "-A")
        git(root, "commit", "-qm", text)
    git(root, "checkout", "-q", "-b", "foreign", "main~2")
    git(root, "commit", "-q", "--allow-empty", "-m", "foreign")
    git(root, "checkout", "-q", "main")
    return root


def _store(clone: Path, name: str, kind: str, content: bytes) -> None:
    file = clone / ".git/objects" / name[:2] / name[2:]
    file.chmod(0o600)
    file.write_bytes(zlib.compress(f"{kind} {len(content)}\0".encode() + content))


def _with_parent(clone: Path, commit: str, parent: str) -> tuple[bytes, bytes]:
    """The content of a commit, and the same with another parent."""
    command = ["git", "cat-file", "commit", commit]
    content = subprocess.run(command, cwd=clone, check=True, capture_output=True).stdout
    return content, content.replace(b"\nauthor", f"\nparent {parent}\nauthor".encode(), 1)


def _git_says(clone: Path) -> bool:
    """What git itself answers about the branch `foreign`."""
    command = ["git", "merge-base", "--is-ancestor", "foreign", "main"]
    return subprocess.run(command, cwd=clone, check=False).returncode == 0


def test_an_ancestor_is_one(clone: Path) -> None:
    first = git(clone, "rev-parse", "main~2")
    assert GitRevision(clone, first).revision.merged
    assert Worktree(clone).contains(first)
    foreign = GitRevision(clone, "foreign")
    assert not foreign.revision.merged
    assert Worktree(clone).contains(foreign.revision.commit) is False


def test_a_commit_with_forged_parents_proves_nothing(clone: Path) -> None:
    middle, foreign = git(clone, "rev-parse", "main~1", "foreign").split()
    _store(clone, middle, "commit", _with_parent(clone, middle, foreign)[1])
    assert _git_says(clone), "the attack works on git itself"
    with pytest.raises(RepositoryError, match="was changed after it was stored"):
        GitRevision(clone, "foreign")
    assert Worktree(clone).contains(foreign) is None


def test_a_forged_graph_of_commits_proves_nothing(clone: Path) -> None:
    middle, foreign = git(clone, "rev-parse", "main~1", "foreign").split()
    content, forged = _with_parent(clone, middle, foreign)
    _store(clone, middle, "commit", forged)
    git(clone, "commit-graph", "write", "--reachable")
    _store(clone, middle, "commit", content)
    assert _git_says(clone), "the attack works on git itself"
    assert not GitRevision(clone, "foreign").revision.merged
    assert Worktree(clone).contains(foreign) is False


def test_grafts_and_replacements_prove_nothing(clone: Path) -> None:
    middle, foreign = git(clone, "rev-parse", "main~1", "foreign").split()
    write(clone, {".git/info/grafts": f"{middle} {foreign}\n"})
    assert _git_says(clone), "the attack works on git itself"
    assert not GitRevision(clone, "foreign").revision.merged
    (clone / ".git/info/grafts").unlink()
    git(clone, "replace", "--graft", middle, foreign)
    assert _git_says(clone), "the attack works on git itself"
    assert not GitRevision(clone, "foreign").revision.merged


_READ = (
    "import sys; from pathlib import Path; from reconciler.adapters.sources.git_revision import GitRevision;"
    "from reconciler.adapters.sources.worktree import Worktree; from reconciler.errors import RepositoryError\n"
    "print(Worktree(Path(sys.argv[1])).revision.commit)\n"
    "try: print(GitRevision(Path(sys.argv[1]), 'main').read('templates/a.j2'))\n"
    "except RepositoryError as error: print(error.message)"
)


def _read(clone: Path, **environ: str) -> str:
    """What is read in a process of its own, which may use little memory and must not block."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
    ran = subprocess.run(
        [sys.executable, "-c", limit + _READ, str(clone)],
        check=False, capture_output=True, text=True, timeout=60, env=os.environ | environ,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    "name", ["HEAD", "config", "packed-refs", "shallow", "commondir", "objects/info/alternates",
             "refs/heads/other"],
)  # fmt: skip
def test_what_is_no_file_is_not_read(clone: Path, name: str) -> None:
    file = clone / ".git" / name
    file.unlink(missing_ok=True)
    if name == "packed-refs":
        file.symlink_to("/dev/zero")
    else:
        os.mkfifo(file)
    assert f"{file.name} in this clone was not written by git" in _read(clone)


def test_a_pipe_in_a_linked_worktree_is_not_read(clone: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(clone, "worktree", "add", "-q", "--detach", str(linked))
    assert "3" in _read(linked)
    os.mkfifo(clone / ".git/packed-refs")
    assert "packed-refs in this clone was not written" in _read(linked)
    (linked / ".git").unlink()
    os.mkfifo(linked / ".git")
    assert ".git in this clone was not written" in _read(linked)


def test_no_configuration_is_followed(clone: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (clone / ".git/config").open("a") as config:
        config.write(f"[include]\n\tpath = {tmp_path / 'pipe'}\n[core]\n\tworktree = /\n")
    assert _read(clone).endswith("\n3\n")


def test_a_few_trees_that_are_millions_of_folders(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "MAX_FILES", 100)
    tree = git(clone, "hash-object", "-w", "-t", "tree", os.devnull)
    for _ in range(12):
        entries = "".join(f"040000 tree {tree}\t{name}\n" for name in "abcdefghij")
        tree = subprocess.run(
            ["git", "mktree"], cwd=clone, input=entries, check=True, capture_output=True, text=True
        ).stdout.strip()
    root = subprocess.run(
        ["git", "mktree"], cwd=clone, input=f"040000 tree {tree}\ttemplates\n", check=True,
        capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    git(clone, "tag", "bomb", git(clone, "commit-tree", root, "-m", "bomb"))
    with pytest.raises(RepositoryError, match="more than 100 files in templates"):
        GitRevision(clone, "bomb").files("templates")


def test_an_object_that_is_too_large_is_not_read(clone: Path) -> None:
    content = f"tree {git(clone, 'rev-parse', 'main^{tree}')}\nauthor t <t> 0 +0000\n".encode()
    content += b"committer t <t> 0 +0000\n\n" + bytes(33 * 1024 * 1024)
    name = subprocess.run(
        ["git", "hash-object", "-w", "-t", "commit", "--literally", "--stdin"],
        cwd=clone, input=content, check=True, capture_output=True, text=False,
    ).stdout.decode().strip()  # fmt: skip
    with pytest.raises(RepositoryError, match="is larger than 32 MiB"):
        GitRevision(clone, name).files("templates")


def test_a_repository_with_sha256_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    write(tmp_path, {"templates/a.j2": "1"})
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "1")
    with pytest.raises(RepositoryError, match="names its objects by SHA-256"):
        GitRevision(tmp_path, "main")
    assert Worktree(tmp_path).read("templates/a.j2") == "1"


def test_a_git_that_is_too_old_says_so(clone: Path, tmp_path: Path) -> None:
    script = '#!/bin/sh\n[ "$1" = version ] && exec echo git version 2.38.9\nexec git "$@"\n'
    write(tmp_path, {"bin/git": script})
    (tmp_path / "bin/git").chmod(0o755)
    said = _read(clone, PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert "git 2.38.9 is too old: 2.39 is the oldest that works" in said
