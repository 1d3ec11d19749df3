"""`--commit-report`: the reports of a run on a branch of a git repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from reconciler.errors import DeliveryError, UsageError

if TYPE_CHECKING:
    from reconciler.adapters.sources.report_branch import ReportBranch
    from reconciler.cli.runs.reporting import Reporting
    from reconciler.cli.wiring.inputs import Inputs
    from reconciler.model.run import Run
    from reconciler.ports import Redactor
    from reconciler.report import Style

LARGEST: Final = 8 * 1024 * 1024  # bytes of one report


def committer(
    reporting: Reporting, inputs: Inputs, redactor: Redactor
) -> Callable[[Run, Style], None]:
    """Commits the reports of a run.

    Raises:
        UsageError: the branch, its repository or the credentials are unusable.
    """
    branch = open_branch(reporting.commit_report, reporting.report_repository, inputs, redactor)

    def commit(run: Run, style: Style) -> None:
        from reconciler.adapters.sources.report_branch import Commit
        from reconciler.cli.delivery.redaction import cleaned
        from reconciler.cli.execution.streams import write_error

        if not run.environments:
            return
        clean = cleaned(run, redactor)
        files = {
            path: content
            for environment in clean.environments
            for path, content in _files(
                replace(clean, environments=(environment,)), redactor, style
            ).items()
        }
        made = branch.add(files, Commit(_message(clean, redactor), run.finished))
        done = f"committed {made[:12]}" if made else "nothing new"
        write_error(f"reports: {done} on the branch {reporting.commit_report}\n")

    return commit


def open_branch(branch: str, repository: str, inputs: Inputs, redactor: Redactor) -> ReportBranch:
    """A branch of the repository that is named, or else of that of the configuration, if it has a URL.

    Raises:
        UsageError: none is named, or the credentials would be sent to another host.
    """
    from reconciler.adapters.sources.access import GitAccess
    from reconciler.adapters.sources.remote_repository import RemoteRepository
    from reconciler.adapters.sources.report_branch import ReportBranch

    own = inputs.repository if inputs.is_remote else ""
    if not (repository or own):
        raise UsageError(
            "a branch of reports takes --report-repository, since -C is a folder",
            hint="the URL of the repository that has the branch; `git remote get-url origin` prints that of a clone",
        )
    if repository and own and urlsplit(repository).netloc != urlsplit(own).netloc:
        raise UsageError(
            "--report-repository is on another host than -C, whose credentials it would get",
            hint="use a repository on the same host, or a clone",
        )
    access = GitAccess(
        inputs.git_token_file, inputs.git_user, inputs.git_key_file, inputs.git_known_hosts_file
    )
    option = "--report-repository" if repository else "--repository"
    remote = RemoteRepository(repository or own, access, redactor, option=option)
    return ReportBranch(remote, branch)


def _files(run: Run, redactor: Redactor, style: Style) -> Mapping[str, bytes]:
    """The reports of a run over one environment, by path. Equal runs have equal reports: the commit has the time.

    Raises:
        DeliveryError: one is too large for a branch.
    """
    from reconciler.cli.delivery.output import without_secrets
    from reconciler.reports import FORMATS

    (environment,) = run.environments
    timeless = replace(run, started="", finished="")
    files = {}
    for name, suffix in (("json", "json"), ("markdown", "md")):
        text = without_secrets(FORMATS[name].render(timeless, style), redactor)
        content = text.encode(errors="replace")
        if len(content) > LARGEST:
            raise DeliveryError(
                f"the report of {environment.name} is larger than {LARGEST >> 20} MiB, and is not committed",
                hint="-o json=FILE writes all of it; or split the environment into several",
            )
        files[f"{environment.name}/{run.verb.name}.{suffix}"] = content
    return files


def _message(run: Run, redactor: Redactor) -> str:
    """The verdict of each environment; no CI system runs for the commit."""
    from reconciler.cli.delivery.output import without_secrets
    from reconciler.report import Style
    from reconciler.reports import FORMATS

    line = FORMATS["line"].render(run, Style()).strip()
    count = len(run.environments)
    subject = line if count == 1 else f"{count} environments\n\n{line}"
    read = f"Configuration: {run.revision.commit or 'not in git'}"
    return without_secrets(f"{run.verb.name} {subject}\n\n{read}\n[skip ci]\n", redactor)
