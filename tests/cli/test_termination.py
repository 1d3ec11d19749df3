"""The verdict as the termination message of a container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.cli.execution.termination import Termination
from tests.interpreters.warm import Ended, command
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path / "config", {"prod": "llm"})


def ran(world: World, log: Path, *words: str) -> Ended:
    clean = {name: v for name, v in os.environ.items() if not name.startswith("RECONCILER_")}
    live = f"directory:{world.root.parent / 'live'}"
    return command(
        *words, "-C", str(world.root), "--cluster", live,
        env=clean | {"RECONCILER_TERMINATION_LOG": str(log)},
    )  # fmt: skip


def test_it_is_the_verdict_in_one_line(world: World, tmp_path: Path) -> None:
    log = tmp_path / "termination-log"
    log.write_text("of an earlier container, and longer than what comes now: " + "x" * 300)
    assert ran(world, log, "diff", "prod").code == 1
    written = log.read_text()
    assert written.startswith("prod: 3 objects change, 2 findings need attention; exit 1: ")
    assert "\n" not in written
    assert "xxx" not in written


def test_an_error_before_the_run_is_told_too(world: World, tmp_path: Path) -> None:
    log = tmp_path / "termination-log"
    assert ran(world, log, "diff", "pord").code == 2
    assert log.read_text().startswith("pord: ")
    assert ran(world, log, "apply").code == 2
    assert log.read_text() == "error: apply writes: name the environments, or use --all; exit 2"


def test_a_delivery_that_fails_is_told_after_the_verdict(world: World, tmp_path: Path) -> None:
    log = tmp_path / "termination-log"
    metrics, branch = ("http://127.0.0.1:1", "https://127.0.0.1:1/reports.git")
    ended = ran(
        world, log, "diff", "prod", "--push", metrics, "--commit-report", "reports",
        "--report-repository", branch,
    )  # fmt: skip
    assert ended.code == 9, ended.output
    verdict, *failures = log.read_text().split("; error: ")
    assert verdict.startswith("prod: 3 objects change, 2 findings need attention; exit 1: ")
    assert [failure.partition(":1")[0] for failure in failures] == [
        "http://127.0.0.1",
        "https://127.0.0.1",
    ]
    assert all(failure.endswith("; exit 9") for failure in failures)


def test_a_long_verdict_is_cut_before_what_failed_after_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    termination = Termination({"RECONCILER_TERMINATION_LOG": str(log)})
    termination.add(lambda: "ü" * 4096)
    termination.add(lambda: "error: the push was refused; exit 9")
    assert log.read_text().endswith("üü; error: the push was refused; exit 9")
    assert 4090 < log.stat().st_size <= 4096


def test_a_run_does_not_fail_over_it(world: World, tmp_path: Path) -> None:
    assert ran(world, tmp_path / "nowhere" / "log", "diff", "prod").code == 1
    assert ran(world, Path("/proc/version"), "diff", "prod").code == 1


def test_it_is_bounded_and_harmless(tmp_path: Path) -> None:
    log = tmp_path / "log"
    Termination({"RECONCILER_TERMINATION_LOG": str(log)}).add(lambda: "\x1b[31mü\nü" * 3000)
    written = log.read_bytes()
    assert 4090 < len(written) <= 4096
    assert "\\u001b[31mü ü" in written.decode()


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("kept")
    (tmp_path / "log").symlink_to(tmp_path / "target")
    Termination({"RECONCILER_TERMINATION_LOG": str(tmp_path / "log")}).add(lambda: "a")
    assert (tmp_path / "target").read_text() == "kept"


def test_nothing_is_computed_without_such_a_file(tmp_path: Path) -> None:
    def never() -> str:
        raise AssertionError

    Termination({"RECONCILER_TERMINATION_LOG": str(tmp_path / "no" / "log")}).add(never)
