"""`reconciler report`: saved reports in any format, as one."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.cli import main
from reconciler.errors import ExitCode
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.scenarios import SCENARIOS


def save(path: Path, run: Run) -> str:
    path.write_text(FORMATS["json"].render(run, Style()))
    return str(path)


def named(run: Run, name: str) -> Run:
    (environment,) = run.environments
    return replace(run, environments=(replace(environment, name=name),))


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    return (
        save(tmp_path / "prod.json", SCENARIOS["drift"]()),
        save(tmp_path / "dev.json", named(SCENARIOS["in-sync"](), "dev")),
    )


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_one_report_in_any_format_is_what_its_run_printed_with_absolute_times(
    name: str, tmp_path: Path, files: tuple[str, str]
) -> None:
    out = tmp_path / "out"
    assert main(["report", files[0], "-o", f"{name}={out}"]) == ExitCode.DIFFERENCES
    assert out.read_text() == FORMATS[name].render(SCENARIOS["drift"](), Style())
    assert "just now" not in out.read_text(), "nobody knows when it is read"


def test_several_reports_are_one(files: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "all.json"
    assert main(["report", *files, "-o", f"json={out}"]) == ExitCode.DIFFERENCES
    report = json.loads(out.read_text())
    assert [each["name"] for each in report["environments"]] == ["prod", "dev"]
    assert report["exitCode"] == 1
    assert main(["report", *files, "--diff-exit-code", "0", "-o", f"json={out}"]) == 0


def test_a_missing_report_is_said_and_fails(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    expect = ["--expect", "prod", "--expect", "dev", "--expect", "eu"]
    assert main(["report", *files, *expect]) == ExitCode.SOURCE
    printed = capsys.readouterr().out
    assert "eu\n\nSTOPPED     eu\n  there is no report of this environment\n" in printed
    assert "eu           9     no report\n" in printed
    assert "; eu: no report\n" in printed
    assert main(["report", *files, "--expect", "2"]) == ExitCode.DIFFERENCES
    assert main(["report", *files, "--expect", "3"]) == ExitCode.SOURCE


def damaged(report: str) -> dict[str, tuple[str | bytes, str, str]]:
    """Content of a file, what is said about it, and what to do."""
    body = json.loads(report)
    job = "did the job that wrote it end too early, or did the disk fill up?"
    writes = "-o json=FILE of validate, diff, apply, drift, stamp or impact writes one"
    later = "if a later version wrote it, read it with that version"
    word = json.loads(report)
    word["environments"][0]["changes"][0]["state"] = "quarantined"
    return {
        "empty": ("", "the report is empty", job),
        "cut": (report[: len(report) // 2], "the report ends in the middle", job),
        "cut in a text": (report[: report.index("gw-backup") + 4], "ends in the middle", job),
        "other": ("prod: in sync\n", "the report is not JSON", writes),
        "list": ("[1, 2]", "this is JSON, but not a report", writes),
        "object": ('{"kind": "List"}', "this is JSON, but not a report", writes),
        "newer": (json.dumps(body | {"schemaVersion": "2"}), "schemaVersion is not 1", later),
        "newer word": (json.dumps(word), "is not a known State, but quarantined", later),
        "binary": (b"\xff\xfe{", "the file is not UTF-8", ""),
    }


@pytest.mark.parametrize(
    "damage", sorted(damaged(FORMATS["json"].render(SCENARIOS["drift"](), Style())))
)
def test_what_is_no_report_is_named_with_the_reason(
    damage: str, files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, message, hint = damaged(Path(files[0]).read_text())[damage]
    file = tmp_path / "bad.json"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    out = tmp_path / "out.md"
    assert main(["report", files[1], str(file), "-o", f"markdown={out}"]) == ExitCode.USAGE
    first, *more = capsys.readouterr().err.splitlines()
    assert first.startswith(f"error: {file}: ")
    assert message in first
    assert more == ([f"  help: {hint}"] if hint else [])
    assert not out.exists()


def test_a_file_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none.json"
    assert main(["report", str(file)]) == ExitCode.SOURCE
    help_ = f"  help: -o json={file} of a run writes it\n"
    assert capsys.readouterr().err == f"error: {file}: No such file or directory\n{help_}"


def test_annotations_reach_the_runner_and_nothing_else_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    (top / ".git").mkdir(parents=True)
    (top / "config").mkdir()
    monkeypatch.chdir(top / "config")
    file = save(tmp_path / "drift.json", SCENARIOS["drift"]())
    assert main(["report", file, "-o", "github"]) == ExitCode.DIFFERENCES
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("::error file=config/") for line in lines) == 10
    hostile = save(tmp_path / "hostile.json", SCENARIOS["hostile"]())
    main(["report", hostile, "-o", "github"])
    for line in capsys.readouterr().out.splitlines():
        assert line.startswith(("::error ", "::warning ", "::notice ")) or "::" not in line
    main(["report", hostile, "-o", "text"])
    assert not any(line.startswith("::") for line in capsys.readouterr().out.splitlines())


def test_each_environment_of_other_commits_is_shown_with_its_own(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(
        SCENARIOS["in-sync"](), revision=Revision("b" * 40), finished="2026-07-25T00:00:00Z"
    )
    assert main(["report", files[0], save(tmp_path / "b.json", named(other, "dev"))]) == 1
    printed = capsys.readouterr().out
    assert "git a1b2c3d" in printed
    assert "git bbbbbbb" in printed


def test_reports_of_different_commands_are_not_mixed(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    diff = save(tmp_path / "diff.json", SCENARIOS["review"]())
    assert main(["report", *files, diff]) == ExitCode.USAGE
    assert "different commands: diff, drift" in capsys.readouterr().err


def test_what_another_job_left_in_its_report_is_masked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "sk-ant-api03-" + "aB3" * 12
    run = Run(
        SCENARIOS["drift"]().verb,
        "1",
        SCENARIOS["drift"]().revision,
        (EnvironmentRun("prod", ExitCode.OK, notes=(f"it said {key}",)),),
    )
    assert main(["report", save(tmp_path / "r.json", run)]) == 0
    printed = capsys.readouterr().out
    assert key not in printed
    assert "it said" in printed


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_in_a_folder_is_left_out(
    kind: str, files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipe would block the run."""
    odd = tmp_path / "odd.json"
    os.mkfifo(odd) if kind == "pipe" else odd.mkdir()
    assert main(["report", str(tmp_path), "-o", "json"]) == ExitCode.DIFFERENCES
    assert len(json.loads(capsys.readouterr().out)["environments"]) == len(files)


def test_the_name_of_a_file_begins_no_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a\n::error::b\x1b[31m.json").write_text("{}")
    assert main(["report", str(tmp_path)]) == ExitCode.USAGE
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.startswith(f"error: {tmp_path}/a\\n::error::b\\u001b[31m.json: this is JSON")


def test_a_file_without_an_end_is_not_read_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "/dev/zero"]) == ExitCode.USAGE
    assert "/dev/zero: the file is larger than any report" in capsys.readouterr().err


def test_the_reports_of_a_folder_are_one(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no report")
    out = tmp_path / "elsewhere/all.json"
    out.parent.mkdir()
    assert main(["report", str(tmp_path), "-o", f"json={out}"]) == ExitCode.DIFFERENCES
    names = {each["name"] for each in json.loads(out.read_text())["environments"]}
    assert names == {"prod", "dev"}
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["report", files[0], str(empty)]) == ExitCode.USAGE
    assert f"{empty}: there is no file *.json in this folder" in capsys.readouterr().err
