"""A repository on a forge, and the account whose token is used: what comments and issues have in common."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from reconciler.adapters.forge.dialect import Dialect
from reconciler.adapters.forge.wire import Refused, Wire
from reconciler.errors import ForgeError, UsageError

_PAGE: Final = 100
_PAGES: Final = 50
LONGEST_BODY: Final = 65_536
_NO_NAME: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class ForgeRepository:
    """A repository on a forge.

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
                f"the repository is not {dialect.form}"
                if repository
                else f"nothing names the repository of {dialect.name}",
                hint=f"--forge-repository, {dialect.form}; jobs have GITHUB_REPOSITORY or CI_PROJECT_PATH",
            )
        url = api_url.rstrip("/")
        self.wire = Wire(dialect, url, token, timeout=timeout, sleep=sleep, environ=environ)
        self.dialect = dialect
        self._repository = repository

    def close(self) -> None:
        self.wire.close()

    def path(self, template: str, **fields: object) -> str:
        return self.dialect.path(template, self._repository, **fields)

    def every(
        self,
        path: str,
        action: str,
        query: tuple[tuple[str, str], ...] = (),
        size: str = "per_page",
    ) -> Iterator[dict[str, Any]]:
        """All entries of a list that comes in pages.

        Raises:
            ForgeError: there are too many.
        """
        for page in range(1, _PAGES + 1):
            parameters: dict[str, int | str] = {size: _PAGE, "page": page, **dict(query)}
            entries = checked_list(self.wire.get(path, action, **parameters))
            yield from entries
            if not entries or (len(entries) < _PAGE and size == "per_page"):
                return
        raise ForgeError(f"{action}: there are more than {_PAGE * _PAGES:,}")

    def identity(self) -> str:
        """The token's login; the robot's if a job's own token may not ask for it."""
        try:
            user = self.wire.get("/user", "identify the token's user")
        except Refused as refused:
            if self.dialect.robot and refused.status in _NO_NAME:
                return self.dialect.robot
            raise
        login = user.get(self.dialect.login) if isinstance(user, dict) else None
        if not isinstance(login, str):
            raise ForgeError("the forge does not name the token's user", hint="--author LOGIN")
        return login

    def is_ours(self, entry: dict[str, Any], body: str, marker: str, author: str) -> bool:
        """Whether a comment or an issue has our marker *and* our author: anybody can write the marker."""
        first = str(entry.get(body) or "").partition("\n")[0].rstrip()
        return first == marker and self.login(entry) == author

    def login(self, entry: Any) -> str:
        user = entry.get(self.dialect.author) if isinstance(entry, dict) else None
        return str(user.get(self.dialect.login) or "") if isinstance(user, dict) else ""

    def check_author(self, created: Any, author: str, noun: str) -> None:
        """
        Raises:
            ForgeError: somebody else is the author, so that the next run would not find it.
        """
        actual = self.login(created)
        if actual and actual != author:
            raise ForgeError(
                f"the {noun} was posted by {actual}, not by {author}: the next run would not find it",
                hint=f"--author {actual}",
            )


def checked_list(answer: Any) -> list[dict[str, Any]]:
    """
    Raises:
        ForgeError: the answer is not a list of objects.
    """
    if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
        raise ForgeError("the forge's answer is not a list", hint="is the API URL right?")
    return answer


def same_text(before: str, after: str) -> bool:
    """Whether two bodies are equal; forges change the ends of lines."""
    return before.replace("\r\n", "\n").strip() == after.strip()
