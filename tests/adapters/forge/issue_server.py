"""The issues of three forges, as their documentation has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.adapters.forge.server import Forge


@dataclass
class Tracker(Forge):
    """The issues of `a/b` at GitHub, which lists pull requests among them."""

    user: tuple[int, Any] = (403, {"message": "Resource not accessible by integration"})
    issues: list[dict[str, Any]] = field(default_factory=list)
    path: str = "/repos/a/b/issues"
    login: str = "github-actions[bot]"
    body_key: str = "body"
    number_key: str = "number"
    open_word: str = "open"
    size_key: str = "per_page"
    author_query: str = "creator"
    update: str = "PATCH"
    ignores_author: bool = False

    def add_issue(self, title: str, body: str, login: str = "", **more: Any) -> dict[str, Any]:
        issue = {
            self.number_key: len(self.issues) + 1,
            "title": title,
            self.body_key: body,
            "state": self.open_word,
            **self.by(login or self.login),
            **more,
        }
        self.issues.append(issue)
        return issue

    def by(self, login: str) -> dict[str, Any]:
        return {"user": {"login": login}}

    def author(self, issue: dict[str, Any]) -> str:
        return str(issue["user"]["login"])

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        where, _, text = path.partition("?")
        if where.endswith("/user"):
            return self.user
        if not where.startswith(self.path):
            return 404, {"message": "Not Found"}
        if method == "POST":
            return 201, self.add_issue(body["title"], body[self.body_key])
        if method == "GET":
            return 200, self.listed({key: values[0] for key, values in parse_qs(text).items()})
        assert method == self.update
        issue = self.issues[int(where.rpartition("/")[2]) - 1]
        self.set_state(issue, body)
        issue.update({k: v for k, v in body.items() if k in ("title", self.body_key)})
        return 200, issue

    def set_state(self, issue: dict[str, Any], body: dict[str, Any]) -> None:
        issue["state"] = body.get("state", issue["state"])

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Newest first, as all of them do; only open ones unless the query asks for all."""
        author, size, page = query[self.author_query], int(query[self.size_key]), int(query["page"])
        ours = [
            issue
            for issue in reversed(self.issues)
            if (self.ignores_author or self.author(issue) == author)
            and (self.all(query) or issue["state"] == "open")
        ]
        return ours[(page - 1) * size : page * size]

    def all(self, query: dict[str, str]) -> bool:
        return query.get("state") == "all"


@dataclass
class GitLabTracker(Tracker):
    """Issues have a description, an `iid`, and events that change their state."""

    user: tuple[int, Any] = (200, {"username": "bot", "id": 7})
    path: str = "/projects/a%2Fb/issues"
    login: str = "bot"
    body_key: str = "description"
    number_key: str = "iid"
    open_word: str = "opened"
    author_query: str = "author_username"
    update: str = "PUT"

    def by(self, login: str) -> dict[str, Any]:
        return {"author": {"username": login}}

    def author(self, issue: dict[str, Any]) -> str:
        return str(issue["author"]["username"])

    def set_state(self, issue: dict[str, Any], body: dict[str, Any]) -> None:
        events = {"close": "closed", "reopen": "opened"}
        if event := body.get("state_event"):
            issue["state"] = events[event]

    def all(self, query: dict[str, str]) -> bool:
        assert query["scope"] == "all", "else only what the token's user created"
        return True


@dataclass
class GiteaTracker(Tracker):
    """At most 50 on a page, whatever is asked for."""

    user: tuple[int, Any] = (200, {"login": "bot"})
    login: str = "bot"
    size_key: str = "limit"
    author_query: str = "created_by"

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        assert query["type"] == "issues", "else pull requests are among them"
        return super().listed(query | {"limit": str(min(50, int(query["limit"])))})


TRACKERS = {
    "github": Tracker,
    "gitlab": GitLabTracker,
    "gitea": GiteaTracker,
    "forgejo": GiteaTracker,
}
