"""Sinks, colour, and the last door: nothing leaves that holds a secret value, and no file is torn."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from reconciler.adapters.redactor import MARK, SecretRedactor
from reconciler.cli.delivery.output import (
    Sink,
    emit,
    sinks,
    use_color,
    write_file,
    write_reports,
)
from reconciler.cli.delivery.redaction import cleaned
from reconciler.errors import ExitCode, ReconcilerError, RepositoryError, UsageError
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run, RunError
from reconciler.model.verbs import APPLY, DIFF
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.fakes import NoRedactor

VALUE = "canary-7f3e91-of-a-secret"
COLOR_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM")


class Terminal(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


class MasksNothing(NoRedactor):
    """`ports.Redactor` that sees a value, and cannot remove it."""

    def leaks(self, text: str) -> bool:
        return VALUE in text


@pytest.fixture
def redactor() -> SecretRedactor:
    made = SecretRedactor()
    made.register(VALUE.encode())
    return made


class TestColor:
    """--color, then NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM=dumb, then the stream."""

    @pytest.mark.parametrize(
        ("choice", "variables", "tty", "expected"),
        [
            ("auto", {}, True, True),
            ("auto", {}, False, False),
            ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
            ("never", {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, True, False),
            ("auto", {"NO_COLOR": "1"}, True, False),
            ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
            ("auto", {"NO_COLOR": "0"}, True, False),  # any value counts, by no-color.org
            ("auto", {"NO_COLOR": ""}, True, True),
            ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
            ("auto", {"FORCE_COLOR": "0"}, False, False),
            ("auto", {"FORCE_COLOR": ""}, False, False),
            ("auto", {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, False, True),
            ("auto", {"CLICOLOR_FORCE": "0"}, False, False),
            ("auto", {"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, False, True),
            ("auto", {"TERM": "dumb"}, True, False),
            ("auto", {"TERM": "xterm"}, True, True),
            ("auto", {"TERM": "xterm"}, False, False),
        ],
    )
    def test_the_first_that_speaks_decides(
        self,
        monkeypatch: pytest.MonkeyPatch,
        choice: str,
        variables: dict[str, str],
        tty: bool,
        expected: bool,
    ) -> None:
        for name in COLOR_VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert use_color(choice, Terminal(tty=tty)) is expected


class TestSinks:
    """Every `-o`."""

    def test_none_is_text_on_stdout(self) -> None:
        assert sinks([]) == (Sink("text"),)

    def test_each_is_a_format_and_maybe_a_file(self, tmp_path: Path) -> None:
        file = str(tmp_path / "a=b.json")
        assert sinks(["text", f"json={file}", "markdown=c.md"]) == (
            Sink("text"),
            Sink("json", file),
            Sink("markdown", "c.md"),
        )

    @pytest.mark.parametrize(
        ("outputs", "message", "hint"),
        [
            (["jsno"], "-o jsno: unknown format", "json"),
            (["xyzzy"], "unknown format", f"there are {', '.join(sorted(FORMATS))}"),
            ([""], "unknown format", f"there are {', '.join(sorted(FORMATS))}"),
            (["JSON"], "unknown format", "json"),
            (["json=nowhere/report.json"], "the folder nowhere does not exist", ""),
            (["json=/nowhere-at-all/x"], "the folder /nowhere-at-all does not exist", ""),
            (["json=."], ". is a folder", ""),
            (["text", "json"], "two reports to stdout", "-o json=report.json"),
            (["text", "text"], "two reports to stdout", "-o json=report.json"),
            (["text="], "", ""),
        ],
    )
    def test_what_cannot_be_is_refused_before_anything_runs(
        self, outputs: list[str], message: str, hint: str
    ) -> None:
        if not message:
            assert sinks(outputs) == (Sink("text"),)
            return
        with pytest.raises(UsageError) as caught:
            sinks(outputs)
        assert message in caught.value.message
        assert hint in caught.value.hint
        assert caught.value.exit_code is ExitCode.USAGE

    def test_a_file_below_a_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(UsageError):
            sinks([f"json={tmp_path}/file/report.json"])


class Word(StrEnum):
    """Our own words: one of them is what the Secret holds."""

    SAME = VALUE


@dataclass(frozen=True, slots=True)
class Inner:
    """Below."""

    text: str
    word: Word = Word.SAME
    number: int = 7


@dataclass(frozen=True, slots=True)
class Outer:
    """Above."""

    inner: Inner
    several: tuple[Inner, ...]
    words: frozenset[Word] = frozenset({Word.SAME})
    nothing: None = None
    derived: str = dataclasses.field(default="made here", init=False)


class TestCleaned:
    """Every string of a value passes the redactor."""

    def test_strings_of_nested_values_are_redacted(self, redactor: SecretRedactor) -> None:
        inner = Inner(f"key={VALUE}!")
        cleaned_value = cleaned(Outer(inner, (inner, inner)), redactor)
        assert cleaned_value.inner.text == f"key={MARK}!"
        assert [single.text for single in cleaned_value.several] == [f"key={MARK}!"] * 2
        assert cleaned_value.inner.number == 7
        assert cleaned_value.derived == "made here"

    def test_our_own_words_stay_whatever_a_secret_holds(self, redactor: SecretRedactor) -> None:
        """A Secret whose value is `unchanged` must not make the state of every object unreadable."""
        cleaned_value = cleaned(Outer(Inner(""), ()), redactor)
        assert cleaned_value.inner.word is Word.SAME
        assert cleaned_value.words == {Word.SAME}
        assert cleaned(APPLY, redactor) is APPLY

    def test_a_tuple_of_strings_is_redacted(self, redactor: SecretRedactor) -> None:
        assert cleaned(("a", VALUE), redactor) == ("a", MARK)

    def test_a_whole_run_is_redacted(self, redactor: SecretRedactor) -> None:
        error = RunError(f"the server says {VALUE}", f"hint {VALUE}", f"{VALUE}:1")
        single = EnvironmentRun("prod", ExitCode.CLUSTER, notes=(VALUE,), error=error)
        run = Run(DIFF, "1", Revision(), (single,))
        cleaned_value = cleaned(run, redactor)
        assert VALUE not in repr(cleaned_value)
        assert cleaned_value.exit_code == ExitCode.CLUSTER
        assert cleaned_value.verb is DIFF


class TestWriteFile:
    """Old or new, never torn."""

    def test_it_makes_the_folder_and_leaves_nothing_beside(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "b" / "report.json"
        write_file(path, "one\n")
        write_file(path, "two\n")
        assert path.read_text() == "two\n"
        assert [file.name for file in path.parent.iterdir()] == ["report.json"]

    def test_what_cannot_be_written_leaves_the_old_text(self, tmp_path: Path) -> None:
        path = tmp_path / "report.json"
        path.write_text("old\n")
        with pytest.raises(UnicodeEncodeError):
            write_file(path, "new \ud800\n")
        assert path.read_text() == "old\n"
        assert [file.name for file in tmp_path.iterdir()] == ["report.json"]

    def test_a_reader_that_has_the_old_file_open_reads_the_old_text(self, tmp_path: Path) -> None:
        path = tmp_path / "report.json"
        path.write_text("old\n")
        with path.open() as reader:
            write_file(path, "new, and much longer\n")
            assert reader.read() == "old\n"
        assert path.read_text() == "new, and much longer\n"

    def test_a_folder_below_a_file_is_said_with_its_path(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(RepositoryError) as caught:
            write_file(tmp_path / "file" / "report.json", "x")
        assert caught.value.exit_code is ExitCode.SOURCE
        assert caught.value.where == str(tmp_path / "file" / "report.json")

    def test_a_device_is_written_as_it_is(self) -> None:
        write_file(Path("/dev/null"), "x")
        assert Path("/dev/null").is_char_device()

    def test_a_pipe_is_written_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "pipe"
        os.mkfifo(path)
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.append(path.read_text()), daemon=True)
        reader.start()
        write_file(path, "through\n")
        reader.join(timeout=600)
        assert read == ["through\n"]
        assert path.is_fifo()


class TestEmit:
    """The last check fails closed."""

    def test_a_value_that_a_format_put_together_is_masked(
        self, redactor: SecretRedactor, capsys: pytest.CaptureFixture[str]
    ) -> None:
        emit(f"so: {VALUE}", Sink("text"), redactor)
        assert capsys.readouterr().out == f"so: {MARK}\n"

    def test_a_text_with_a_value_in_it_is_written_nowhere(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "report.json"
        path.write_text("old")
        for sink in (Sink("json", str(path)), Sink("text")):
            with pytest.raises(ReconcilerError) as caught:
                emit(f"so: {VALUE}", sink, MasksNothing())
            assert caught.value.exit_code is ExitCode.BUG
            assert VALUE not in caught.value.message + caught.value.hint
        assert path.read_text() == "old"
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize("text", ["one line", "one line\n"])
    def test_a_text_ends_with_one_newline(
        self, text: str, redactor: SecretRedactor, capsys: pytest.CaptureFixture[str]
    ) -> None:
        emit(text, Sink("text"), redactor)
        assert capsys.readouterr().out == "one line\n"


def test_every_sink_gets_its_format_and_only_a_terminal_gets_colour(
    tmp_path: Path, redactor: SecretRedactor, capsys: pytest.CaptureFixture[str]
) -> None:
    error = RunError(f"it says {VALUE}", exit_code=ExitCode.CLUSTER)
    single = EnvironmentRun("prod", ExitCode.CLUSTER, error=error)
    run = Run(DIFF, "1", Revision(), (single,))
    targets = [
        Sink("text"),
        Sink("json", str(tmp_path / "r.json")),
        Sink("text", str(tmp_path / "r")),
    ]
    write_reports(run, targets, redactor, Style(), color="always")
    shown, stored = capsys.readouterr().out, (tmp_path / "r").read_text()
    assert "\x1b[" in shown
    assert "\x1b[" not in stored
    assert json.loads((tmp_path / "r.json").read_text())["environments"][0]["name"] == "prod"
    for text in (shown, stored, (tmp_path / "r.json").read_text()):
        assert VALUE not in text
        assert MARK in text
