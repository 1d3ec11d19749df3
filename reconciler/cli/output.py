"""Reports to their sinks. Everything printed or stored passes the redactor here, and the last check fails closed."""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from reconciler.errors import ReconcilerError, RepositoryError, UsageError
from reconciler.model.run import Run
from reconciler.model.verbs import Verb
from reconciler.ports import Redactor
from reconciler.report import Style
from reconciler.text.credentials import masked
from reconciler.text.suggest import did_you_mean

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sink:
    """One `-o FORMAT[=PATH]`; an empty path is stdout."""

    format: str
    path: str = ""


def sinks(outputs: Iterable[str]) -> tuple[Sink, ...]:
    """Read every `-o`; none means text on stdout.

    Raises:
        UsageError: unknown format, or a path that cannot be a file.
    """
    from reconciler.reports import FORMATS

    targets = []
    for text in outputs:
        name, _, path = text.partition("=")
        if name not in FORMATS:
            near = did_you_mean(name, FORMATS)
            known = f"there are {', '.join(sorted(FORMATS))}"
            raise UsageError(f"-o {name}: there is no such format", hint=near or known)
        if path and not Path(path).parent.is_dir():
            raise UsageError(f"-o {text}: the folder {Path(path).parent} does not exist")
        if path and Path(path).is_dir():
            raise UsageError(f"-o {text}: {path} is a folder")
        targets.append(Sink(name, path))
    places = [os.path.realpath(sink.path) if sink.path else "stdout" for sink in targets]
    if twice := [place for place in places if places.count(place) > 1]:
        raise UsageError(
            f"two reports to {twice[0]}", hint="give each a place of its own: -o json=report.json"
        )
    return tuple(targets) or (Sink("text"),)


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
    run: Run, targets: Iterable[Sink], redactor: Redactor, style: Style, *, color: str
) -> None:
    """Format a run once per sink, in colour where the sink takes it.

    Raises:
        RepositoryError: a file cannot be written; what stood there before is untouched.
    """
    from reconciler.reports import FORMATS

    clean = cleaned(run, redactor)
    for sink in sorted(targets, key=lambda sink: not sink.path):  # files first: stdout may be gone
        to_terminal = not sink.path and use_color(color, sys.stdout)
        styled = dataclasses.replace(style, color=to_terminal, now=run.finished)
        emit(FORMATS[sink.format].render(clean, styled), sink, redactor)


def emit(text: str, sink: Sink, redactor: Redactor) -> None:
    """Write one text, unless a secret value stands in it."""
    if redactor.leaks(text):
        raise ReconcilerError(
            "a report held a secret value and was not written",
            hint="this is a bug: please report the command and the format",
        )
    if not text.endswith("\n"):
        text += "\n"
    if sink.path:
        write_file(Path(sink.path), text)
    else:
        write_out(text)


def write_out(text: str) -> None:
    """Text to stdout. A reader that has gone, or a stdout that is closed, is no error.

    Raises:
        RepositoryError: stdout cannot take it: a full disk.
    """
    if sys.stdout is None:
        return
    try:
        # Whatever the locale's encoding cannot say is escaped, not a crash after the work is done.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # A second complaint at interpreter exit would only confuse.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise RepositoryError(f"stdout cannot be written: {error.strerror}") from None


def write_file(path: Path, text: str) -> None:
    """Old or new, never torn.

    Raises:
        RepositoryError: it cannot be written; what stood there before is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as error:
        raise RepositoryError(f"cannot be written: {error.strerror}", where=str(path)) from None


def cleaned(value: T, redactor: Redactor) -> T:
    """The same value without secrets in its strings: every registered one, and what has the shape of a credential.

    A key that someone pasted as a name, a key or a namespace stands in messages and references of all sorts.
    """

    @cache
    def clean(text: str) -> str:
        return masked(redactor.clean(text))

    result: T = _cleaned(value, clean)
    return result


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, Enum | Verb):
        return value  # our own words, whatever a Secret holds
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(each, clean) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {
            f.name: _cleaned(getattr(value, f.name), clean)
            for f in dataclasses.fields(value)
            if f.init
        }
        return dataclasses.replace(value, **changes)
    return value


def _replace(path: Path, text: str) -> None:
    """Old or new, never torn; a device or a pipe is written to as it is."""
    path = Path(os.path.realpath(path))  # a link keeps leading there
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
            os.fchmod(
                file.fileno(), 0o666 & ~umask
            )  # as any file that is written, not as a secret one
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
