"""stdout and stderr: the one place where a text leaves for a terminal or a log. What they would act on is escaped."""

from __future__ import annotations

import os
import sys

from reconciler.errors import RepositoryError
from reconciler.text.printable import printable


def write_out(text: str, *, color: bool = False, commands: bool = False) -> None:
    """Write a text to stdout, with its colours and its commands for a CI runner or without.

    A closed pipe or stdout is no error.

    Raises:
        RepositoryError: stdout cannot be written, for example because a disk is full.
    """
    if sys.stdout is None:
        return
    try:
        # Escape characters that the encoding of the locale does not have, instead of failing after the run.
        encoding = sys.stdout.encoding or "utf-8"
        shown = printable(text, color=color, commands=commands)
        sys.stdout.write(shown.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # Otherwise the interpreter reports the same error again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise RepositoryError(f"stdout cannot be written: {error.strerror}") from None


def write_error(text: str) -> None:
    """Write a text to stderr, if there is one; its encoding escapes what it does not have."""
    if sys.stderr is not None:
        sys.stderr.write(printable(text))
        sys.stderr.flush()


def show_progress(text: str) -> None:
    """Show a line on a terminal in place of the one before; "" removes it. A log gets nothing."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{printable(text)}")
        sys.stderr.flush()
