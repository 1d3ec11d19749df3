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


class Log:
    """How stderr is written: text, or with `--log-format json` one object in each line.

    Every command obeys the variable; those that run long have the option, too.
    """

    def __init__(self) -> None:
        self.json = os.environ.get("RECONCILER_LOG_FORMAT") == "json"


LOG = Log()


def write_error(text: str) -> None:
    """Write a text to stderr, if there is one; its encoding escapes what it does not have."""
    if LOG.json:
        log("error", text.strip())
    elif sys.stderr is not None:
        sys.stderr.write(printable(text))
        sys.stderr.flush()


def log(level: str, message: str, **more: str | int) -> None:
    """Write an object with `time` (RFC 3339, UTC), `level` (info, error), `message` and more to stderr."""
    import json
    from datetime import UTC, datetime

    if sys.stderr is not None and message:
        entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level}
        sys.stderr.write(f"{printable(json.dumps(entry | more | {'message': message}))}\n")
        sys.stderr.flush()
