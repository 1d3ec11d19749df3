"""One place where errors become a line on stderr and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

from reconciler.cli.stop import STOP, Stopped
from reconciler.errors import Bug, ExitCode, ReconcilerError
from reconciler.text.credentials import masked


def guarded(start: Callable[[], int]) -> int:
    """Run `start`; whatever it raises ends as one message and the documented exit code."""
    STOP.listen()
    try:
        code = start()
    except Stopped as stopped:
        return _say("interrupted", "", stopped.code)
    except ReconcilerError as error:
        text = f"{error.where}: {error.message}" if error.where else error.message
        return _say(text, error.hint, error.exit_code)
    except SystemExit:
        # How click takes it that the reader of a --help has gone; of a report see `write_out`.
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 -- the one place that may see a bug
        return _click_or_bug(error)
    if STOP.code is not None:
        return _say("interrupted; the report says what was done", "", STOP.code)
    return code


def _click_or_bug(error: Exception) -> int:
    import click

    if isinstance(error, click.ClickException):
        error.show(sys.stderr)
        return ExitCode.USAGE
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        return _say("interrupted", "", ExitCode.INTERRUPTED)
    bug = Bug.of(error)
    return _say(bug.message, bug.hint, ExitCode.BUG)


def _say(message: str, hint: str, code: ExitCode) -> ExitCode:
    print(f"error: {masked(message)}", file=sys.stderr)
    if hint:
        print(f"  help: {masked(hint)}", file=sys.stderr)
    return code
