"""Reads and writes plan files."""

from __future__ import annotations

from pathlib import Path

from reconciler.cli.delivery.links import refuse_links
from reconciler.cli.delivery.output import Sink, emit
from reconciler.cli.execution.streams import write_error
from reconciler.errors import ExitCode, ReconcilerError, RepositoryError, UsageError
from reconciler.model.command import Invocation
from reconciler.model.run import Run
from reconciler.model.sealed import SealedOptions, SealedPlan
from reconciler.ports import Redactor
from reconciler.reports._plan import LARGEST_PLAN, plan_from_json, plan_json
from reconciler.text.foreign import masked_name


def refuse_path(path: str, repository: str, others: tuple[str, ...]) -> None:
    """Refuse a place for a plan file before anything runs.

    Args:
        others: the files of the reports.

    Raises:
        UsageError: it cannot be a file, or a report is written to it.
        RepositoryError: it is a link in the repository.
    """
    file = Path(path)
    if not file.parent.is_dir():
        raise UsageError(f"--out {path}: the folder {file.parent} does not exist")
    if file.is_dir():
        raise UsageError(f"--out {path}: it is a folder")
    root, place = Path(repository).resolve(), file.parent.resolve()
    if any(place.is_relative_to(root / folder) for folder in ("environments", "templates")):
        raise UsageError(
            f"--out {path}: that folder holds the configuration, to which a plan does not belong",
            hint="write it elsewhere",
        )
    if file.resolve() in {Path(other).resolve() for other in others if other}:
        raise UsageError(f"--out {path}: a report is written to it", hint="name another file")
    refuse_links(file, Path(repository))


def write_plan(run: Run, path: str, redactor: Redactor) -> int:
    """Write the plan of the only environment of a run; the exit code of the run.

    Raises:
        UsageError: nothing says what the plan would store.
        ReconcilerError: it contains a secret value; nothing was written.
    """
    (environment,) = run.environments
    plan = environment.sealed
    if plan is None or environment.error:
        write_error(masked_name(f"no plan was written: see what stopped {environment.name}\n"))
        usable = run.exit_code not in (ExitCode.OK, run.differences)
        return run.exit_code if usable else ExitCode.USAGE
    if not plan.is_bound:
        what = "the working tree differs from the commit" if plan.commit else "there is no git"
        raise UsageError(
            f"no plan was written: {what}, and without the fingerprint key it could not say what apply would store",
            hint="commit it first, or use --revision",
        )
    text = plan_json(plan)
    if redactor.leaks(text):
        raise ReconcilerError(
            "the plan contained a secret value and was not written",
            hint="a name or a field of an object is a value of a Secret: rename it",
        )
    emit(text, Sink("json", path), redactor)
    return run.exit_code


def plan_to_follow(
    path: str,
    names: tuple[str, ...],
    invocation: Invocation,
    *,
    everything: bool,
    only: bool,
    options: SealedOptions,
) -> SealedPlan:
    """The plan in a file, which says for itself which objects are applied.

    Args:
        only: the command line selects objects.
        options: of the command line, which must be those of the plan.

    Raises:
        UsageError: it is no plan, or the command line says something else.
        RepositoryError: it cannot be read.
    """
    plan = read_plan(path)
    if everything or any(name != plan.environment for name in names):
        raise UsageError(
            f"{path}: it is the plan of {plan.environment}, and the command line names another environment",
            hint=invocation.following(path, *plan.options.words()),
        )
    if only:
        raise UsageError("--plan and --only exclude each other: the plan names the objects")
    if plan.options != options:
        made = " ".join(plan.options.words()) or "none of --prune, --allow-rollback and --take"
        raise UsageError(
            f"{path}: the plan was made with {masked_name(made)}, and the command line must match",
            hint=invocation.following(path, *plan.options.words()),
        )
    return plan


def read_plan(path: str) -> SealedPlan:
    """The plan in a file.

    Raises:
        UsageError: it is no plan.
        RepositoryError: it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_PLAN + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise RepositoryError(reason or "it cannot be read", where=path) from None
    if len(content) > LARGEST_PLAN:
        raise UsageError(f"{path}: it is larger than any plan")
    try:
        return plan_from_json(content.decode())
    except UnicodeDecodeError:
        raise UsageError(f"{path}: it is not a plan: not UTF-8") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", hint=error.hint) from None
