"""The comment of an environment on a pull request.

Its marker, the first line of its body, *and* its author identify it: anybody can write the marker into a comment of
their own, and such a comment is neither trusted nor changed. Later runs update the comment in place, so a pull request
has one comment for each environment however often the jobs run.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from reconciler.adapters.forge.wire import Refused, Wire
from reconciler.errors import ForgeError, UsageError

ACTIONS_BOT: Final = "github-actions[bot]"  # the author of what a workflow's token writes
_PAGE: Final = 100
_PAGES: Final = 50
_LONGEST_BODY: Final = 65_536
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class GitHub:
    """A repository on GitHub or GitHub Enterprise.

    Raises:
        UsageError: the repository is not `owner/name`.
        ForgeError: no token, or an API URL that is not https.
    """

    def __init__(
        self,
        api_url: str,
        repository: str,
        token: str,
        *,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        if not _REPOSITORY.fullmatch(repository) or repository.endswith(("/.", "/..")):
            raise UsageError(
                "the repository is not owner/name", hint="--forge-repository, GITHUB_REPOSITORY"
            )
        url = api_url.rstrip("/")
        self._wire = Wire(url, token, timeout=timeout, sleep=sleep, environ=environ)
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
            raise UsageError("the commit is not a full hash", hint="--commit, GITHUB_SHA")
        path = f"/repos/{self._repository}/commits/{commit}/pulls"
        pulls = _list(self._wire.get(path, "pull request of the commit", per_page=_PAGE))
        merged = [pull for pull in pulls if pull.get("merged_at")]
        exact = [pull for pull in merged if pull.get("merge_commit_sha") == commit]
        for pull in exact or merged:
            if isinstance(pull.get("number"), int):
                return int(pull["number"])
        return None

    def _write(self, number: int, marker: str, body: str, author: str) -> str:
        comments = f"/repos/{self._repository}/issues/{number}/comments"
        ours = next(self._ours(comments, marker, author), None)
        if ours is None:
            created = self._wire.send("POST", comments, "create the comment", {"body": body})
            _check_author(created, author)
            return "created"
        if _same(str(ours.get("body")), body):
            return "unchanged"
        path = f"/repos/{self._repository}/issues/comments/{int(ours['id'])}"
        self._wire.send("PATCH", path, "update the comment", {"body": body})
        return "updated"

    def _ours(self, path: str, marker: str, author: str) -> Iterator[dict[str, Any]]:
        for page in range(1, _PAGES + 1):
            comments = _list(self._wire.get(path, "list the comments", per_page=_PAGE, page=page))
            for comment in comments:
                first = str(comment.get("body") or "").partition("\n")[0].rstrip()
                known = isinstance(comment.get("id"), int)
                if first == marker and _login(comment) == author and known:
                    yield comment
            if len(comments) < _PAGE:
                return
        raise ForgeError(f"the pull request has more than {_PAGE * _PAGES:,} comments")

    def _identity(self) -> str:
        """The token's login. A workflow's token may not ask for it, and writes as `github-actions[bot]`."""
        try:
            user = self._wire.get("/user", "identify the token's user")
        except Refused as refused:
            if refused.status in (403, 404):
                return ACTIONS_BOT
            raise
        login = user.get("login") if isinstance(user, dict) else None
        if not isinstance(login, str):
            raise ForgeError("the forge does not name the token's user", hint="--author LOGIN")
        return login


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
            "this is not a report of one environment: its first line is not a marker",
            hint="write it with -o json=FILE or -o markdown=FILE, for one environment",
        )
    if len(body) > _LONGEST_BODY:
        raise UsageError(f"the comment is longer than {_LONGEST_BODY:,} characters")
    return first


def _same(before: str, after: str) -> bool:
    return before.replace("\r\n", "\n").strip() == after.strip()


def _login(comment: Any) -> str:
    user = comment.get("user") if isinstance(comment, dict) else None
    return str(user.get("login") or "") if isinstance(user, dict) else ""


def _check_author(created: Any, author: str) -> None:
    actual = _login(created)
    if actual and actual != author:
        raise ForgeError(
            f"the comment was posted by {actual}, not by {author}: the next run would not find it",
            hint=f"--author {actual}",
        )


def _list(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
        raise ForgeError("the forge's answer is not a list", hint="is the API URL right?")
    return answer
