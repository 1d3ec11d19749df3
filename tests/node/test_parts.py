"""What a node is made of, without a node: the folders of the cache, and whether this machine can limit pods."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.node import build, kernel


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(build, "cache", lambda: tmp_path)
    return tmp_path / "node"


def make(folder: Path) -> None:
    folder.mkdir()
    (folder / "base.tar").touch()


def used(folder: Path, hours: float) -> Path:
    moment = time.time() - hours * 3600
    os.utime(folder, (moment, moment))
    return folder


def test_a_folder_is_made_once_and_what_nobody_used_for_a_day_is_removed(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, recent = (build.made("image", key, make) for key in ("old", "recent"))
    other = build.made("runtime", "old", make)
    for folder, hours in ((old, 25.0), (recent, 23.0), (other, 25.0)):
        used(folder, hours)
    new = build.made("image", "new", make)
    assert {each for each in cache.iterdir() if each.is_dir()} == {recent, new, other}
    assert sorted(each.stem for each in cache.glob("*.lock")) == sorted(
        each.name for each in (recent, new, other)
    )
    assert f"removing {old}, which nobody uses" in capsys.readouterr().err


def test_a_folder_in_use_stays_however_old_it_is(cache: Path) -> None:
    image = used(build.made("image", "same", make), 1000.0)
    assert build.made("image", "same", lambda _: pytest.fail("it is there")) == image
    assert build.made("image", "other", make).parent == cache
    assert image.is_dir()


def cgroups(folder: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)
    monkeypatch.setattr(kernel, "_CGROUPS", folder)


def test_cgroups_of_version_2_that_hand_nothing_down_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose processes are in the root of its tree: the write is refused."""
    control = tmp_path / kernel._SUBTREE
    cgroups(
        tmp_path, monkeypatch, {"cgroup.controllers": "cpu memory pids\n", control.name: "cpu\n"}
    )
    monkeypatch.setattr(kernel, "_hand_down", lambda: None)
    assert kernel.refusal() == "cgroups of version 2 hand down no memory, pids here"
    control.write_text("cpu io memory pids\n")
    assert kernel.refusal() == ""


def test_cgroups_of_version_1_need_a_hierarchy_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cgroups(tmp_path, monkeypatch, {})
    for name in ("cpu", "pids"):
        (tmp_path / name).mkdir()
    assert kernel.refusal() == "cgroups of version 1 without memory"
    (tmp_path / "memory").mkdir()
    assert kernel.refusal() == ""
    monkeypatch.setattr(kernel, "_CGROUPS", tmp_path / "none")
    assert kernel.refusal() == f"there is no {tmp_path / 'none'}"
