"""Where the news of an environment goes. No value here is a secret: URLs and tokens are in variables and files."""

from __future__ import annotations

from typing import Final

from reconciler.frozen import dataclass


@dataclass(frozen=True, slots=True)
class UrlSource:
    """Where the URL of a webhook is: in an environment variable, or in a file."""

    variable: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class IssueTarget:
    """The repository on a forge in which an environment has its issue; the token is in the variable of that forge.

    Attributes:
        forge: `github`, `gitlab`, `gitea` or `forgejo`.
        api_url: "" for the public one.
    """

    forge: str
    repository: str
    api_url: str = ""


@dataclass(frozen=True, slots=True)
class Notify:
    """The destinations of an environment.

    Attributes:
        hooks: the format of each webhook (`webhook`, `slack`, `teams`), and its URL.
        events: also as Events of Kubernetes, on the objects concerned.
    """

    issue: IssueTarget | None = None
    hooks: tuple[tuple[str, UrlSource], ...] = ()
    events: bool = False

    def __bool__(self) -> bool:
        return bool(self.issue or self.hooks or self.events)


NOWHERE: Final = Notify()
