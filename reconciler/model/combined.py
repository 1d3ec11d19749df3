"""Several runs as one: the environments of jobs that ran apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.errors import ExitCode, UsageError
from reconciler.model import reasons as reason
from reconciler.model.run import EnvironmentRun, Run, RunError


def combined(runs: Sequence[Run], expected: Iterable[str] = ()) -> Run:
    """One run with the environments of all, of each the newest report, in the order of the runs.

    Args:
        expected: the names of environments, or the number of them. An environment that is missing is in the result,
            with an error.

    Raises:
        UsageError: the runs are of different commands, or there is none.
    """
    if not runs:
        raise UsageError("there is no report")
    verbs = {(run.verb.name, run.verb.dry_run) for run in runs}
    if len(verbs) > 1:
        names = ", ".join(sorted(f"{name} --dry-run" if dry else name for name, dry in verbs))
        raise UsageError(
            f"these reports are of different commands: {names}",
            hint="a report covers one command: render each command separately",
        )
    newest = max(runs, key=lambda run: run.finished)
    environments: dict[str, EnvironmentRun] = {}
    for run in sorted(runs, key=lambda run: run.finished):
        environments |= {each.name: _of(run, each, newest) for each in run.environments}
    order = dict.fromkeys(each.name for run in runs for each in run.environments)
    complete = (*(environments[name] for name in order), *_missing(environments, expected))
    started = min((run.started for run in runs if run.started), default="")
    return replace(newest, environments=complete, started=started)


def _of(run: Run, environment: EnvironmentRun, newest: Run) -> EnvironmentRun:
    """The environment with the revision that its run read, if the newest run read another one."""
    revision = environment.revision or run.revision
    return replace(environment, revision=None if revision == newest.revision else revision)


def _missing(present: Iterable[str], expected: Iterable[str]) -> Iterable[EnvironmentRun]:
    names = set(present)
    for word in expected:
        if word.isascii() and word.isdigit():
            if (left := int(word) - len(names)) > 0:
                reports = "1 report is" if left == 1 else f"{left:,} reports are"
                yield _absent(f"{len(names):,} of {int(word):,}", f"{reports} missing")
        elif word not in names:
            yield _absent(word, "there is no report of this environment")


def _absent(name: str, message: str) -> EnvironmentRun:
    hint = "look at the log of its job: did it run, and keep its report?"
    error = RunError(message, hint, exit_code=ExitCode.SOURCE)
    return EnvironmentRun(name, ExitCode.SOURCE, error=error, exit_reasons=(reason.NO_REPORT,))
