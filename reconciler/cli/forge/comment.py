"""`comment`: creates or updates the comment of an environment on a pull request."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.streams import write_out
from reconciler.errors import ExitCode, RepositoryError, UsageError

_LARGEST = 20 * 1024 * 1024  # bytes of a report


@dataclass(frozen=True, slots=True)
class Post:
    """The report, and where to post it."""

    file: str
    number: str
    commit: str
    repository: str
    api_url: str
    author: str


def post_comment(post: Post) -> int:
    """Create or update the comment, with the token in the environment variable GITHUB_TOKEN."""
    from reconciler.adapters.forge.github import GitHub

    body = _body(_read(post.file))
    token = os.environ.get("GITHUB_TOKEN", "")
    with closing(GitHub(post.api_url, post.repository, token)) as forge:
        number: str | int | None = post.number
        if not number:
            number = forge.pull_request_of(post.commit)
        if number is None:
            write_out(f"no pull request merged {post.commit[:7]}: nothing to comment on\n")
            return ExitCode.OK
        done = forge.comment(number, body, author=post.author)
    write_out(f"comment {done} on #{number}\n")
    return ExitCode.OK


def _read(file: str) -> str:
    try:
        path = Path(file)
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{file} is larger than any report")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8") from error
    except OSError as error:
        raise RepositoryError(f"{file}: {error.strerror}") from error


def _body(text: str) -> str:
    """The comment. A JSON report of another job is masked and formatted here, so that it cannot inject Markdown."""
    if not text.lstrip().startswith("{"):
        return text
    from reconciler.adapters.redactor import SecretRedactor
    from reconciler.cli.redaction import cleaned
    from reconciler.report import Style
    from reconciler.reports import FORMATS
    from reconciler.reports.json import run_from_json

    run = cleaned(run_from_json(text), SecretRedactor())
    if len(run.environments) != 1:
        names = ", ".join(environment.name for environment in run.environments) or "none"
        raise UsageError(
            f"the report covers these environments: {names}; a comment is about one",
            hint="write one report for each: "
            + run.invocation.command("diff", "NAME", "-o", "json=NAME.json"),
        )
    return FORMATS["markdown"].render(run, Style(now=run.finished, invocation=run.invocation))
