"""Reads reports that another job saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from reconciler.errors import RepositoryError, UsageError
from reconciler.model.run import Run

_LARGEST = 32 * 1024 * 1024  # bytes of a report


def reports_in(names: Iterable[str]) -> Iterator[str]:
    """The files that are named, and of each folder the files `*.json` in it.

    Raises:
        UsageError: a folder has none.
    """
    for name in names:
        if not Path(name).is_dir():
            yield name
            continue
        files = sorted(file for file in Path(name).glob("*.json") if file.is_file())
        if not files:
            raise UsageError("there is no file *.json in this folder", where=name)
        yield from map(str, files)


def read_report(file: str) -> Run:
    """The run in a JSON report.

    Raises:
        UsageError: the file is not a report.
        RepositoryError: it cannot be read.
    """
    return run_in(read_text(file), file)


def run_in(text: str, file: str) -> Run:
    """The run in the text of a JSON report.

    Raises:
        UsageError: it is not a report.
    """
    from reconciler.reports.json import run_from_json

    try:
        return run_from_json(text)
    except UsageError as error:
        raise UsageError(error.message, hint=error.hint, where=error.where or file) from None


def read_text(file: str) -> str:
    """The text of a report in any format.

    Raises:
        UsageError: the file is too large, or not UTF-8.
        RepositoryError: it cannot be read.
    """
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise UsageError("the file is larger than any report", where=file)
        return content.decode()
    except UnicodeDecodeError as error:
        raise UsageError("the file is not UTF-8", where=file) from error
    except OSError as error:
        hint = f"-o json={file} of a run writes it" if file.endswith(".json") else ""
        raise RepositoryError(str(error.strerror), hint=hint, where=file) from error
