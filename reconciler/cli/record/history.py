"""`history`: what happened to an environment, from the reports on a branch or from the record."""

from __future__ import annotations

from reconciler import bookkeeping
from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.dependencies import build_dependencies
from reconciler.cli.inputs import Inputs
from reconciler.cli.names import resolve
from reconciler.cli.output import emit, sinks
from reconciler.cli.redaction import cleaned
from reconciler.cli.report_branch import open_branch
from reconciler.cli.saved.files import run_in
from reconciler.errors import UsageError
from reconciler.frozen import dataclass
from reconciler.model.history import History
from reconciler.model.run import Run
from reconciler.ports import Redactor
from reconciler.report import Style
from reconciler.reports._history import (
    events_of_record,
    events_of_reports,
    history_json,
    history_text,
)


@dataclass(frozen=True, slots=True)
class HistoryInput:
    """The options of `history`; without a branch, the record is read."""

    environment: str
    branch: str
    report_repository: str
    limit: int
    output: str
    verbose: bool


def print_history(inputs: Inputs, chosen: HistoryInput) -> int:
    """Print the events of an environment, the newest first."""
    (sink,) = sinks((chosen.output,), repository=inputs.folder)
    if sink.format not in ("text", "json"):
        raise UsageError(f"-o {chosen.output}: history has the formats text and json")
    redactor = SecretRedactor()
    read = _of_branch if chosen.branch else _of_record
    history, now = read(inputs, chosen, redactor)
    clean = cleaned(history, redactor)
    style = Style(verbose=chosen.verbose, now=now)
    text = history_json(clean) if sink.format == "json" else history_text(clean, style)
    emit(text, sink, redactor)
    return 0


def _of_record(inputs: Inputs, chosen: HistoryInput, redactor: Redactor) -> tuple[History, str]:
    deps = build_dependencies(inputs, redactor)
    (name,) = resolve(deps.repository, (chosen.environment,))
    events = events_of_record(bookkeeping.recorded(deps, name))
    complete = len(events) <= chosen.limit
    return History(name, "the record", events[: chosen.limit], complete), deps.now()


def _of_branch(inputs: Inputs, chosen: HistoryInput, redactor: Redactor) -> tuple[History, str]:
    name = chosen.environment
    branch = open_branch(chosen.branch, chosen.report_repository, inputs, redactor)
    kept, complete = branch.history(name, ".json", chosen.limit)
    reports = [
        (
            each.commit,
            each.time,
            _run(each.content, each.path, name, redactor),
            _before(each.content_before, each.path, name, redactor),
        )
        for each in kept
    ]
    if not kept:
        raise UsageError(
            f"the branch {chosen.branch} has no report of this environment",
            hint="apply, drift or diff with --commit-report makes one",
        )
    events = events_of_reports(reports)
    return History(name, f"the branch {chosen.branch}", events, complete), ""


def _before(text: str, path: str, name: str, redactor: Redactor) -> Run | None:
    return _run(text, path, name, redactor) if text else None


def _run(text: str, path: str, name: str, redactor: Redactor) -> Run:
    """The run in a report on the branch, which somebody else may have written.

    Raises:
        UsageError: it is not a report of this environment.
    """
    run = run_in(text, path)
    if [each.name for each in run.environments] != [name]:
        raise UsageError("this is not a report of its environment alone", where=path)
    return cleaned(run, redactor)
