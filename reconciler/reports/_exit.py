"""The line about the exit code of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.errors import ExitCode, worst
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
    """`exit 1: drift, missing key`: with several environments, each with its name.

    A review adds what an apply would end with: `exit 1: changes; apply would end with 8: refused`.
    """
    reasons = _joined(
        run,
        {
            each.name: each.exit_reasons or (_EXITS[each.exit_code],)
            for each in run.environments
            if each.exit_code is not ExitCode.OK
        },
    )
    line = f"exit {int(run.exit_code)}" + (f": {reasons}" if reasons else "")
    ahead = {each.name: each.forecast for each in run.environments if each.forecast}
    if not ahead:
        return line
    code = worst([forecast.exit_code for forecast in ahead.values()])
    words = _joined(run, {name: forecast.reasons for name, forecast in ahead.items()})
    return f"{line}; apply would end with {int(code)}: {words}"


def _joined(run: Run, reasons: Mapping[str, tuple[str, ...]]) -> str:
    several = len(run.environments) > 1
    parts: dict[str, None] = {}
    for name, words in reasons.items():
        listed = ", ".join(map(phrase, words))
        parts[f"{literal(name)}: {listed}" if several else listed] = None
    return ("; " if several else ", ").join(parts)
