"""What each environment is doing, on stderr, while a run takes long. stdout is that of a run without it.

| stderr | shown |
|---|---|
| a terminal | after half a second, a line for each environment, in place; gone at the end |
| a log, or a terminal with `CI=true` | every half minute, one line, unless stdout has a report for programs |
| `--log-format json` | each step as an object, once |
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TextIO

from reconciler.cli.streams import LOG, log, write_error
from reconciler.text.foreign import masked_text
from reconciler.text.printable import escaped

if TYPE_CHECKING:
    from rich.console import RenderableType

_DELAY: Final = 0.5  # seconds; most runs end before
_INTERVAL: Final = 30.0
_MOST: Final = 10  # environments at a time

Show = Callable[[str, str], None]


class Board:
    """What the environments that are not done do, and since when; written by several threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._doing: dict[str, tuple[str, float]] = {}

    def show(self, environment: str, doing: str) -> None:
        with self._lock:
            before, since = self._doing.pop(environment, ("", 0.0))
            if doing:
                # Only the figures change while a step goes on.
                same = _step(before) == _step(doing)
                self._doing[environment] = (doing, since if same else self._monotonic())

    def rows(self) -> tuple[list[tuple[str, str, int]], int]:
        """Environment, what it does, for how many seconds; and how many environments are left out."""
        with self._lock:
            now = self._monotonic()
            rows = [
                (escaped(masked_text(name)), escaped(masked_text(doing)), int(now - since))
                for name, (doing, since) in self._doing.items()
            ]
        return rows[:_MOST], len(rows[_MOST:])


@contextmanager
def shown(
    *, quiet: bool, lines: bool = True, environ: Mapping[str, str] = os.environ
) -> Iterator[Show]:
    """A function that shows what an environment does, until the run ends; without `lines` a log gets nothing."""
    stream = None if quiet else sys.stderr
    in_ci = environ.get("CI", "").lower() in ("1", "true")
    interactive = stream is not None and stream.isatty() and not in_ci
    if stream is None or not (interactive or lines or LOG.json):
        yield lambda _environment, _doing: None
    elif LOG.json:
        yield StepLog().show
    else:
        board, ended = Board(), threading.Event()
        target = _in_place if interactive else _in_lines
        thread = threading.Thread(target=target, args=(board, ended, stream), daemon=True)
        thread.start()
        try:
            yield board.show
        finally:
            ended.set()
            thread.join()


class StepLog:
    """Each step of an environment once; figures within a step are for a terminal."""

    def __init__(self) -> None:
        self._steps: dict[str, str] = {}

    def show(self, environment: str, doing: str) -> None:
        step = _step(doing)
        if self._steps.get(environment) != step:
            self._steps[environment] = step
            log("info", doing or "done", environment=environment)


def _step(doing: str) -> str:
    """`applying`, of `applying: 3 of 20 objects`."""
    return doing.partition(":")[0]


def _in_lines(board: Board, ended: threading.Event, _: TextIO) -> None:
    while not ended.wait(_INTERVAL):
        write_error(line(board))


def line(board: Board) -> str:
    """One line about all environments: what a log gets."""
    rows, more = board.rows()
    texts = [f"{name}: {doing}, {seconds} s" for name, doing, seconds in rows]
    if more:
        texts.append(f"{more} more")
    return f"running: {'; '.join(texts)}\n" if texts else ""


def _in_place(board: Board, ended: threading.Event, stream: TextIO) -> None:
    if ended.wait(_DELAY):
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    class Visible(Console):
        """Never hides the cursor: a second signal ends the process at once."""

        def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002 -- as rich has it
            return False

    spinner = Spinner("dots")
    options: dict[str, Any] = {"redirect_stdout": False, "redirect_stderr": False}
    with Live(
        get_renderable=lambda: _table(board, spinner),
        console=Visible(file=stream, markup=False, highlight=False),
        transient=True,
        refresh_per_second=8,
        **options,
    ):
        ended.wait()


def _table(board: Board, spinner: RenderableType) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    rows, more = board.rows()
    table = Table.grid(padding=(0, 1))
    for name, doing, seconds in rows:
        table.add_row(spinner, Text(name), Text(doing), Text(f"{seconds} s", style="dim"))
    if more:
        table.add_row("", Text(f"and {more} more"))
    return table
