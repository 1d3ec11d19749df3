"""Several processes and threads use one folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconciler.adapters.directory.lock import FolderLock
from reconciler.errors import ClusterError
from reconciler.model.identity import CONFIG_MAP
from tests.adapters.directory.world import PROVIDER, US, opened, provider
from tests.adapters.directory.writer import add_one

PROJECT = Path(__file__).parents[3]


def test_processes_are_serialized(tmp_path: Path) -> None:
    root = tmp_path / "root"  # does not exist: its initialization is a race, too
    arguments = [sys.executable, "-m", "tests.adapters.directory.writer", str(root), "40"]
    writers = [subprocess.Popen(arguments, cwd=PROJECT, stderr=subprocess.PIPE) for _ in range(3)]
    for writer in writers:
        _, errors = writer.communicate(timeout=600)
        assert writer.returncode == 0, errors
    record = opened(root).get(CONFIG_MAP, "home", "record")
    assert record is not None
    assert record.body()["data"] == {"count": "120"}
    # Each write has a resourceVersion of its own.
    assert record.body()["metadata"]["resourceVersion"] == "121"


def test_threads_share_one_cluster(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(add_one, cluster) for _ in range(40)]:
            future.result()
    record = cluster.get(CONFIG_MAP, "home", "record")
    assert record is not None
    assert record.body()["data"] == {"count": "40"}


def test_waiting_for_the_lock_has_a_timeout(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(ClusterError) as caught, FolderLock(path, timeout=0.02).shared():
        pass
    assert caught.value.where == str(path)
    assert "lslocks" in caught.value.hint
    os.close(holder)
    with FolderLock(path, timeout=0.02).exclusive():
        pass


def test_a_removed_folder_becomes_a_new_cluster(tmp_path: Path) -> None:
    root = tmp_path / "root"
    cluster = opened(root)
    cluster.apply(PROVIDER, provider(), manager=US)
    first = cluster.uid()
    shutil.rmtree(root)
    assert cluster.list(PROVIDER, "omnia") == ()
    cluster.apply(PROVIDER, provider(), manager=US)
    assert cluster.uid() not in ("", first)
