"""Bad input, row by row, by the installed command: the documented code, the place, and never more than a line of it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.e2e.catalogue import cli, git, jinja, objects, yaml
from tests.e2e.catalogue.case import (
    AROUND,
    BASE,
    CANARY,
    ENVIRONMENT,
    LARGEST,
    PROD,
    Case,
    Elsewhere,
)
from tests.e2e.catalogue.judge import NEIGHBOUR, Ended, unmet
from tests.interpreters.warm import INSTALLED, command
from tests.repository import write

REPORTS = ("-o", "text", "-o", "json={report}")
APPLY = ("apply", "--all", *REPORTS)
VALIDATE = ("validate", *REPORTS)
NEVER = ("Traceback", "this is a bug", CANARY, CANARY[10:])

ROWS = (*yaml.CASES, *jinja.CASES, *objects.CASES, *git.CASES, *cli.CASES)
CASES = [row for row in ROWS if isinstance(row, Case)]
OWN = [case for case in CASES if not case.shares]


def refused(rows: Iterable[Case | Elsewhere]) -> list[Case]:
    """Those of a table that share a repository, and are applied so that they could write."""
    return [row for row in rows if isinstance(row, Case) and row.shares and row.code]


def run(
    root: Path, args: tuple[str, ...], env: Mapping[str, str] | None = None, umask: int = 0o022
) -> Ended:
    """Run the command on the repository."""
    report = root.parent / "report.json"
    words = [word.format(root=root, report=report) for word in args]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("KUBE", "GIT_"))}
    variables = clean | {"OPENAI_API_KEY": CANARY} | dict(env or {})
    ended = command(*words, cwd=root, env=variables, umask=umask)
    parsed = json.loads(report.read_text()) if report.exists() else {}
    return Ended(ended.code, f"{ended.stdout}\n{ended.stderr}", ended.peak, parsed)


def files_below(root: Path) -> dict[str, tuple[int, int]]:
    """What stands there, but for git's own folder, with size and time."""
    files = (p for p in root.rglob("*") if ".git" not in p.parts and not p.is_symlink())
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in files if p.is_file()}


def check_process(ended: Ended, memory: int = LARGEST) -> None:
    """What holds for each process, whatever it was given."""
    everything = ended.output + json.dumps(ended.report)
    assert [words for words in NEVER if words in everything] == []
    assert ended.memory < memory


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.id)
def test_a_process_of_its_own(case: Case, tmp_path: Path) -> None:
    root = write(tmp_path / "config", {**BASE, **case.files})
    case.prepare(root)
    before = files_below(root)

    ended = run(root, case.args or (APPLY if case.code else VALIDATE), case.env)

    print(ended.output)
    code = ended.code if case.args else ended.environment("prod")["exitCode"]
    assert (code, unmet(case, ended)) == (case.code, [])
    assert [words for words in case.unprinted if words in ended.output] == []
    if not case.args:
        assert unmet(NEIGHBOUR, ended, "spare") == [], "the other environment was checked, too"
    assert files_below(root) == before, "nothing is written"
    check_process(ended, case.memory)


def placed(case: Case) -> dict[str, str | bytes]:
    """The files of a case, in an environment of its own."""
    home = f"environments/{case.environment}/"
    return {
        path.replace(PROD, home): content.replace(PROD, home)
        if isinstance(content, str)
        else content
        for path, content in {**ENVIRONMENT, **case.files}.items()
    }


BESIDE = {
    "yaml": (APPLY, refused(yaml.CASES)),
    "jinja": (APPLY, refused(jinja.CASES)),
    "objects": (APPLY, refused(objects.CASES)),
    "git and cli": (APPLY, refused((*git.CASES, *cli.CASES))),
    "taken": (VALIDATE, [case for case in CASES if case.shares and not case.code]),
}


@pytest.mark.parametrize("rows", BESIDE)
def test_rows_side_by_side(rows: str, tmp_path: Path) -> None:
    args, cases = BESIDE[rows]
    root = write(
        tmp_path / "config", {**AROUND, **{p: t for c in cases for p, t in placed(c).items()}}
    )
    before = files_below(root)

    ended = run(root, args)

    print(ended.output)
    ends = {
        case.id: (
            ended.environment(case.environment)["exitCode"],
            unmet(case, ended, case.environment),
        )
        for case in cases
    }
    assert ends == {case.id: (case.code, []) for case in cases}
    assert [w for case in cases for w in case.unprinted if w in ended.output] == []
    assert unmet(NEIGHBOUR, ended, "spare") == [], "the other environment was checked, too"
    assert files_below(root) == before, "nothing is written"
    check_process(ended)


def test_no_row_holds_where_nothing_is_spoilt(tmp_path: Path) -> None:
    """A row that holds here as well proves nothing but its exit code."""
    ended = run(write(tmp_path / "config", BASE), VALIDATE)
    assert ended.environment("prod")["exitCode"] == 0
    assert [case.id for case in CASES if not unmet(case, ended)] == []


def test_a_report_is_a_file_as_the_umask_says(tmp_path: Path) -> None:
    root = write(tmp_path / "config", BASE)
    run(root, VALIDATE, umask=0o077)
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o600


def test_a_closed_stdout_is_no_error(tmp_path: Path) -> None:
    root = write(tmp_path, BASE)
    command = f"set -o pipefail; {INSTALLED} validate | true"
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 3, "what it would be with an open one: another environment is invalid"


def test_every_row_has_a_case_or_a_reason() -> None:
    assert {row.row for row in ROWS} == {f"C-{number:02}" for number in range(1, 71)}


def test_no_row_is_told_twice() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("row", [r for r in ROWS if isinstance(r, Elsewhere)], ids=lambda r: r.id)
def test_a_row_without_a_case_says_why(row: Elsewhere) -> None:
    assert len(row.why.split()) > 3
