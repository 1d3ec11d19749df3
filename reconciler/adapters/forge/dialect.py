"""What is different about the API of each forge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from reconciler.frozen import dataclass

Headers = tuple[tuple[str, str], ...]
_OWNER_AND_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The API of one type of forge. Its paths have the fields `{repository}`, `{number}`, `{comment}` and `{commit}`.

    Attributes:
        default_url: of its API; "" if there is no public one.
        example: an API URL, for a hint.
        tokens: environment variables that may hold the token; the first that is set counts.
        headers: the headers with a token.
        repository: the form of a repository, and `form` for a message.
        comments: the path of the comments of a pull request.
        comment: the path of one comment, and `update`, the method that replaces it.
        pages: the comments come in pages, with `order` as a query.
        author: the key of a comment with its author, and `login`, the key of its name.
        robot: the author of what a job's own token writes, which may not ask for its name; "" if there is none.
        pulls: the path of the pull requests of a commit, and `number`, the key of their number.
        merged: whether a pull request is merged.
        permission: what a token needs, for a hint.
        issues: the path of the issues of a repository, and `issue`, that of one.
        issue_query: the query that lists those of an author, open or closed.
        issue_size: the name of the parameter with the number of issues on a page.
        issue_body: the key of an issue with its text.
        issue_state: what opens (True) or closes an issue that exists.
        issue_permission: what a token needs for issues.
    """

    name: str
    default_url: str
    example: str
    tokens: tuple[str, ...]
    headers: Callable[[str], Headers]
    comments: str
    comment: str
    pulls: str
    merged: Callable[[Mapping[str, Any]], bool]
    permission: str
    update: str = "PATCH"
    pages: bool = True
    order: tuple[tuple[str, str], ...] = ()
    author: str = "user"
    login: str = "login"
    issues: str = "/repos/{repository}/issues"
    issue: str = "/repos/{repository}/issues/{number}"
    issue_query: Callable[[str], tuple[tuple[str, str], ...]] = lambda author: (
        ("state", "all"),
        ("creator", author),
    )
    issue_size: str = "per_page"
    issue_body: str = "body"
    issue_state: Callable[[bool], dict[str, str]] = lambda is_open: {
        "state": "open" if is_open else "closed"
    }
    issue_permission: str = ""
    number: str = "number"
    robot: str = ""
    repository: re.Pattern[str] = _OWNER_AND_NAME
    form: str = "owner/name"

    def path(self, template: str, repository: str, **fields: object) -> str:
        """A path with its fields; a repository with several parts is one part of GitLab's paths."""
        safe = "" if self.form != "owner/name" else "/"
        return template.format(repository=quote(repository, safe=safe), **fields)


def bearer(token: str) -> Headers:
    return (("Authorization", f"Bearer {token}"),)
