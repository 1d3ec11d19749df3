"""Bad input, row by row, by the installed command: the documented code, the place, and never more than a line of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.catalogue import cli, git, jinja, objects, yaml
from tests.e2e.catalogue.case import BASE, CANARY, OTHER, Case, Elsewhere
from tests.repository import write

COMMAND = str(Path(sys.executable).with_name("reconciler"))
LARGEST = 600 * 1024  # KiB that a process may hold at its peak; a renderer may ask for 512 MiB
LONGEST = 120  # seconds; no promise, only a guard against a process that hangs

ROWS = (*yaml.CASES, *jinja.CASES, *objects.CASES, *git.CASES, *cli.CASES)
CASES = [row for row in ROWS if isinstance(row, Case)]


@dataclass(frozen=True)
class Ended:
    code: int
    output: str
    memory: int  # KiB at the peak, the renderer's included
    report: dict[str, Any]


def run(case: Case, root: Path) -> Ended:
    """Run one case, with the output in files: a pipe would have to be drained."""
    report = root.parent / "report.json"
    verb = ("apply", "--all") if case.code else ("validate",)
    reports = ("-o", "text", "-o", f"json={report}")
    command = [COMMAND, *(case.args or (*verb, *reports))]
    command = [word.format(root=root, report=report) for word in command]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("KUBE", "GIT_"))}
    paths = root.parent / "stdout", root.parent / "stderr"
    with paths[0].open("wb") as stdout, paths[1].open("wb") as stderr:
        child = subprocess.Popen(
            command, cwd=root, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL,
            env=clean | {"OPENAI_API_KEY": CANARY} | case.env,
        )  # fmt: skip
        guard = threading.Timer(LONGEST, child.kill)
        guard.start()
        _, status, used = os.wait4(child.pid, 0)
        guard.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    output = "\n".join(path.read_text(errors="surrogateescape") for path in paths)
    parsed = json.loads(report.read_text()) if report.exists() else {}
    return Ended(child.returncode, output, used.ru_maxrss, parsed)


def files_below(root: Path) -> dict[str, tuple[int, int]]:
    """What stands there, but for git's own folder, with size and time."""
    found = (p for p in root.rglob("*") if ".git" not in p.parts and not p.is_symlink())
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in found if p.is_file()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_bad_input(case: Case, tmp_path: Path) -> None:
    root = write(tmp_path / "config", {**BASE, **case.files})
    case.prepare(root)
    before = files_below(root)

    ended = run(case, root)

    print(ended.output)
    codes = {e["name"]: e["exitCode"] for e in ended.report.get("environments", ())}
    assert (ended.code if case.alone else codes.get("prod")) == case.code
    for words in (case.place, *case.says):
        assert words in ended.output
    for words in ("Traceback", "this is a bug", CANARY, CANARY[10:], *case.unsaid):
        assert words not in ended.output
        assert words not in json.dumps(ended.report)
    if not case.alone:
        assert OTHER in ended.output, "the other environment was checked, too"
    assert files_below(root) == before, "nothing is written"
    assert ended.memory < LARGEST


def test_a_closed_stdout_is_no_error(tmp_path: Path) -> None:
    root = write(tmp_path, BASE)
    command = f"set -o pipefail; {COMMAND} validate | true"
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode in (0, 3)


def test_every_row_has_a_case_or_a_reason() -> None:
    assert {row.row for row in ROWS} == {f"C-{number:02}" for number in range(1, 71)}


def test_no_row_is_told_twice() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("row", [r for r in ROWS if isinstance(r, Elsewhere)], ids=lambda r: r.id)
def test_a_row_without_a_case_says_why(row: Elsewhere) -> None:
    assert len(row.why.split()) > 3
