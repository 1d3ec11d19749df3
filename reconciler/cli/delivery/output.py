"""Writes reports and other texts. The redactor cleans them here; a text that still contains a secret is not written."""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reconciler.cli.delivery.links import refuse_links
from reconciler.cli.execution.streams import write_out
from reconciler.errors import ReconcilerError, RepositoryError, UsageError
from reconciler.frozen import dataclass
from reconciler.model.run import Run
from reconciler.ports import Redactor
from reconciler.report import Style
from reconciler.text.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Sink:
    """One `-o FORMAT[=PATH]`; an empty path is stdout."""

    format: str
    path: str = ""


def sinks(
    outputs: Iterable[str], *, repository: str = ".", quiet: bool = False
) -> tuple[Sink, ...]:
    """The sinks of all `-o`; without any, text on stdout, or with `quiet` none.

    Args:
        repository: the folder whose links are not followed.

    Raises:
        RepositoryError: a path is a link in the repository.
        UsageError: a format is unknown, a path cannot be a file, or a quiet run would write to stdout.
    """
    from reconciler.reports import FORMATS

    targets = []
    for text in outputs:
        name, _, path = text.partition("=")
        if name not in FORMATS:
            near = did_you_mean(name, FORMATS)
            known = f"there are {', '.join(sorted(FORMATS))}"
            raise UsageError(f"-o {name}: unknown format", hint=near or known)
        if path and not Path(path).parent.is_dir():
            raise UsageError(f"-o {text}: the folder {Path(path).parent} does not exist")
        if path and Path(path).is_dir():
            raise UsageError(f"-o {text}: {path} is a folder")
        if path:
            refuse_links(Path(path), Path(repository))
        targets.append(Sink(name, path))
    places = [os.path.realpath(sink.path) if sink.path else "stdout" for sink in targets]
    if twice := [place for place in places if places.count(place) > 1]:
        raise UsageError(
            f"two reports to {twice[0]}", hint="write each to its own file: -o json=report.json"
        )
    if quiet and "stdout" in places:
        raise UsageError("--quiet prints no report", hint="write it to a file: -o text=report.txt")
    return tuple(targets) or (() if quiet else (Sink("text"),))


def text_or_json(output: str, command: str, repository: str = ".") -> Sink:
    """The sink of a command that prints no report of a run.

    Raises:
        UsageError: the format is another one, or the path cannot be a file.
    """
    if output.partition("=")[0] not in ("text", "json"):
        raise UsageError(f"-o {output}: {command} has the formats text and json")
    (sink,) = sinks((output,), repository=repository)
    return sink


def use_color(choice: str, stream: Any) -> bool:
    """--color, then NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether the stream is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if os.environ.get(name, "0") not in ("", "0"):
            return True
    return os.environ.get("TERM") != "dumb" and stream is not None and bool(stream.isatty())


def write_reports(
    run: Run,
    targets: Iterable[Sink],
    redactor: Redactor,
    style: Style,
    *,
    color: str,
    saved: bool = False,
) -> None:
    """Format a run for each sink, in colour if the sink supports it.

    Args:
        saved: the run ended at some time before, so that no report has relative times.

    Raises:
        RepositoryError: a file cannot be written; its old content is kept.
    """
    from reconciler.cli.delivery.redaction import cleaned
    from reconciler.reports import FORMATS

    clean = cleaned(run, redactor)
    for sink in sorted(
        targets, key=lambda sink: not sink.path
    ):  # files first: stdout may be closed
        to_terminal = not sink.path and use_color(color, sys.stdout)
        chosen = FORMATS[sink.format]
        now = run.finished if chosen.relative and not saved else ""
        styled = dataclasses.replace(style, color=to_terminal, now=now)
        text = chosen.render(clean, styled)
        emit(text, sink, redactor, color=to_terminal, commands=chosen.commands)


def verdict_line(run: Run, redactor: Redactor) -> str:
    """The verdict in one line without secrets; "" if a secret value would be left in it."""
    from reconciler.cli.delivery.redaction import cleaned
    from reconciler.reports import FORMATS

    line = redactor.clean_name(FORMATS["line"].render(cleaned(run, redactor), Style()))
    return "" if redactor.leaks(line) else line


def emit(
    text: str, sink: Sink, redactor: Redactor, *, color: bool = False, commands: bool = False
) -> None:
    """Write a text, in colour, or with commands for a CI runner.

    A secret value that a format put together from harmless parts is masked here.

    Raises:
        ReconcilerError: the text still contains a secret value; nothing was written.
    """
    text = without_secrets(text, redactor)
    if not text.endswith("\n"):
        text += "\n"
    if sink.path:
        write_file(Path(sink.path), text)
    else:
        write_out(text, color=color, commands=commands)


def without_secrets(text: str, redactor: Redactor) -> str:
    """The text as it may leave.

    Raises:
        ReconcilerError: it still contains a secret value.
    """
    if redactor.leaks(text):
        text = redactor.clean_name(text)
    if redactor.leaks(text):
        raise ReconcilerError(
            "a report contained a secret value and was not written",
            hint="this is a bug: please report the command and the format",
        )
    return text


def write_file(path: Path, text: str) -> None:
    """Write a file atomically.

    Raises:
        RepositoryError: it cannot be written; its old content is kept.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as error:
        raise RepositoryError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _replace(path: Path, text: str) -> None:
    """Replace a file atomically, or write to a device or a pipe."""
    path = Path(os.path.realpath(path))  # keeps a symbolic link
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            os.fchmod(file.fileno(), 0o666 & ~umask)  # the mode of any other new file
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
