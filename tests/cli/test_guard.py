"""One place where errors become a line on stderr and an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from reconciler.cli import main
from reconciler.cli.execution.guard import guarded
from reconciler.cli.execution.stop import Stopped
from reconciler.errors import (
    BadAnswer,
    Bug,
    ClusterError,
    DeliveryError,
    EnvironmentFileError,
    ExitCode,
    ForgeError,
    Interrupted,
    LockError,
    ReconcilerError,
    RefusalReason,
    Refused,
    RepositoryError,
    SafetyStop,
    Unauthenticated,
    Unreachable,
    UnusableFile,
    UsageError,
)
from reconciler.model.document import canonical

COMMAND = Path(sys.executable).with_name("reconciler")
CANARY = "canary-41d0c7"
EXIT_CODES = [
    (ReconcilerError("m"), 70),
    (UsageError("m"), 2),
    (EnvironmentFileError("m"), 2),
    (RepositoryError("m"), 9),
    (UnusableFile("file", "is no text"), 9),
    (DeliveryError("m"), 9),
    (ForgeError("m"), 9),
    (LockError("m"), 7),
    (SafetyStop("m"), 8),
    (Interrupted("m"), 130),
    (Bug("m"), 70),
    (ClusterError("m"), 5),
    (Unreachable("m"), 5),
    (Unauthenticated("m"), 5),
    (BadAnswer("m"), 5),
    (Refused(RefusalReason.FORBIDDEN, "m"), 5),
]


def failing(error: BaseException) -> int:
    """What a command that raises this ends with."""

    def start() -> int:
        raise error

    return guarded(start)


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """The guard takes the signals of its process, which is pytest's here."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("error", "code"), EXIT_CODES, ids=lambda v: type(v).__name__)
def test_every_error_has_its_exit_code(error: ReconcilerError, code: int) -> None:
    assert failing(error) == code


def test_no_error_class_is_left_out() -> None:
    def below(kind: type[ReconcilerError]) -> set[type[ReconcilerError]]:
        return {kind}.union(*(below(sub) for sub in kind.__subclasses__()))

    ours = {kind for kind in below(ReconcilerError) if kind.__module__ == "reconciler.errors"}
    assert {type(error) for error, _ in EXIT_CODES} == ours


def test_place_message_and_hint_stand_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    failing(UsageError("no such thing", hint="try another", where="file.yaml:3"))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "error: file.yaml:3: no such thing\n  help: try another\n"


@pytest.mark.parametrize("code", [0, 1, 3, 6])
def test_a_code_that_is_returned_is_the_exit_code(code: int) -> None:
    assert guarded(lambda: code) == code


@pytest.mark.parametrize("code", [ExitCode.INTERRUPTED, ExitCode.TERMINATED])
def test_a_stop_has_the_code_of_its_signal(
    code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(Stopped(code)) == code
    assert capsys.readouterr().err == "error: interrupted\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (click.UsageError("no such option"), 2),
        (click.BadParameter("no number"), 2),
        (click.Abort(), 130),
        (click.exceptions.Exit(4), 4),
    ],
)
def test_errors_of_the_option_parser_are_usage(error: Exception, code: int) -> None:
    assert failing(error) == code


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["no-such-command"],
        ["diff", "--timeout", "soon"],
        ["diff", "--timeout", "nan"],
        ["diff", "--diff-exit-code", "256"],
        ["diff", "--color", "pink"],
        ["validate", "--severity", "fatal"],
        ["apply"],
        ["apply", "prod", "--all"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_ends_with_2_and_a_reason(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == ExitCode.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "rror: " in shown.err


def test_a_bug_prints_its_type_and_place_and_never_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def start() -> int:
        canonical({CANARY: {1, 2}})
        return 0

    assert guarded(start) == ExitCode.BUG
    shown = capsys.readouterr().err
    assert "this is a bug: TypeError at model/document.py:" in shown
    assert "please report" in shown
    assert "Traceback" not in shown
    assert CANARY not in shown
    assert failing(ValueError(CANARY)) == ExitCode.BUG
    assert CANARY not in capsys.readouterr().err


def program(text: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        f"import sys\nfrom reconciler.cli.execution.guard import guarded\n{text}",
    ]


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
DEFERRED = """
import time
from reconciler.cli.execution.stop import STOP
def start():
    with STOP.deferred():
        print('ready', flush=True)
        while not STOP.requested:
            time.sleep(0.01)
        print('came to its end', flush=True)
        if len(sys.argv) > 1:
            time.sleep(60)
    print('reported', flush=True)
    return 0
sys.exit(guarded(start))
"""


def signalled(text: str, *numbers: signal.Signals, args: tuple[str, ...] = ()) -> Ended:
    """A process that says a line before each signal it gets."""
    with subprocess.Popen(
        [*program(text), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for number in numbers:
            child.stdout.readline()
            child.send_signal(number)
        out, err = child.communicate(timeout=600)
    return Ended(child.returncode, out, err)


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said after its last signal."""

    code: int
    out: str
    err: str


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_runs_the_finally_blocks_and_has_its_code(
    number: signal.Signals, code: int
) -> None:
    text = (
        "import time\n"
        "def start():\n"
        "    try:\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(60)\n"
        "    finally:\n"
        "        print('tidied', flush=True)\n"
        "sys.exit(guarded(start))\n"
    )
    assert signalled(text, number) == Ended(code, "tidied\n", "error: interrupted\n")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_what_ends_for_a_signal_has_its_code(number: signal.Signals, code: int) -> None:
    """A request that waits for its turn, or a lock."""
    raising = DEFERRED.replace(
        "        if len", "        raise Interrupted('not sent')\n        if len"
    )
    text = f"from reconciler.errors import Interrupted\n{raising}"
    assert signalled(text, number) == Ended(code, "came to its end\n", "error: not sent\n")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_run_that_may_not_be_cut_ends_first_and_is_reported(
    number: signal.Signals, code: int
) -> None:
    message = "error: interrupted; the report shows what was done\n"
    assert signalled(DEFERRED, number) == Ended(code, "came to its end\nreported\n", message)


BUSY = """
import signal
from concurrent.futures import ThreadPoolExecutor
from reconciler.cli.execution.stop import STOP
def busy(say):
    print(say, flush=True)
    while say == 'reads' or not (STOP.requested and signal.getitimer(signal.ITIMER_REAL) == (0, 0)):
        pass  # when held, until the timer of the first signal has ended
def start():
    with STOP.deferred(), ThreadPoolExecutor() as pool:
        if 'hold' in sys.argv:
            STOP.hold()
        list(pool.map(busy, ['held' if 'hold' in sys.argv else 'reads']))
    return 0
sys.exit(guarded(start))
"""


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_run_that_only_reads_is_cut_whatever_it_does(number: signal.Signals, code: int) -> None:
    """Its threads would go on for ever."""
    assert signalled(BUSY, number) == Ended(code, "", "error: interrupted\n")


def test_a_run_that_may_write_is_not_cut() -> None:
    message = "error: interrupted; the report shows what was done\n"
    assert signalled(BUSY, signal.SIGTERM, args=("hold",)) == Ended(143, "", message)


def test_a_second_signal_ends_at_once() -> None:
    ended = signalled(DEFERRED, signal.SIGINT, signal.SIGTERM, args=("slowly",))
    assert ended == Ended(143, "", "error: interrupted\n")


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "from reconciler.cli.delivery.output import write_out\n"
    code += "sys.exit(guarded(lambda: write_out('x' * 1_000_000) or 0))\n"
    with subprocess.Popen(program(code), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read(1)
        child.stdout.close()
        assert child.stderr is not None
        err = child.stderr.read()
        child.wait(timeout=600)
    assert (child.returncode, err) == (0, b"")


def test_a_reader_that_is_gone_before_a_short_text_is_no_error() -> None:
    """A short text stays in the buffer: it must fail in the guard, not at the interpreter's exit."""
    done = subprocess.run(
        f'"{COMMAND}" --version | true; exit "${{PIPESTATUS[0]}}"',
        shell=True, executable="/bin/bash", capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONUNBUFFERED": ""}, timeout=600,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
