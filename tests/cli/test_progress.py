"""Progress and errors on stderr: for a terminal, for a log, and as JSON. stdout never has any of it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reconciler.cli import main
from reconciler.cli.execution import progress
from reconciler.cli.execution.progress import Board, line, shown
from reconciler.cli.runs.reporting import Reporting
from tests.interpreters.warm import command
from tests.repository import write

COMMAND = Path(sys.executable).with_name("reconciler")
CONFIG = "configVersion: 1\nnamespaces: [omnia]\n"
MOCK = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: mock, namespace: omnia}
spec: {type: mock}
"""
UNREADY = 'status: {phase: Error, conditions: [{type: Ready, status: "False", reason: Down, message: down, lastTransitionTime: "2026-07-01T00:00:00Z"}]}\n'  # fmt: skip  # noqa: E501


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def unready(tmp_path: Path) -> Path:
    """A repository whose only object is applied, and not ready: `apply --wait` takes as long as it may."""
    write(tmp_path, {"environments/prod/environment.yaml": CONFIG, "environments/prod/mock.yaml.j2": MOCK})  # fmt: skip
    assert command("apply", "prod", cwd=tmp_path).code == 0
    (live,) = tmp_path.glob(".clusters/prod/omnia/providers.*/mock.yaml")
    live.write_text(live.read_text() + UNREADY)
    return tmp_path


def on_terminal(cwd: Path, *words: str, **variables: str) -> tuple[int, str, str]:
    """The exit code, stdout in a pipe, and stderr on a terminal."""
    master, slave = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR")}
    process = subprocess.Popen(
        [COMMAND, *words], cwd=cwd, env=clean | {"TERM": "xterm"} | variables,
        stdout=subprocess.PIPE, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    shown_there = bytearray()

    def read() -> None:
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # Linux says so when nobody has the other side any more
                return
            shown_there.extend(part)

    reader = threading.Thread(target=read)
    reader.start()
    stdout, _ = process.communicate(timeout=600)
    reader.join()
    os.close(master)
    return process.returncode, stdout.decode(), shown_there.decode()


def test_a_terminal_shows_what_a_long_run_does_and_nothing_of_it_stays(unready: Path) -> None:
    code, stdout, stderr = on_terminal(unready, "apply", "prod", "--wait", "2")
    assert code == 6, stdout
    assert "waiting: 0 of 1 ready" in stderr
    assert "\x1b" not in stdout
    assert stderr.endswith("\x1b[2K"), "the line is removed"
    assert "\x1b[?25l" not in stderr, "a process that is killed leaves no terminal without a cursor"


def test_the_same_run_for_a_log_says_nothing_before_half_a_minute(unready: Path) -> None:
    words = ("apply", "prod", "--wait", "2")
    assert on_terminal(unready, *words, CI="true")[2] == ""
    ended = command(*words, cwd=unready)
    assert (ended.code, ended.stderr) == (6, "")


def test_a_run_that_is_quick_shows_nothing_and_loads_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    loaded = "rich" in sys.modules
    with shown(quiet=False, environ={}) as show:
        show("prod", "connecting")
    assert capsys.readouterr() == ("", "")
    assert ("rich" in sys.modules) == loaded


def test_a_long_run_in_a_log_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = threading.Event()
    monkeypatch.setattr(progress, "_INTERVAL", 0.01)
    monkeypatch.setattr(progress, "write_error", lambda text: (print(text, end=""), written.set()))
    with shown(quiet=False) as show:
        show("prod", "comparing 40 objects")
        written.clear()
        assert written.wait(60)
    assert "running: prod: comparing 40 objects, 0 s\n" in capsys.readouterr().out


def test_a_report_for_programs_has_no_line_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kubectl logs` of a pod has both streams in one."""
    monkeypatch.setattr(progress, "_in_lines", lambda *_: pytest.fail("a line"))
    with shown(quiet=False, lines=False, environ={"CI": "true"}) as show:
        show("prod", "connecting")
    assert Reporting(("json",)).for_programs
    assert Reporting(("text", "json=report.json")).for_programs is False


def test_the_line_of_a_log_names_what_is_not_done_and_since_when() -> None:
    clock = Time()
    board = Board(clock)
    assert line(board) == ""
    board.show("prod", "waiting: 1 of 3 ready")
    board.show("dev", "connecting")
    clock.now = 31.0
    board.show("prod", "waiting: 2 of 3 ready")
    assert line(board) == "running: dev: connecting, 31 s; prod: waiting: 2 of 3 ready, 31 s\n"
    board.show("dev", "")
    board.show("prod", "taking the lock")
    assert line(board) == "running: prod: taking the lock, 0 s\n"
    for number in range(20):
        board.show(f"env-{number}", "connecting")
    assert line(board).endswith("; 11 more\n")


def test_no_name_reaches_the_terminal_as_more_than_text() -> None:
    board = Board(Time())
    board.show("\x1b[2J::error::", "reading\r\nSecrets")
    assert "\x1b" not in line(board)
    assert line(board).count("\n") == 1


def test_json_tells_each_step_and_each_error_as_an_object(unready: Path) -> None:
    ended = command("diff", "prod", "--log-format", "json", cwd=unready)
    assert ended.code == 0, ended.output
    entries = [json.loads(each) for each in ended.stderr.splitlines()]
    assert {e["environment"] for e in entries} == {"prod"}
    assert {e["level"] for e in entries} == {"info"}
    assert entries[-1]["message"] == "done"
    assert {"connecting", "comparing: 1 objects"} <= {e["message"] for e in entries}
    assert all(set(e) == {"time", "level", "environment", "message"} for e in entries)
    assert ended.stdout == command("diff", "prod", cwd=unready).stdout


def test_an_apply_shows_each_object_that_is_written_and_a_log_only_the_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    three = "\n---\n".join(MOCK.replace("mock,", f"mock-{n},") for n in range(3))
    files = {"environment.yaml": CONFIG, "mock.yaml.j2": three}
    write(tmp_path, {f"environments/prod/{name}": text for name, text in files.items()})
    calls: list[str] = []
    show = progress.StepLog.show

    def both(log: progress.StepLog, environment: str, doing: str) -> None:
        calls.append(doing)
        show(log, environment, doing)

    monkeypatch.setattr(progress.StepLog, "show", both)
    monkeypatch.chdir(tmp_path)
    assert main(["apply", "prod", "--log-format", "json"]) == 0
    written = [each for each in calls if each.startswith("applying: ")]
    assert [each.partition(" objects, ")[0] for each in sorted(written)] == [
        f"applying: {n} of 3" for n in (1, 2, 3)
    ]
    assert {each.partition(" objects, ")[2] for each in written} == {
        f"Provider omnia/mock-{n}" for n in range(3)
    }
    entries = [json.loads(each)["message"] for each in capsys.readouterr().err.splitlines()]
    assert [each for each in entries if each.startswith("applying")] == ["applying"]
    calls.clear()
    assert main(["apply", "prod", "--log-format", "json"]) == 0
    assert [each for each in calls if each.startswith("applying")] == ["applying"], "nothing to do"
    compared = [each for each in calls if each.startswith("comparing")]
    assert compared == [
        "comparing: 3 objects",
        *(f"comparing: {n} of 3 objects" for n in (1, 2, 3)),
    ]
    write(tmp_path, {"environments/prod/mock.yaml.j2": MOCK.replace("mock,", "mock-0,")})
    calls.clear()
    words = ("--prune", "--prune-limit", "9", "--allow-rollback", "--log-format", "json")
    assert main(["apply", "prod", *words]) == 0
    deleted = [each for each in calls if each.startswith("deleting")]
    assert deleted == ["deleting: 1 of 2 objects", "deleting: 2 of 2 objects"]


@pytest.mark.parametrize(
    "words", [("diff", "-o", "jsn"), ("diff", "--no-such-option"), ("hold", "prod")]
)
def test_json_errors_of_every_command(unready: Path, words: tuple[str, ...]) -> None:
    environ = os.environ | {"RECONCILER_LOG_FORMAT": "json"}
    ended = subprocess.run(
        [COMMAND, *words], cwd=unready, env=environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    entries = [json.loads(each) for each in ended.stderr.splitlines()]
    assert "error" in {e["level"] for e in entries}
    if words[1] == "-o":
        assert (entries[-1]["code"], entries[-1]["help"]) == (2, "did you mean json?")


def test_quiet_prints_nothing_and_writes_the_files(unready: Path) -> None:
    ended = command("diff", "prod", "-q", "-o", "json=report.json", cwd=unready)
    assert (ended.code, ended.output) == (0, "")
    assert json.loads((unready / "report.json").read_text())["command"] == "diff"
    for more in (("-o", "json"), ("--summary",)):
        refused = command("diff", "prod", "--quiet", *more, cwd=unready)
        assert (refused.code, refused.stdout) == (2, "")
        assert "--quiet prints no report" in refused.stderr
    failed = command("diff", "nowhere", "--quiet", cwd=unready)
    assert (failed.code, failed.stdout) == (2, "")
    assert "nowhere" in failed.stderr


def test_summary_is_the_verdict_in_one_line(unready: Path) -> None:
    ended = command("drift", "--summary", "-o", "json=report.json", cwd=unready)
    assert ended.stdout == command("drift", "-o", "line", cwd=unready).stdout
    assert ended.stdout.count("\n") == 1
    twice = command("drift", "--summary", "-o", "text", cwd=unready)
    assert (twice.code, twice.stdout) == (2, "")
