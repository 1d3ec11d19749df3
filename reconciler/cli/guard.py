"""One place where errors become a line on stderr and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from reconciler.errors import Bug, ExitCode, ReconcilerError


class Terminated(BaseException):
    """SIGTERM came: finally-blocks run, then 143."""


def guarded(start: Callable[[], int]) -> int:
    """Run `start`; whatever it raises ends as one message and the documented exit code."""
    signal.signal(signal.SIGTERM, _on_term)
    try:
        code = start()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _say("interrupted", "", ExitCode.INTERRUPTED)
    except Terminated:
        return _say("terminated", "", ExitCode.TERMINATED)
    except ReconcilerError as error:
        text = f"{error.where}: {error.message}" if error.where else error.message
        return _say(text, error.hint, error.exit_code)
    except BrokenPipeError:
        # The reader of stdout has gone; a second complaint at interpreter exit would only confuse.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 -- the one place that may see a bug
        return _click_or_bug(error)
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
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"  help: {hint}", file=sys.stderr)
    return code


def _on_term(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated
