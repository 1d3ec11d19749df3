"""The line about the exit code of a run."""

from __future__ import annotations

from typing import Final

from reconciler.errors import ExitCode
from reconciler.model.run import Run
from reconciler.reports._words import literal, phrase

_EXITS: Final[dict[ExitCode, str]] = {
    ExitCode.OK: "done",
    ExitCode.DIFFERENCES: "differences",
    ExitCode.USAGE: "usage or environment file",
    ExitCode.INVALID: "the desired state is invalid",
    ExitCode.CLUSTER: "the cluster could not be read",
    ExitCode.PARTIAL: "applied in part",
    ExitCode.LOCK: "the lock is held or lost",
    ExitCode.SAFETY: "stopped for safety",
    ExitCode.SOURCE: "the source could not be read",
    ExitCode.BUG: "a bug",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.TERMINATED: "terminated",
}


def exit_line(run: Run) -> str:
    """`exit 1: drift, missing key`: with several environments, each with its name."""
    several = len(run.environments) > 1
    reasons: dict[str, None] = {}
    for environment in run.environments:
        if environment.exit_code is ExitCode.OK:
            continue
        words = environment.exit_reasons or (_EXITS[environment.exit_code],)
        listed = ", ".join(map(phrase, words))
        reasons[f"{literal(environment.name)}: {listed}" if several else listed] = None
    joined = ("; " if several else ", ").join(reasons)
    return f"exit {int(run.exit_code)}" + (f": {joined}" if joined else "")
