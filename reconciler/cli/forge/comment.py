"""`comment`: creates or updates the comments of a report on a pull request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.cli.saved.files import read_text, run_in
from reconciler.cli.streams import write_out
from reconciler.errors import ExitCode, UsageError
from reconciler.frozen import dataclass
from reconciler.model.run import Run

if TYPE_CHECKING:
    from reconciler.adapters.forge.dialect import Dialect

# What each CI system sets; Forgejo sets what Gitea and GitHub set, too.
_JOBS = (
    ("FORGEJO_ACTIONS", "forgejo"),
    ("GITEA_ACTIONS", "gitea"),
    ("GITLAB_CI", "gitlab"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post."""

    number: str
    commit: str
    forge: str
    repository: str
    api_url: str
    author: str


def post_comments(texts: tuple[str, ...], target: Target) -> int:
    """Create or update each comment, with the token in the variable of the forge, such as GITHUB_TOKEN."""
    from reconciler.adapters.forge import FORGES
    from reconciler.adapters.forge.comments import Comments

    dialect = FORGES[target.forge or forge_of(os.environ)]
    url, token = api_url(target.api_url, dialect), token_of(dialect, os.environ)
    with closing(Comments(dialect, url, target.repository, token)) as forge:
        number: str | int | None = target.number
        if not number:
            number = forge.pull_request_of(target.commit)
        if number is None:
            write_out(f"no pull request merged {target.commit[:7]}: nothing to comment on\n")
            return ExitCode.OK
        for text in texts:
            write_out(f"comment {forge.comment(number, text, author=target.author)} on #{number}\n")
    return ExitCode.OK


def forge_of(environ: Mapping[str, str]) -> str:
    """The forge whose CI job this is; GitHub if it is none."""
    return next((forge for variable, forge in _JOBS if environ.get(variable)), "github")


def token_of(dialect: Dialect, environ: Mapping[str, str]) -> str:
    """The token in the first variable of the forge that is set; "" if none is."""
    return next((environ[name] for name in dialect.tokens if environ.get(name)), "")


def api_url(url: str, dialect: Dialect) -> str:
    """The URL of the API.

    Raises:
        UsageError: there is no public one.
    """
    if url := url or dialect.default_url:
        return url
    raise UsageError(f"{dialect.name} has no public API", hint=f"--api-url {dialect.example}")


def bodies(files: tuple[str, ...], *, per_environment: bool) -> tuple[str, ...]:
    """The comments. JSON reports of other jobs are masked and formatted here, so that they cannot inject Markdown."""
    texts = {file: read_text(file) for file in files}
    if len(files) == 1 and not texts[files[0]].lstrip().startswith("{"):
        return (texts[files[0]],)
    from reconciler.adapters.redactor import SecretRedactor
    from reconciler.cli.redaction import cleaned
    from reconciler.model.combined import combined

    run = cleaned(combined([run_in(text, file) for file, text in texts.items()]), SecretRedactor())
    if not run.environments:
        raise UsageError("the report covers no environment")
    if per_environment:
        return tuple(_body(replace(run, environments=(each,))) for each in run.environments)
    return (_body(run),)


def _body(run: Run) -> str:
    from reconciler.report import Style
    from reconciler.reports.markdown import FORMAT, marker

    text = FORMAT.render(run, Style(now=run.finished, invocation=run.invocation))
    # A report of one environment begins with its own marker.
    return text if len(run.environments) == 1 else f"{marker(run.verb)}\n{text}"
