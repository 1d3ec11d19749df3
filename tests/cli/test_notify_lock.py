"""The lock of the state of `notify`: one run at a time, and no file that stays."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from reconciler.cli.notify.destinations import _is_current, locked
from reconciler.errors import RepositoryError

RUNS, TIMES = 8, 40


def test_it_leaves_nothing_behind_even_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "news.json"
    with locked(path):
        assert [entry.name for entry in tmp_path.iterdir()] == [".news.json.lock"]
    with pytest.raises(ZeroDivisionError), locked(path):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_a_file_that_a_killed_run_left_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / ".news.json.lock").touch()
    with locked(tmp_path / "news.json"):
        pass
    assert not list(tmp_path.iterdir())


def test_whoever_waited_for_a_file_that_was_removed_is_not_beside_the_next(tmp_path: Path) -> None:
    """Without a look at the file that it got, a run that waited would hold a lock of which others know nothing."""
    path = tmp_path / "news.json"
    inside: list[int] = []

    def run(_: int) -> int:
        together = 0
        for _ in range(TIMES):
            with locked(path):
                inside.append(1)
                sleep(0)  # lets the others try
                together = max(together, len(inside))
                inside.pop()
        return together

    with ThreadPoolExecutor(RUNS) as pool:
        assert set(pool.map(run, range(RUNS))) == {1}
    assert not list(tmp_path.iterdir())


def test_a_folder_that_became_something_else_is_an_error_of_files(tmp_path: Path) -> None:
    """A run may have waited for the lock in a folder that is no folder any more."""
    (tmp_path / "moved").touch()
    lock = os.open(tmp_path / "moved", os.O_RDONLY)
    path = tmp_path / "moved/news.json"
    with pytest.raises(RepositoryError, match="cannot be locked: Not a directory"):
        _is_current(lock, path.with_name(".news.json.lock"), path)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(lock)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may remove any file")
def test_a_lock_that_cannot_be_removed_is_left(tmp_path: Path) -> None:
    (tmp_path / ".news.json.lock").touch()
    tmp_path.chmod(0o500)
    with locked(tmp_path / "news.json"):
        pass
    tmp_path.chmod(0o700)
