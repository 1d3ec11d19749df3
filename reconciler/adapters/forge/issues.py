"""One issue for each marker, kept up to date: opened, updated, closed and opened again, and never two.

As with comments, marker and author identify it. Two runs at the same time may both open one; whoever then finds the
other closes the later one. Each attempt lists the issues again, so that a lost answer opens no second one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from reconciler.adapters.forge.dialect import Dialect
from reconciler.adapters.forge.repository import LONGEST_BODY, ForgeRepository
from reconciler.errors import UsageError
from reconciler.frozen import dataclass
from reconciler.model.document import dig

_LIST: Final = "list the issues"


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue as it should be; the first line of its body is its marker."""

    title: str
    body: str
    is_open: bool


Decide = Callable[
    [str, bool], Draft | None
]  # from the body so far, "" for none, and whether it is open


class Issues(ForgeRepository):
    """The issues of a repository."""

    def __init__(
        self, dialect: Dialect, api_url: str, repository: str, token: str, **more: Any
    ) -> None:
        super().__init__(
            replace(dialect, permission=dialect.issue_permission),
            api_url,
            repository,
            token,
            **more,
        )

    def keep(self, marker: str, decide: Decide, *, author: str = "") -> str:
        """Bring the issue with this marker into the state that `decide` returns; None leaves it as it is.

        Returns:
            `opened`, `updated`, `closed`, `unchanged` or `none`, each with the number of the issue.

        Raises:
            UsageError: the body is too long.
            ForgeError: the forge does not answer, or refuses.
        """
        author = author or self.identity()
        return self.wire.repeated(partial(self._keep, marker, decide, author))

    def _keep(self, marker: str, decide: Decide, author: str) -> str:
        ours = self._ours(marker, author)
        if not ours:
            draft = decide("", False)
            if draft is None or not draft.is_open:
                return "none"
            return self._open(marker, draft, author)
        first, *others = ours
        for other in others:
            self._close_duplicate(other)
        number, was_open = int(first[self.dialect.number]), _is_open(first)
        draft = decide(
            str(first.get(self.dialect.issue_body) or "").replace("\r\n", "\n"), was_open
        )
        if draft is None:
            return f"unchanged #{number}"
        state = self.dialect.issue_state(draft.is_open) if draft.is_open != was_open else {}
        self._write(number, self._fields(draft) | state)
        word = "updated" if draft.is_open == was_open else "opened" if draft.is_open else "closed"
        return f"{word} #{number}"

    def _open(self, marker: str, draft: Draft, author: str) -> str:
        created = self.wire.send(
            "POST", self.path(self.dialect.issues), "open the issue", self._fields(draft)
        )
        self.check_author(created, author, "issue")
        ours = self._ours(marker, author)
        for other in ours[1:]:
            self._close_duplicate(other)
        number = dig(ours[0] if ours else created, self.dialect.number)
        return f"opened #{number}" if isinstance(number, int) else "opened"

    def _ours(self, marker: str, author: str) -> list[dict[str, Any]]:
        """Our issues with this marker, the oldest first. GitHub lists pull requests as issues, too."""
        query = self.dialect.issue_query(author)
        path = self.path(self.dialect.issues)
        ours = [
            issue
            for issue in self.every(path, _LIST, query, self.dialect.issue_size)
            if isinstance(issue.get(self.dialect.number), int)
            and not issue.get("pull_request")
            and self.is_ours(issue, self.dialect.issue_body, marker, author)
        ]
        return sorted(ours, key=lambda issue: int(issue[self.dialect.number]))

    def _close_duplicate(self, issue: dict[str, Any]) -> None:
        if _is_open(issue):
            self._write(int(issue[self.dialect.number]), self.dialect.issue_state(False))

    def _write(self, number: int, fields: dict[str, str]) -> None:
        path = self.path(self.dialect.issue, number=number)
        self.wire.send(self.dialect.update, path, "update the issue", fields)

    def _fields(self, draft: Draft) -> dict[str, str]:
        if len(draft.body) > LONGEST_BODY:
            raise UsageError(f"the issue is longer than {LONGEST_BODY:,} characters")
        return {"title": draft.title, self.dialect.issue_body: draft.body}


def _is_open(issue: dict[str, Any]) -> bool:
    """`open` or, at GitLab, `opened`."""
    return str(issue.get("state", "")).startswith("open")
