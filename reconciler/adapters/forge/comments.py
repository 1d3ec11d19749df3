"""The comments of a report on a pull request.

Its marker, the first line of its body, *and* its author identify a comment: anybody can write the marker into a comment
of their own, and such a comment is neither trusted nor changed. Later runs update the comment in place, so a pull
request has one comment for each marker however often the jobs run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from reconciler.adapters.forge.repository import (
    LONGEST_BODY,
    ForgeRepository,
    checked_list,
    same_text,
)
from reconciler.adapters.forge.wire import Refused
from reconciler.errors import UsageError

_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MERGE_COMMITS: Final = ("merge_commit_sha", "squash_commit_sha")


class Comments(ForgeRepository):
    """The comments of the pull requests of a repository."""

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
        author = author or self.identity()
        # Each attempt lists the comments again: if an answer was lost, the comment may exist.
        return self.wire.repeated(partial(self._write, number, marker, body, author))

    def pull_request_of(self, commit: str) -> int | None:
        """The pull request that merged a commit into its branch; None for a direct push."""
        if not _COMMIT.fullmatch(commit):
            raise UsageError(
                "the commit is not a full hash", hint="--commit, GITHUB_SHA or CI_COMMIT_SHA"
            )
        path = self.path(self.dialect.pulls, commit=commit)
        pulls = self._pulls(path)
        merged = [pull for pull in pulls if self.dialect.merged(pull)]
        exact = [pull for pull in merged if commit in map(pull.get, _MERGE_COMMITS)]
        for pull in exact or merged:
            if isinstance(pull.get(self.dialect.number), int):
                return int(pull[self.dialect.number])
        return None

    def _pulls(self, path: str) -> list[dict[str, Any]]:
        """A list; Gitea answers with one pull request, or 404 if there is none."""
        action = "pull request of the commit"
        if self.dialect.pages:
            return checked_list(self.wire.get(path, action, per_page=100))
        try:
            return checked_list([self.wire.get(path, action)])
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return []
            raise

    def _write(self, number: int, marker: str, body: str, author: str) -> str:
        comments = self.path(self.dialect.comments, number=number)
        ours = next(self._ours(comments, marker, author), None)
        if ours is None:
            created = self.wire.send("POST", comments, "create the comment", {"body": body})
            self.check_author(created, author, "comment")
            return "created"
        if same_text(str(ours.get("body")), body):
            return "unchanged"
        path = self.path(self.dialect.comment, number=number, comment=int(ours["id"]))
        self.wire.send(self.dialect.update, path, "update the comment", {"body": body})
        return "updated"

    def _ours(self, path: str, marker: str, author: str) -> Iterator[dict[str, Any]]:
        for comment in self._every(path):
            if isinstance(comment.get("id"), int) and self.is_ours(comment, "body", marker, author):
                yield comment

    def _every(self, path: str) -> Iterator[dict[str, Any]]:
        if self.dialect.pages:
            yield from self.every(path, "list the comments", self.dialect.order)
        else:
            yield from checked_list(self.wire.get(path, "list the comments"))


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
            "this is not a report to post: its first line is not a marker",
            hint="write it with -o json=FILE, or with -o markdown=FILE for one environment",
        )
    if len(body) > LONGEST_BODY:
        raise UsageError(f"the comment is longer than {LONGEST_BODY:,} characters")
    return first
