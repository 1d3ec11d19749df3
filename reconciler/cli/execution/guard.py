"""Turns every exception into a message on stderr and an exit code."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reconciler.cli.execution.stop import STOP, Stopped
from reconciler.errors import Bug, ExitCode, Interrupted, ReconcilerError


def guarded(start: Callable[[], int]) -> int:
    """Run `start`. If it raises an exception, print one message and return the documented exit code."""
    STOP.listen()
    try:
        code = start()
    except Stopped as stopped:
        return _print_error("interrupted", "", stopped.code)
    except ReconcilerError as error:
        signalled = STOP.code if isinstance(error, Interrupted) else None
        return _print_error(_text(error), error.hint, signalled or error.exit_code)
    except SystemExit:
        # Click raises this if the reader of --help has closed the pipe; for reports see `write_out`.
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 -- every other exception is a bug
        return _click_or_bug(error)
    if STOP.code is not None:
        return _print_error("interrupted; the report shows what was done", "", STOP.code)
    return code


def raise_any(failures: Sequence[ReconcilerError]) -> None:
    """End a command that went on after failures: print all but the last, which is raised.

    Raises:
        ReconcilerError: the last of the failures.
    """
    for error in failures[:-1]:
        _print_error(_text(error), error.hint, error.exit_code)
    if failures:
        raise failures[-1]


def _text(error: ReconcilerError) -> str:
    """On one line up to the message: somebody else may have named the file."""
    from reconciler.text.printable import escaped

    return f"{escaped(error.where)}: {error.message}" if error.where else error.message


def _click_or_bug(error: Exception) -> int:
    import click

    if isinstance(error, click.ClickException):
        error.show(_Shown())
        return ExitCode.USAGE
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        return _print_error("interrupted", "", ExitCode.INTERRUPTED)
    bug = Bug.of(error)
    return _print_error(bug.message, bug.hint, ExitCode.BUG)


class _Shown(io.StringIO):
    """What click prints about a mistake, which quotes arguments."""

    def write(self, text: str) -> int:
        _print(text)
        return len(text)


def _print_error(message: str, hint: str, code: ExitCode) -> ExitCode:
    from reconciler.cli.execution.streams import LOG, log
    from reconciler.cli.execution.termination import TERMINATION
    from reconciler.text.foreign import masked_text

    TERMINATION.add(lambda: masked_text(f"error: {message}; exit {int(code)}"))
    if LOG.json:
        more = {"help": masked_text(hint)} if hint else {}
        log("error", masked_text(message), code=int(code), **more)
        return code
    _print(f"error: {message}\n")
    if hint:
        _print(f"  help: {hint}\n")
    return code


def _print(text: str) -> None:
    from reconciler.cli.execution.streams import write_error
    from reconciler.text.foreign import masked_text

    write_error(masked_text(text))
