"""One commit: only its own files, read without running anything of the repository."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from reconciler.adapters.sources.git_revision import GitRevision
from reconciler.adapters.sources.worktree import Worktree
from reconciler.errors import RepositoryError
from tests.adapters.sources.test_worktree import FILES, git
from tests.repository import write


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Two commits; the first is tagged v1, the configuration is in a subfolder, the working tree is dirty."""
    git(tmp_path, "init", "-q")
    write(tmp_path / "conf", FILES)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "tag", "-a", "v1", "-m", "v1")
    write(tmp_path / "conf", {"templates/a.j2": "second\n", "templates/b/c.j2": "new\n"})
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "two")
    write(tmp_path / "conf", {"templates/a.j2": "not committed\n", "templates/z.j2": "untracked\n"})
    return tmp_path / "conf"


def test_reads_the_commit_and_not_the_working_tree(clone: Path) -> None:
    main, v1 = GitRevision(clone, "main"), GitRevision(clone, "v1")
    assert main.read("templates/a.j2") == "second\n"
    assert v1.read("templates/a.j2") == "x\n"
    assert main.files("templates") == ("templates/a.j2", "templates/b/c.j2")
    assert v1.files("templates") == ("templates/a.j2",)
    assert main.files("nowhere") == ()
    assert main.read("nowhere") is main.read("templates") is None
    assert (main.revision.ref, main.revision.dirty) == ("main", False)


@pytest.mark.parametrize("ref", ["HEAD", "HEAD~1", "HEAD^", "v1", "refs/heads/main", "main"])
def test_refs(clone: Path, ref: str) -> None:
    assert GitRevision(clone, ref).revision.commit == git(clone, "rev-parse", f"{ref}^{{commit}}")


def test_short_hash_and_packed_objects(clone: Path) -> None:
    git(clone, "gc", "-q")
    commit = git(clone, "rev-parse", "v1^{commit}")
    revision = GitRevision(clone, commit[:8])
    assert revision.revision.commit == commit
    assert revision.read("templates/a.j2") == "x\n"


@pytest.mark.parametrize(
    "ref",
    [
        "-x",
        "--upload-pack=touch x",
        "a..b",
        "main@{1}",
        "refs/replace/x",
        "ma in",
        "",
        "a\nb",
        "a\x00b",
        ":x",
        "x" * 300,
    ],
)
def test_invalid_refs(clone: Path, ref: str) -> None:
    with pytest.raises(RepositoryError, match=r"not a revision|no revision"):
        GitRevision(clone, ref)


def test_an_unknown_ref_has_a_suggestion(clone: Path) -> None:
    with pytest.raises(RepositoryError, match="there is no revision `mian`") as error:
        GitRevision(clone, "mian")
    assert error.value.hint == "did you mean main?"
    with pytest.raises(RepositoryError) as error:
        GitRevision(clone, "HEAD~9")
    assert "v1" in error.value.hint


def test_without_a_repository_or_a_commit(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="not in a git repository"):
        GitRevision(tmp_path, "main")
    git(tmp_path, "init", "-q")
    with pytest.raises(RepositoryError, match="there is no revision"):
        GitRevision(tmp_path, "main")


def test_bare_repository(clone: Path, tmp_path: Path) -> None:
    git(clone, "clone", "-q", "--bare", str(clone.parent), str(tmp_path / "bare.git"))
    revision = GitRevision(tmp_path / "bare.git", "main")
    assert revision.read("conf/templates/a.j2") == "second\n"


def test_links_and_submodules_are_refused(clone: Path) -> None:
    (clone / "templates/link.j2").symlink_to("/etc/passwd")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "link")
    revision = GitRevision(clone, "main")
    for attempt in (
        lambda: revision.files("templates"),
        lambda: revision.read("templates/link.j2"),
    ):
        with pytest.raises(RepositoryError, match="symbolic link"):
            attempt()
    git(clone, "rm", "-qf", "templates/link.j2")
    commit = git(clone, "rev-parse", "HEAD")
    git(clone, "update-index", "--add", "--cacheinfo", f"160000,{commit},conf/templates/sub")
    git(clone, "commit", "-qm", "submodule")
    with pytest.raises(RepositoryError, match="submodule"):
        GitRevision(clone, "main").files("templates")


def test_a_missing_object_has_a_hint(clone: Path) -> None:
    blob = git(clone, "rev-parse", "HEAD:conf/templates/a.j2")
    revision = GitRevision(clone, "main")
    path = clone.parent / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(stat.S_IRWXU)
    path.unlink()
    with pytest.raises(RepositoryError, match="missing in this clone") as error:
        revision.read("templates/a.j2")
    assert "fetch" in error.value.hint


def test_settings_of_the_repository_and_the_shell_run_nothing(clone: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    script = write(tmp_path, {"hook.sh": f"#!/bin/sh\ntouch {marker}\n"}) / "hook.sh"
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "filter.x.smudge",
        "diff.external",
    ):
        git(clone, "config", key, str(script))
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        (clone.parent / ".git/hooks" / hook).write_text(script.read_text())
        (clone.parent / ".git/hooks" / hook).chmod(0o755)
    write(clone.parent, {".gitattributes": "* filter=x\n"})
    program = (
        "import sys; from pathlib import Path; from reconciler.adapters.sources.git_revision import GitRevision;"
        "from reconciler.adapters.sources.worktree import Worktree;"
        "r = Path(sys.argv[1]); g = GitRevision(r, 'main'); print(g.read(g.files('templates')[0]));"
        "print(Worktree(r).revision)"
    )
    hostile = {
        "GIT_DIR": "/nonexistent",
        "GIT_SSH_COMMAND": str(script),
        "GIT_EXEC_PATH": str(tmp_path),
        "GIT_OBJECT_DIRECTORY": "/nonexistent",
        "GIT_WORK_TREE": "/nonexistent",
        "PATH": os.environ["PATH"],
    }
    ran = subprocess.run(
        [sys.executable, "-c", program, str(clone)], env=hostile | {"HOME": os.devnull}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ran.stdout.startswith("second"), ran.stderr
    assert "dirty=True" in ran.stdout
    assert not marker.exists()


@pytest.fixture
def lazy(clone: Path) -> tuple[Path, Path]:
    """A clone whose configuration fetches missing objects by a shell command, an object that is missing, and the file
    that the command touches."""
    marker = clone.parent / "ran"
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::sh -c touch% {marker}",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
    }.items():
        git(clone, "config", key, value)
    tree = git(clone, "rev-parse", "HEAD:conf/templates")
    path = clone.parent / ".git/objects" / tree[:2] / tree[2:]
    path.chmod(stat.S_IRWXU)
    path.unlink()
    return clone, marker


def test_a_missing_object_is_never_fetched(
    lazy: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a git that does not know GIT_NO_LAZY_FETCH (before 2.45)."""
    clone, marker = lazy
    script = f'#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nexec {shutil.which("git")} "$@"\n'
    old = write(clone.parent, {"bin/git": script})
    (old / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{old / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(RepositoryError, match="missing in this clone"):
        GitRevision(clone, "main").files("templates")
    assert Worktree(clone).revision.dirty
    assert not marker.exists()
    subprocess.run(
        ["git", "cat-file", "-p", "HEAD:conf/templates"],
        cwd=clone,
        capture_output=True,
        check=False,
    )
    assert marker.exists(), "the attack works on git itself"


def test_a_partial_clone_is_refused(clone: Path, tmp_path: Path) -> None:
    git(clone, "config", "uploadpack.allowFilter", "true")
    git(
        clone, "clone", "-q", "--filter=blob:none", f"file://{clone.parent}", str(tmp_path / "part")
    )
    with pytest.raises(RepositoryError, match="partial") as error:
        GitRevision(tmp_path / "part/conf", "main")
    assert "--filter" in error.value.hint


def test_a_shallow_clone_is_read(clone: Path, tmp_path: Path) -> None:
    git(clone, "clone", "-q", "--depth=1", f"file://{clone.parent}", str(tmp_path / "flat"))
    revision = GitRevision(tmp_path / "flat/conf", "main")
    assert revision.read("templates/a.j2") == "second\n"


def test_without_a_git_program(clone: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from reconciler.adapters.sources.worktree import Worktree;"
        "from reconciler.adapters.sources.git_revision import GitRevision;"
        "from reconciler.errors import RepositoryError;"
        "r = Path(sys.argv[1]); print(Worktree(r).revision.commit, Worktree(r).read('templates/a.j2'))\n"
        "try: GitRevision(r, 'main')\n"
        "except RepositoryError as error: print(error.message)"
    )
    command = [sys.executable, "-c", program, str(clone)]
    ran = subprocess.run(
        command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split("\n")[0] == f"{git(clone, 'rev-parse', 'HEAD')} not committed"
    assert "git is not installed" in ran.stdout


def _replace_object(clone: Path, name: str, kind: str, content: bytes) -> None:
    """Another content for an object that is not packed, as whoever may write to `.git` can store it."""
    file = clone.parent / ".git/objects" / name[:2] / name[2:]
    file.chmod(0o600)
    file.write_bytes(zlib.compress(f"{kind} {len(content)}\0".encode() + content))


@pytest.mark.parametrize("swapped", ["main:conf/templates/a.j2", "main:conf/templates", "main"])
def test_an_object_with_another_content_is_refused(clone: Path, swapped: str) -> None:
    """Git does not notice: a signed commit would say nothing about the files that are read."""
    name = git(clone, "rev-parse", swapped)
    old = git(clone, "rev-parse", "v1:" + swapped.partition(":")[2] if ":" in swapped else "v1^{}")
    kind = git(clone, "cat-file", "-t", old)
    content = subprocess.run(
        ["git", "cat-file", kind, old], cwd=clone, check=True, capture_output=True
    ).stdout
    _replace_object(clone, name, kind, content)
    shown = f"the {kind} {name[:7]} of this clone was changed after it was stored"
    with pytest.raises(RepositoryError, match=shown):
        GitRevision(clone, "main").files("templates")
