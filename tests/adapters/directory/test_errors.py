"""Errors of the file system name the file and have a hint."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from reconciler.adapters.directory.files import Files, Signature, cluster_errors
from reconciler.errors import ClusterError, ExitCode
from tests.adapters.directory.world import PROVIDER, US, file_of, live, opened, provider, tree


class FullDisk(Files):
    """Accepts `room` files; then the disk is full until a test sets `room` again."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def create(
        self, path: Path, content: bytes, *, private: bool = False, durable: bool = False
    ) -> None:
        with cluster_errors("write", path):
            if self.room == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= 1
        super().create(path, content, private=private, durable=durable)


class ForbiddenFiles(Files):
    """Simulates missing permissions, because a test may run as root."""

    def __init__(self, forbidden: str, code: int = errno.EACCES) -> None:
        super().__init__()
        self._forbidden = forbidden
        self._code = code

    def read(self, path: Path) -> tuple[bytes, Signature] | None:
        with cluster_errors("read", path):
            if path.name == self._forbidden:
                raise OSError(self._code, os.strerror(self._code))
        return super().read(path)

    def make_folder(self, path: Path) -> None:
        with cluster_errors("make the folder", path):
            if path.name == self._forbidden:
                raise OSError(self._code, os.strerror(self._code))
        super().make_folder(path)


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    root = tmp_path / "file"
    root.write_text("x")
    cluster = opened(root)
    for attempt in (
        lambda: cluster.list(PROVIDER, "omnia"),
        lambda: cluster.apply(PROVIDER, provider(), manager=US),
        cluster.uid,
    ):
        with pytest.raises(ClusterError) as caught:
            attempt()
        assert caught.value.exit_code is ExitCode.CLUSTER
        assert caught.value.where == str(root)
        assert caught.value.hint


def test_a_root_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ClusterError) as caught:
        opened(tmp_path / "file" / "root").list(PROVIDER, "omnia")
    assert "file" in caught.value.message


@pytest.mark.parametrize("room", range(5))
def test_a_full_disk_loses_nothing(tmp_path: Path, room: int) -> None:
    opened(tmp_path).apply(PROVIDER, provider(), manager=US)
    disk = FullDisk(room)
    cluster = opened(tmp_path, files=disk)
    if room < 3:
        with pytest.raises(ClusterError) as caught:
            cluster.apply(PROVIDER, provider(model="gpt-5"), manager=US)
        assert "no space left" in caught.value.message
        assert "free space" in caught.value.hint
    else:
        cluster.apply(PROVIDER, provider(model="gpt-5"), manager=US)
    disk.room = 100
    # Before the commit point nothing happened; after it, the next access completes the write.
    assert live(cluster)["spec"]["model"] == ("gpt-4o" if room == 0 else "gpt-5")
    assert cluster.unreadable(PROVIDER, "") == ()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_read_only_folder(tmp_path: Path, code: int) -> None:
    cluster = opened(tmp_path / "root", files=ForbiddenFiles(".server", code))
    assert cluster.list(PROVIDER, "omnia") == ()
    with pytest.raises(ClusterError) as caught:
        cluster.apply(PROVIDER, provider(), manager=US)
    assert str(tmp_path / "root" / ".server") in caught.value.message
    assert "--cluster directory:" in caught.value.hint


def test_a_file_without_read_permission_fails_only_its_object(tmp_path: Path) -> None:
    for name in ("gpt", "other"):
        opened(tmp_path).apply(PROVIDER, provider(name), manager=US)
    cluster = opened(tmp_path, files=ForbiddenFiles("gpt.yaml"))
    assert [d.body()["metadata"]["name"] for d in cluster.list(PROVIDER, "")] == ["other"]
    (unreadable,) = cluster.unreadable(PROVIDER, "")
    assert "permission denied" in unreadable.message


def test_a_damaged_last_write_fails_only_its_object(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    for name in ("gpt", "other"):
        cluster.apply(PROVIDER, provider(name), manager=US)
    path = tmp_path / ".server/objects/omnia/providers.omnia.altairalabs.ai/gpt.json"
    path.write_text("{")
    assert [u.name for u in cluster.unreadable(PROVIDER, "omnia")] == ["gpt"]
    path.unlink()
    assert live(cluster)["metadata"]["managedFields"][0]["manager"] == "file-edit"


def test_reading_needs_no_write_permission(tmp_path: Path) -> None:
    opened(tmp_path).apply(PROVIDER, provider(), manager=US)
    before = tree(tmp_path)
    folders = [tmp_path, *(p for p in tmp_path.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert len(opened(tmp_path).list(PROVIDER, "omnia")) == 1
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert tree(tmp_path) == before
    assert file_of(tmp_path).exists()
