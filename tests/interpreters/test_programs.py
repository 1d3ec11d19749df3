"""A program that a warm Python runs for a shell is that program: the shell cannot tell them apart."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controlplane.locks import until
from tests.interpreters.warm import interpreter, programs
from tests.repository import MINIMAL, write

PROGRAM = """\
import os, signal, sys, threading, time
def told(number, frame):
    os.write(1, f"told {number}\\n".encode())
    sys.exit(9)
signal.signal(signal.SIGUSR1, told)
words = sys.argv[1:]
if words[0] == "says":
    ignored = [n for n in range(1, 32) if signal.getsignal(n) == signal.SIG_IGN]
    print(words, os.getcwd(), sorted(os.environ.items()), ignored, oct(os.umask(0)))
elif words[0] == "copies":
    print("to stderr", file=sys.stderr)
    for line in sys.stdin:
        print(words[1], line.strip(), flush=True)
elif words[0] == "waits":
    print("waits", os.getpid(), flush=True)
    while True:
        time.sleep(0.05) # not pause, which a signal just before it does not end
elif words[0] == "ends":
    sys.exit(int(words[1]))
elif words[0] == "dies":
    os.kill(os.getpid(), int(words[1]))
    threading.Event().wait()
elif words[0] == "fails":
    raise ValueError("a bug")
"""
SCRIPTS = {
    "arguments": "p says 'a b' '' é \"$(printf 'a\\nb')\" -- -x",
    "variables": "export A='b c'; B=é p says",
    "without variables": 'P=$(command -v p); env -i "$P" says',
    "folder": "mkdir -p 'an é'; cd 'an é'; p says",
    "umask": "umask 027; p says",
    "ignored": "trap '' INT TERM HUP USR2; p says",
    "code": "p ends 0; echo $?; p ends 1; echo $?; p ends 200; echo $?",
    "last code": "p ends 3",
    "signals": "exec 2>/dev/null; for n in 2 3 9 10 15; do (p dies $n); echo $?; done",
    "bug": "p fails 2>&1 | tail -n 1; exit ${PIPESTATUS[0]}",
    "input": "echo one | p copies a 2>/dev/null; p copies b < p; p copies c <<< 'é'",
    "streams": "p copies a < p > out 2> errors; cat out errors",
    "appended": "echo first > out; p copies a <<< b >> out; p copies c <<< d >> out 2>&1; cat out",
    "one file": "{ p copies a <<< b; echo between; p copies c <<< d; } > out 2>&1; cat out",
    "pipeline": "printf '1\\n2\\n' | p copies a 2>/dev/null | p copies b 2>/dev/null | p copies c 2>&1",
    "substitution": 'echo "<$(p copies a <<< b 2>&1)>"',
    "no reader": "yes | p copies a 2>/dev/null | head -n 1",
    "at once": "for n in 1 2 3; do p ends $n & pids+=($!); done; for p in ${pids[@]}; do wait $p; echo $?; done",
    "nothing is left": "A=b p says; (cd /; umask 077; p says); p says",
}


@pytest.fixture(autouse=True)
def _signals_are_heeded() -> Iterator[None]:
    """A shell never heeds a signal that it was started to ignore, as the tests are in the background."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT)}
    for number in before:
        signal.signal(number, signal.default_int_handler)  # the default, for what is started
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    file = write(tmp_path, {"cold/p": f"#!{sys.executable} -P\n{PROGRAM}"}) / "cold/p"
    file.chmod(0o700)
    return file.parent


@pytest.fixture
def warm(cold: Path) -> Path:
    return interpreter().program("p", cold / "p")


def started(folder: Path, script: str, home: Path) -> subprocess.Popen[str]:
    home.mkdir(exist_ok=True)
    (home / "p").write_text("a file\nof lines\n")
    return subprocess.Popen(
        ["bash", "--noprofile", "--norc", "-c", script],
        cwd=home, env={"PATH": f"{folder}:/usr/bin:/bin", "HOME": "/nonexistent"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(folder: Path, script: str, home: Path) -> tuple[int, str, str]:
    process = started(folder, script, home)
    outputs = process.communicate(timeout=600)
    # `_` is the path of the program, to bash.
    return (process.returncode, *(text.replace(str(folder), "PROGRAMS") for text in outputs))


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_shell_sees_the_same(cold: Path, warm: Path, tmp_path: Path, script: str) -> None:
    home = tmp_path / "home"
    assert ended(warm, script, home) == ended(cold, script, home)


@pytest.mark.parametrize("kind", ["cold", "warm"])
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGUSR1, 9, "told 10\n"),
        (signal.SIGTERM, -15, ""),
        (signal.SIGINT, -2, ""),
        (signal.SIGKILL, -9, ""),
    ],
)
def test_a_signal_reaches_the_run(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, number: int, code: int, said: str
) -> None:
    """Also one that kills what stands for it: then the run is over, too."""
    folder = request.getfixturevalue(kind)
    with started(folder, "exec p waits", tmp_path / "home") as process:
        assert process.stdout
        pid = int(process.stdout.readline().split()[1])
        process.send_signal(number)
        try:
            assert process.wait(600) == code
        finally:
            process.kill()
        assert process.stdout.read() == said
    until(lambda: not Path(f"/proc/{pid}").exists(), "the run has ended")


def test_the_command_of_a_shell_is_the_installed_one(tmp_path: Path) -> None:
    environment = {"environments/prod/environment.yaml": MINIMAL}
    root = write(tmp_path, environment | {"environments/prod/a.yaml.j2": "kind: [\n"})
    script = f"reconciler validate prod -C {root}; echo $?; reconciler nothing"
    installed = Path(sys.executable).parent
    home = tmp_path / "home"
    code, output, errors = ended(programs(), script, home)
    assert (code, output, errors) == ended(installed, script, home)
    assert code == 2
    assert "error[T001]" in output
