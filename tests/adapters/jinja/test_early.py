"""The child that starts before its request: it serves the first one, and is never in the way."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.repository import MINIMAL, write

# Prints what a rendering needed, with a `Popen` that keeps every process that it starts.
PROGRAM = """
import json, subprocess, sys, time
started = []
class Popen(subprocess.Popen):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        started.append(self)
subprocess.Popen = Popen
from reconciler.adapters.jinja.child_process import ChildProcess, start_early
from reconciler.adapters.jinja.limits import Limits

def render(text):
    request = {"environment": "prod", "values": {}, "sources": {"a.j2": text}, "templates": ["a.j2"]}
    child = ChildProcess(request, Limits(), time.monotonic() + 60)
    return [message.get("text") for message in child.messages() if "text" in message], child.reason

%s
"""


def run(steps: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM % textwrap.dedent(steps)],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_it_renders_the_first_request_and_others_start_their_own() -> None:
    output = run("""
        start_early()
        start_early()  # a second verb of the same process
        print(len(started))
        for text in ("one", "two"):
            print(*render(text), len(started), started[-1].returncode)
    """)
    assert output == "1\n['one']  1 0\n['two']  2 0\n"


def test_one_that_ended_meanwhile_is_replaced() -> None:
    output = run("""
        start_early()
        started[0].kill()
        started[0].wait()
        print(*render("one"), len(started))
    """)
    assert output == "['one']  2\n"


def test_one_that_cannot_start_is_no_error_before_the_rendering() -> None:
    output = run("""
        class Limited:
            def __init__(self, *_, **__):
                raise BlockingIOError("no more processes")
        with_room, subprocess.Popen = Popen, Limited
        start_early()
        subprocess.Popen = with_room
        print(*render("one"), len(started))
    """)
    assert output == "['one']  1\n"


def test_a_request_that_cannot_be_fed_ends_its_process() -> None:
    output = run("""
        import threading
        def start(thread):
            raise RuntimeError("can't start new thread")
        threading.Thread.start = start
        try:
            render("one")
        except RuntimeError as error:
            print(error, started[0].returncode)
    """)
    assert output == "can't start new thread -9\n"


def test_without_a_request_it_ends_with_the_run() -> None:
    output = run("""
        import atexit
        atexit.register(lambda: print(started[0].returncode))  # runs after what is registered later
        start_early()
    """)
    assert output == "-9\n"


def test_if_the_run_is_killed_it_ends_by_itself() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "reconciler.adapters.jinja.child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.communicate(timeout=600) == (b"", b"")
    assert child.returncode == 0


@pytest.mark.parametrize("arguments", [["validate", "prod"], ["validate", "absent"]])
def test_a_verb_starts_it_before_it_imports_the_pipeline(
    tmp_path: Path, arguments: list[str]
) -> None:
    template = "environments/prod/empty.yaml.j2"
    write(tmp_path, {"environments/prod/environment.yaml": MINIMAL, template: ""})
    done = subprocess.run(
        [sys.executable, "-c", _ORDER, *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "1 started, the pipeline was imported later", done


_ORDER = """
import subprocess, sys
before = []
class Popen(subprocess.Popen):
    def __init__(self, command, **options):
        before.append("reconciler.pipeline" not in sys.modules)
        super().__init__(command, **options)
subprocess.Popen = Popen
from reconciler.cli import main
sys.argv = ["reconciler", *sys.argv[1:]]
main()
imported = "reconciler.pipeline" in sys.modules
print(len(before), "started, the pipeline was imported later" if before[0] and imported else "", file=sys.stderr)
"""
