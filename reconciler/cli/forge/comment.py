"""`comment`: bring the one comment of an environment on a pull request to what a report says."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.output import write_out
from reconciler.errors import ExitCode, RepositoryError, UsageError

_LARGEST = 20 * 1024 * 1024  # bytes of a report that another job left


@dataclass(frozen=True, slots=True)
class Post:
    """What to post, and where."""

    file: str
    number: str
    commit: str
    repository: str
    api_url: str
    author: str


def post_comment(post: Post) -> int:
    """Create or update the comment; the token comes from the variable GITHUB_TOKEN alone."""
    from reconciler.adapters.forge.github import GitHub

    body = _body(_read(post.file))
    token = os.environ.get("GITHUB_TOKEN", "")
    with closing(GitHub(post.api_url, post.repository, token)) as forge:
        number: str | int | None = post.number
        if not number:
            number = forge.pull_request_of(post.commit)
        if number is None:
            write_out(f"no pull request brought {post.commit[:7]}: nothing to comment on\n")
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
    """A JSON report is formatted here: what another job may have written is never posted as it is."""
    if not text.lstrip().startswith("{"):
        return text
    from reconciler.report import Style
    from reconciler.reports import FORMATS
    from reconciler.reports.json import run_from_json

    run = run_from_json(text)
    return FORMATS["markdown"].render(run, Style(now=run.finished))
