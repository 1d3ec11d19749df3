"""The one comment of an environment on a pull request.

It is found by its marker, the first line of its body, *and* by its author: anybody can write a marker into a comment
of their own, and such a comment is neither trusted nor touched. It is updated in place, so a pull request holds one
comment per environment however often the jobs run.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from reconciler.adapters.forge.wire import ATTEMPTS, Refused, Unsure, Wire
from reconciler.errors import ForgeError, UsageError

ACTIONS_BOT: Final = "github-actions[bot]"  # who writes with the token of a workflow
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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _REPOSITORY.fullmatch(repository) or repository.endswith(("/.", "/..")):
            raise UsageError(
                "the repository is not owner/name", hint="--forge-repository, GITHUB_REPOSITORY"
            )
        self._wire = Wire(api_url.rstrip("/"), token, sleep)
        self._repository = repository

    def close(self) -> None:
        self._wire.close()

    def comment(self, number: str | int, body: str, *, author: str = "") -> str:
        """Bring the comment whose marker is the first line of `body` to this body.

        Returns:
            `created`, `updated` or `unchanged`.

        Raises:
            UsageError: the number is none, or the body has no marker.
            ForgeError: the forge cannot be asked or says no.
        """
        number = checked_number(number)
        marker = marker_of(body)
        author = author or self._identity()
        for attempt in range(ATTEMPTS):
            try:
                return self._bring(number, marker, body, author)
            except Unsure as unsure:
                # A comment that got lost on the way may be there: look before writing a second one.
                if attempt == ATTEMPTS - 1:
                    raise
                self._wire.pause(attempt, unsure)
        raise AssertionError("unreachable")

    def pull_request_of(self, commit: str) -> int | None:
        """The pull request that brought a commit to its branch, None for a direct push."""
        if not _COMMIT.fullmatch(commit):
            raise UsageError("the commit is not a full hash", hint="--commit, GITHUB_SHA")
        path = f"/repos/{self._repository}/commits/{commit}/pulls"
        found = _list(self._wire.get(path, "pull request of the commit", per_page=_PAGE))
        merged = [each for each in found if each.get("merged_at")]
        exact = [each for each in merged if each.get("merge_commit_sha") == commit]
        for each in exact or merged:
            if isinstance(each.get("number"), int):
                return int(each["number"])
        return None

    def _bring(self, number: int, marker: str, body: str, author: str) -> str:
        comments = f"/repos/{self._repository}/issues/{number}/comments"
        ours = next(self._ours(comments, marker, author), None)
        if ours is None:
            created = self._wire.post(comments, "create the comment", {"body": body})
            _check_author(created, author)
            return "created"
        if _same(str(ours.get("body")), body):
            return "unchanged"
        path = f"/repos/{self._repository}/issues/comments/{int(ours['id'])}"
        self._wire.patch(path, "update the comment", {"body": body})
        return "updated"

    def _ours(self, path: str, marker: str, author: str) -> Iterator[dict[str, Any]]:
        for page in range(1, _PAGES + 1):
            found = _list(self._wire.get(path, "list the comments", per_page=_PAGE, page=page))
            for each in found:
                first = str(each.get("body") or "").partition("\n")[0].rstrip()
                if first == marker and _login(each) == author and isinstance(each.get("id"), int):
                    yield each
            if len(found) < _PAGE:
                return
        raise ForgeError(f"the pull request has more than {_PAGE * _PAGES:,} comments")

    def _identity(self) -> str:
        """Who we are. The token of a workflow may not ask, and writes as `github-actions[bot]`."""
        try:
            user = self._wire.get("/user", "ask who we are")
        except Refused as refused:
            if refused.status in (403, 404):
                return ACTIONS_BOT
            raise
        login = user.get("login") if isinstance(user, dict) else None
        if not isinstance(login, str):
            raise ForgeError("the forge does not say who we are", hint="name the author: --author")
        return login


def checked_number(number: str | int) -> int:
    """The number of a pull request.

    Raises:
        UsageError: it is none.
    """
    text = str(number)
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text, re.ASCII):
        raise UsageError(
            "the number of the pull request is not a number", hint="such as --number 42"
        )
    return int(text)


def marker_of(body: str) -> str:
    """The first line, which must be a hidden marker of ours."""
    first = body.partition("\n")[0].rstrip()
    if not re.fullmatch(r"<!-- reconciler:[!-;=?-~]+ -->", first):
        raise UsageError(
            "the comment does not begin with its marker", hint="write it with -o markdown"
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
    if not isinstance(answer, list) or not all(isinstance(each, dict) for each in answer):
        raise ForgeError("the forge's answer is not a list", hint="is the API URL right?")
    return answer
