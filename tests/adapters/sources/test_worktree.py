"""The working tree, with and without git; nothing outside it is read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reconciler.adapters.sources.worktree import Worktree
from reconciler.errors import RepositoryError
from reconciler.model.revision import Revision
from tests.repository import write

FILES = {"environments/dev/values.yaml": "a: 1\n", "templates/a.j2": "x\n", "README.md": "r\n"}


def git(folder: Path, *arguments: str) -> str:
    identity = (
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "init.defaultBranch=main",
    )
    command = ["git", *identity, *arguments]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_carriage_return_ends_a_line_in_a_text_without_line_feeds(tmp_path: Path) -> None:
    tree = Worktree(write(tmp_path, {"templates/a.j2": "a\rb\r", "templates/b.j2": "a\r\nb\rc"}))
    assert tree.read("templates/a.j2") == "a\nb\n"
    assert tree.read("templates/b.j2") == "a\r\nb\rc"


def test_files_and_their_texts(tmp_path: Path) -> None:
    tree = Worktree(write(tmp_path, FILES | {"templates/.hidden": "h", "templates/b/c.j2": "y"}))
    assert tree.files("templates") == ("templates/a.j2", "templates/b/c.j2")
    assert tree.files("nowhere") == tree.files("README.md") == ()
    assert tree.read("templates/a.j2") == "x\n"
    assert tree.read("templates") is None
    assert tree.read("templates/a.j2/x") is None
    assert tree.read("nowhere.yaml") is None


def test_a_byte_order_mark_is_removed_and_line_ends_stay(tmp_path: Path) -> None:
    tree = Worktree(write(tmp_path, {"a.yaml": b"\xef\xbb\xbfa: 1\r\n"}))
    assert tree.read("a.yaml") == "a: 1\r\n"


@pytest.mark.parametrize("content", [b"ok\n\xff\xfe", "a: 1".encode("utf-16")])
def test_a_file_that_is_not_utf8(tmp_path: Path, content: bytes) -> None:
    tree = Worktree(write(tmp_path, {"a.yaml": content}))
    with pytest.raises(RepositoryError, match="not UTF-8") as error:
        tree.read("a.yaml")
    assert error.value.where.startswith("a.yaml:")


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/passwd", "templates/../../x", "a\x00b", "..\\x"]
)
def test_paths_that_lead_out_of_the_repository(tmp_path: Path, path: str) -> None:
    with pytest.raises(RepositoryError, match="inside"):
        Worktree(tmp_path).read(path)


def test_links_are_refused_everywhere(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"x.j2": "secret", "d/y.j2": "secret"})
    root = write(tmp_path / "root", FILES)
    (root / "templates/link.j2").symlink_to(outside / "x.j2")
    (root / "linked").symlink_to(outside / "d")
    tree = Worktree(root)
    with pytest.raises(RepositoryError, match="symbolic link"):
        tree.files("templates")
    for path in ("templates/link.j2", "linked/y.j2"):
        with pytest.raises(RepositoryError, match="symbolic link"):
            tree.read(path)
    with pytest.raises(RepositoryError, match="symbolic link"):
        tree.files("linked")


def test_pipes_and_large_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    tree = Worktree(tmp_path)
    assert tree.read("pipe.yaml") is None
    with pytest.raises(RepositoryError, match="larger"):
        tree.read("big.yaml")


def test_a_submodule_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"templates/sub/.git": "gitdir: ../x\n", "templates/sub/a.j2": ""})
    with pytest.raises(RepositoryError, match="submodule"):
        Worktree(tmp_path).files("templates")


def test_a_root_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="not a folder"):
        Worktree(tmp_path / "nowhere")


def test_revision_without_git(tmp_path: Path) -> None:
    assert Worktree(write(tmp_path, FILES)).revision == Revision()


def test_revision_of_a_subfolder(tmp_path: Path) -> None:
    root = write(tmp_path / "deploy/llm", FILES)
    git(tmp_path, "init", "-q")
    assert Worktree(root).revision == Revision(dirty=True)  # nothing committed yet
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "x")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert Worktree(root).revision == Revision(commit, "main")
    write(tmp_path, {"elsewhere.txt": "new", "deploy/llm/README.md": "changed"})
    assert not Worktree(root).revision.dirty  # a run reads neither file
    git(tmp_path, "checkout", "-q", "--detach")
    assert Worktree(root).revision == Revision(commit)


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_a_change_makes_the_tree_dirty(tmp_path: Path, change: str) -> None:
    root = write(tmp_path, FILES)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    path = root / "environments/dev/values.yaml"
    if change == "edit":
        path.write_text("a: 2\n")
    elif change == "add":
        path = path.with_name("new.yaml")
        path.write_text("")
    else:
        path.unlink()
    revision = Worktree(root).revision
    assert revision.dirty
    assert revision.changed == (path.relative_to(root).as_posix(),)


def test_a_tree_that_cannot_be_compared_is_dirty(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    blob = git(root, "rev-parse", "HEAD:environments")
    (root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    revision = Worktree(root).revision
    assert (revision.dirty, revision.changed) == (True, ())
    assert revision.commit


def test_line_ends_of_a_checkout_do_not_make_the_tree_dirty(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    (root / "templates/a.j2").write_bytes(b"x\r\n")
    assert not Worktree(root).revision.dirty


def test_a_broken_repository_has_no_revision(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    git(root, "init", "-q")
    shutil.rmtree(root / ".git/objects")
    assert Worktree(root).revision.commit == ""


class TestVolumes:
    """A ConfigMap volume, as the kubelet lays it out."""

    @pytest.fixture
    def volume(self, tmp_path: Path) -> Path:
        hidden = write(tmp_path / "config" / "..2026_11_29_10_00_00.123", FILES)
        (hidden.parent / "..data").symlink_to(hidden.name)
        for name in ("environments", "templates", "README.md"):
            (hidden.parent / name).symlink_to(f"..data/{name}")
        return hidden.parent

    def test_it_is_a_repository(self, volume: Path) -> None:
        tree = Worktree(volume)
        assert tree.files("environments") == ("environments/dev/values.yaml",)
        assert tree.read("templates/a.j2") == "x\n"

    def test_it_may_be_mounted_below_a_folder_of_the_repository(
        self, volume: Path, tmp_path: Path
    ) -> None:
        root = tmp_path / "repository"
        root.mkdir()
        (volume / "environments").unlink()
        volume.rename(root / "environments")
        tree = Worktree(root)
        assert tree.read("environments/templates/a.j2") == "x\n"
        assert "environments/README.md" in tree.files("environments")

    def test_the_next_update_is_read_by_the_next_run(self, volume: Path) -> None:
        new = write(volume / "..2026_11_29_11_00_00.456", FILES | {"templates/a.j2": "y\n"})
        (volume / "..data_tmp").symlink_to(new.name)
        (volume / "..data_tmp").rename(volume / "..data")
        assert Worktree(volume).read("templates/a.j2") == "y\n"

    @pytest.mark.parametrize("target", ["..", "/etc", "../outside", ".", "a/b", "linked"])
    def test_it_leads_nowhere_else(self, volume: Path, tmp_path: Path, target: str) -> None:
        write(tmp_path / "outside", {"environments/dev/values.yaml": "secret: 1\n"})
        (volume / "linked").symlink_to(tmp_path / "outside")
        (volume / "..data").unlink()
        (volume / "..data").symlink_to(target)
        with pytest.raises(RepositoryError, match="symbolic link"):
            Worktree(volume).read("environments/dev/values.yaml")

    def test_other_links_in_it_are_refused(self, volume: Path) -> None:
        (volume / "..data" / "environments" / "dev" / "more.yaml").symlink_to("values.yaml")
        with pytest.raises(RepositoryError, match=r"environments/dev/more.yaml is a symbolic link"):
            Worktree(volume).files("environments")
