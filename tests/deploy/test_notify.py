"""The shell of `deploy/notify`: a run is told whatever it ended with, and a signal is the run's."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from reconciler.text.yaml import load_one
from tests.repository import write

FILE = Path(__file__).parents[2] / "deploy/notify/watch.yaml"
# In place of the command: writes what it was asked to do, and what a `drift` with a report leaves.
STUB = """\
#!/bin/sh
echo "$1" >> "$ROOT/done"
case $1 in
  drift)
    [ -z "$REPORT" ] || echo '{}' > "$REPORT"
    [ "$WAITS" != drift ] || { trap 'exit 143' TERM; echo up > "$FIFO"; while :; do sleep 0.05; done; }
    exit "$DRIFT" ;;
  notify)
    [ "$WAITS" != notify ] || { trap 'exit 143' TERM; echo up > "$FIFO"; while :; do sleep 0.05; done; }
    exit "$NOTIFY" ;;
esac
"""


def script(root: Path) -> str:
    """With the report in a folder of the test."""
    spec = load_one(FILE.read_text(), FILE.name)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["command"] == ["/bin/sh", "-c"]
    return str(container["args"][0]).replace("/tmp/", f"{root}/")


def started(root: Path, **settings: str) -> subprocess.Popen[bytes]:
    write(root, {"bin/reconciler": STUB})
    (root / "bin/reconciler").chmod(0o755)
    path = f"{root / 'bin'}:{os.environ['PATH']}"
    fixed = {"PATH": path, "ROOT": str(root), "ENVIRONMENT": "prod", "WAITS": "", "REPORT": ""}
    return subprocess.Popen(["sh", "-c", script(root)], env=fixed | settings)


@pytest.mark.parametrize(
    ("drift", "notify", "code"),
    [("0", "0", 0), ("1", "0", 1), ("0", "9", 9), ("1", "9", 1), ("5", "2", 5)],
)
def test_the_pod_ends_as_its_run_and_what_was_not_told_fails_it_too(
    tmp_path: Path, drift: str, notify: str, code: int
) -> None:
    report = str(tmp_path / "report.json")
    assert started(tmp_path, DRIFT=drift, NOTIFY=notify, REPORT=report).wait() == code
    assert (tmp_path / "done").read_text().split() == ["drift", "notify"]


def test_without_a_report_nothing_is_told(tmp_path: Path) -> None:
    assert started(tmp_path, DRIFT="2", NOTIFY="0").wait() == 2
    assert (tmp_path / "done").read_text().split() == ["drift"]


def test_a_signal_reaches_the_run_which_decides_the_end(tmp_path: Path) -> None:
    """A shell that is the first process of a pod passes on none by itself."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    pod = started(tmp_path, DRIFT="0", NOTIFY="0", WAITS="drift", FIFO=str(fifo))
    assert fifo.read_text() == "up\n"
    pod.send_signal(signal.SIGTERM)
    assert pod.wait() == 143
    assert (tmp_path / "done").read_text().split() == ["drift"]


@pytest.mark.parametrize(("drift", "code"), [("3", 3), ("0", 143)])
def test_a_signal_while_it_is_told_leaves_the_end_of_the_run(
    tmp_path: Path, drift: str, code: int
) -> None:
    fifo, report = tmp_path / "fifo", str(tmp_path / "report.json")
    os.mkfifo(fifo)
    pod = started(tmp_path, DRIFT=drift, NOTIFY="0", WAITS="notify", FIFO=str(fifo), REPORT=report)
    assert fifo.read_text() == "up\n"
    pod.send_signal(signal.SIGTERM)
    assert pod.wait() == code


def test_a_signal_before_the_run_is_no_success(tmp_path: Path) -> None:
    text = script(tmp_path).replace("step() {", "kill -TERM $$\nstep() {", 1)
    assert subprocess.run(["sh", "-c", text], check=False).returncode == 143
