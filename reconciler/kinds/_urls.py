"""What is wrong with the URL of an endpoint, in the same words for every kind; the codes are the kind's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.kind import FieldFinding, Topic
from reconciler.kinds._contract import Breach, about, warning
from reconciler.model.path import FieldPath
from reconciler.text import urls


def breaches(code: str, path: FieldPath, url: str | None, example: str) -> Iterator[Breach]:
    """Why nothing can connect to it."""
    problem = urls.problem_of(url) if url else ""
    if problem:
        yield Breach(code, path, f"the URL {problem}", f"write it on one line, like {example}")


@dataclass(frozen=True, slots=True)
class Codes:
    credentials: str
    plain_http: str
    oddity: str

    def findings(self, path: FieldPath, url: str) -> Iterator[FieldFinding]:
        """Why connecting to it is no good idea: one reason at most."""
        if urls.has_credentials(url):
            message = "credentials stand in the base URL"
            yield warning(self.credentials, path, message, "move them to a Secret")
        elif urls.is_plain_http(url):
            message = "prompts and keys travel over plain http"
            yield about(Topic.PLAIN_HTTP, warning(self.plain_http, path, message, "use https"))
        elif oddity := urls.oddity_of(url):
            message = f"the base URL {oddity}"
            yield warning(self.oddity, path, message, "write the URL without it")
