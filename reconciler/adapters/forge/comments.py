"""The comments of a report on a pull request.

Its marker, the first line of its body, *and* its author identify a comment: anybody can write the marker into a comment
of their own, and such a comment is neither trusted nor changed. Later runs update the comment in place, so a pull
request has one comment for each marker however often the jobs run.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from reconciler.adapters.forge.dialect import Dialect
from reconciler.adapters.forge.wire import Refused, Wire
from reconciler.errors import ForgeError, UsageError

_PAGE: Final = 100
_PAGES: Final = 50
_LONGEST_BODY: Final = 65_536
_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MERGE_COMMITS: Final = ("merge_commit_sha", "squash_commit_sha")
_NO_NAME: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class Comments:
    """The comments of the pull requests of a repository.

    Raises:
        UsageError: the repository is not in the form of the forge.
        ForgeError: no token, or an API URL that is not https.
    """

    def __init__(
        self,
        dialect: Dialect,
        api_url: str,
        repository: str,
        token: str,
        *,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        if not dialect.repository.fullmatch(repository) or repository.endswith(("/.", "/..")):
            raise UsageError(
                f"the repository is not {dialect.form}",
                hint="--forge-repository, GITHUB_REPOSITORY or CI_PROJECT_PATH",
            )
        url = api_url.rstrip("/")
        self._wire = Wire(dialect, url, token, timeout=timeout, sleep=sleep, environ=environ)
        self._dialect = dialect
        self._repository = repository

    def close(self) -> None:
        self._wire.close()

    def comment(self, number: str | int, body: str, *, author: str = "") -> str:
        """Create or update the comment whose marker is the first line of `body`.

        Returns:
            `created`, `updated` or `unchanged`.

        Raises:
            UsageError: the number is invalid, or the body has no marker.
            ForgeError: the forge does not answer, or refuses.
        """
        number = checked_number(number)
        marker = marker_of(body)
        author = author or self._identity()
        # Each attempt lists the comments again: if an answer was lost, the comment may exist.
        return self._wire.repeated(partial(self._write, number, marker, body, author))

    def pull_request_of(self, commit: str) -> int | None:
        """The pull request that merged a commit into its branch; None for a direct push."""
        if not _COMMIT.fullmatch(commit):
            raise UsageError(
                "the commit is not a full hash", hint="--commit, GITHUB_SHA or CI_COMMIT_SHA"
            )
        path = self._path(self._dialect.pulls, commit=commit)
        pulls = self._pulls(path)
        merged = [pull for pull in pulls if self._dialect.merged(pull)]
        exact = [pull for pull in merged if commit in map(pull.get, _MERGE_COMMITS)]
        for pull in exact or merged:
            if isinstance(pull.get(self._dialect.number), int):
                return int(pull[self._dialect.number])
        return None

    def _pulls(self, path: str) -> list[dict[str, Any]]:
        """A list; Gitea answers with one pull request, or 404 if there is none."""
        action = "pull request of the commit"
        if self._dialect.pages:
            return _list(self._wire.get(path, action, per_page=_PAGE))
        try:
            return _list([self._wire.get(path, action)])
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return []
            raise

    def _path(self, template: str, **fields: object) -> str:
        return self._dialect.path(template, self._repository, **fields)

    def _write(self, number: int, marker: str, body: str, author: str) -> str:
        comments = self._path(self._dialect.comments, number=number)
        ours = next(self._ours(comments, marker, author), None)
        if ours is None:
            created = self._wire.send("POST", comments, "create the comment", {"body": body})
            self._check_author(created, author)
            return "created"
        if _same(str(ours.get("body")), body):
            return "unchanged"
        path = self._path(self._dialect.comment, number=number, comment=int(ours["id"]))
        self._wire.send(self._dialect.update, path, "update the comment", {"body": body})
        return "updated"

    def _ours(self, path: str, marker: str, author: str) -> Iterator[dict[str, Any]]:
        for comment in self._every(path):
            first = str(comment.get("body") or "").partition("\n")[0].rstrip()
            known = isinstance(comment.get("id"), int)
            if first == marker and self._login(comment) == author and known:
                yield comment

    def _every(self, path: str) -> Iterator[dict[str, Any]]:
        if not self._dialect.pages:
            yield from _list(self._wire.get(path, "list the comments"))
            return
        order = dict(self._dialect.order)
        for page in range(1, _PAGES + 1):
            answer = self._wire.get(path, "list the comments", per_page=_PAGE, page=page, **order)
            comments = _list(answer)
            yield from comments
            if len(comments) < _PAGE:
                return
        raise ForgeError(f"the pull request has more than {_PAGE * _PAGES:,} comments")

    def _identity(self) -> str:
        """The token's login; the robot's if a job's own token may not ask for it."""
        try:
            user = self._wire.get("/user", "identify the token's user")
        except Refused as refused:
            if self._dialect.robot and refused.status in _NO_NAME:
                return self._dialect.robot
            raise
        login = user.get(self._dialect.login) if isinstance(user, dict) else None
        if not isinstance(login, str):
            raise ForgeError("the forge does not name the token's user", hint="--author LOGIN")
        return login

    def _login(self, comment: Any) -> str:
        user = comment.get(self._dialect.author) if isinstance(comment, dict) else None
        return str(user.get(self._dialect.login) or "") if isinstance(user, dict) else ""

    def _check_author(self, created: Any, author: str) -> None:
        actual = self._login(created)
        if actual and actual != author:
            raise ForgeError(
                f"the comment was posted by {actual}, not by {author}: the next run would not find it",
                hint=f"--author {actual}",
            )


def checked_number(number: str | int) -> int:
    """The number of a pull request.

    Raises:
        UsageError: it is not a number.
    """
    text = str(number)
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text, re.ASCII):
        raise UsageError(
            "the number of the pull request is not a number", hint="such as --number 42"
        )
    return int(text)


def marker_of(body: str) -> str:
    """The first line of a comment, which must be a marker.

    Raises:
        UsageError: it is not, or the comment is too long.
    """
    first = body.partition("\n")[0].rstrip()
    if not re.fullmatch(r"<!-- reconciler:[!-;=?-~]+ -->", first):
        raise UsageError(
            "this is no report to post: its first line is not a marker",
            hint="write it with -o json=FILE, or with -o markdown=FILE for one environment",
        )
    if len(body) > _LONGEST_BODY:
        raise UsageError(f"the comment is longer than {_LONGEST_BODY:,} characters")
    return first


def _same(before: str, after: str) -> bool:
    return before.replace("\r\n", "\n").strip() == after.strip()


def _list(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
        raise ForgeError("the forge's answer is not a list", hint="is the API URL right?")
    return answer
