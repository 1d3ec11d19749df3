"""Several processes and threads in one folder."""

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


def test_two_processes_are_serialised(tmp_path: Path) -> None:
    root = tmp_path / "root"  # also its founding is a race
    arguments = [sys.executable, "-m", "tests.adapters.directory.writer", str(root), "40"]
    running = [subprocess.Popen(arguments, cwd=PROJECT, stderr=subprocess.PIPE) for _ in range(3)]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    found = opened(root).get(CONFIG_MAP, "home", "record")
    assert found is not None
    assert found.body()["data"] == {"count": "120"}
    # One write is one resourceVersion: none was given twice.
    assert found.body()["metadata"]["resourceVersion"] == "121"


def test_threads_share_one_cluster(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(add_one, cluster) for _ in range(40)]:
            done.result()
    found = cluster.get(CONFIG_MAP, "home", "record")
    assert found is not None
    assert found.body()["data"] == {"count": "40"}


def test_whoever_waits_too_long_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(ClusterError) as caught, FolderLock(path, patience=0.02).shared():
        pass
    assert caught.value.where == str(path)
    assert "lslocks" in caught.value.hint
    os.close(holder)
    with FolderLock(path, patience=0.02).exclusive():
        pass


def test_a_folder_removed_under_us_begins_anew(tmp_path: Path) -> None:
    root = tmp_path / "root"
    cluster = opened(root)
    cluster.apply(PROVIDER, provider(), manager=US)
    first = cluster.uid()
    shutil.rmtree(root)
    assert cluster.list(PROVIDER, "omnia") == ()
    cluster.apply(PROVIDER, provider(), manager=US)
    assert cluster.uid() not in ("", first)
