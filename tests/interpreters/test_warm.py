"""A run that a warm Python forks is the run of a new Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.interpreters.warm import INSTALLED, Ended, Interpreter, command, interpreter
from tests.repository import MINIMAL, write

WRONG = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: é, namespace: llm}
spec: {type: nobody}
"""
DOUBLED = "{{% set n = namespace(x='a') %}}{{% for i in range({}) %}}{{% set n.x = n.x ~ n.x %}}{{% endfor %}}"
# Too much memory, just not too much, a missing value, and what is rendered nevertheless.
BROKEN = {
    "grows": DOUBLED.format(60),
    "large": DOUBLED.format(27),
    "missing": "{{ values.é }}",
    "written": WRONG,
}
PROGRAM = """\
import os, sys
print(os.getcwd(), sys.argv[1:], os.environ.get("SAID"), sys.stdin.read())
print(oct(os.umask(0)), file=sys.stderr)
if sys.argv[1] == "dies":
    os.kill(os.getpid(), 9)
sys.exit(7)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {"environments/prod/environment.yaml": MINIMAL, "environments/prod/a.yaml.j2": WRONG}
    broken = {f"environments/broken/{name}.yaml.j2": text for name, text in BROKEN.items()}
    return write(tmp_path, {"environments/broken/environment.yaml": MINIMAL} | files | broken)


@pytest.mark.parametrize(
    "arguments",
    [
        "--version",
        "validate",
        "validate -",
        "environments",
        "diff prod --cluster directory:live",
        "explain K8S004",
        "explain NO001",
        "drift --nothing",
    ],
)
def test_the_command_says_the_same(repository: Path, arguments: str) -> None:
    done = subprocess.run(
        [INSTALLED, *arguments.split()], cwd=repository, input=WRONG, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    ended = command(*arguments.split(), cwd=repository, stdin=WRONG)
    assert (ended.code, ended.stdout, ended.stderr) == (done.returncode, done.stdout, done.stderr)


def ran(tmp_path: Path, word: str, **variables: str) -> Ended:
    program = write(tmp_path, {"program.py": PROGRAM}) / "program.py"
    env = {"PATH": os.environ["PATH"]} | variables
    return interpreter().run(program, word, cwd=tmp_path, env=env, stdin="é", umask=0o077)


def test_a_run_has_what_it_is_given(tmp_path: Path) -> None:
    ended = ran(tmp_path, "a b", SAID="ü")
    assert ended.code == 7
    assert ended.stdout == f"{tmp_path} ['a b'] ü é\n"
    assert ended.stderr == "0o77\n"
    assert 10_000 < ended.peak < 200_000


def test_a_run_leaves_nothing_to_the_next_one(tmp_path: Path) -> None:
    ran(tmp_path, "a", SAID="ü")
    assert ran(tmp_path, "b").stdout == f"{tmp_path} ['b'] None é\n"
    assert Path.cwd() != tmp_path


def test_a_signal_is_a_negative_code(tmp_path: Path) -> None:
    assert ran(tmp_path, "dies").code == -9
    assert ran(tmp_path, "a").code == 7


def test_a_bug_of_a_program_is_an_exit_code_and_a_traceback(tmp_path: Path) -> None:
    ended = interpreter().run(write(tmp_path, {"p.py": "1 / 0\n"}) / "p.py", cwd=tmp_path)
    assert ended.code == 1
    assert "ZeroDivisionError" in ended.stderr


def test_two_threads_each_get_the_answer_to_their_own_run(tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(2)]
    for home in homes:
        home.mkdir()
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda home: [ran(home, "a") for _ in range(5)], homes))
    for home, runs in zip(homes, ended, strict=True):
        assert {run.stdout for run in runs} == {f"{home} ['a'] None é\n"}


def test_each_python_has_one(tmp_path: Path) -> None:
    """Named or not: a test that kills what runs asks it for the process."""
    assert interpreter() is interpreter(Path(sys.executable))
    ran(tmp_path, "a")
    assert interpreter().pid != 0


def test_a_run_heeds_signals_that_the_tests_were_started_to_ignore(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with closing(Interpreter(Path(sys.executable))) as warm:
            program = "import signal\nprint(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)\n"
            ended = warm.run(write(tmp_path, {"p.py": program}) / "p.py", cwd=tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.stdout == "False\n"
