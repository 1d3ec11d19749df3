"""Findings on the URL of an endpoint: the same messages for every kind, with the codes of the kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.frozen import dataclass
from reconciler.kind import FieldFinding, Topic
from reconciler.kinds._findings import error, notice, warning
from reconciler.model.path import FieldPath
from reconciler.text import urls

_LABEL: Final = re.compile(r"[a-z0-9-]{1,63}")  # of a host name


def unusable(code: str, path: FieldPath, url: str | None, example: str) -> Iterator[FieldFinding]:
    """Why no client can connect to a URL."""
    problem = urls.problem_of(url) if url else ""
    if problem:
        yield error(code, path, f"the URL {problem}", f"write it on one line, like {example}")


def empty(code: str, path: FieldPath, url: str | None) -> Iterator[FieldFinding]:
    """A URL that is set to nothing, as by a template whose value is missing."""
    if url == "":
        message = "an empty URL counts as absent, so prompts and keys go to the default endpoint"
        yield warning(code, path, message, "write the URL, or remove the field")


def exposed_key(code: str, path: FieldPath, url: str, *, has_key: bool) -> Iterator[FieldFinding]:
    """A key that other pods and nodes of the cluster could read on its way."""
    if has_key and urls.crosses_the_cluster(url):
        message = "the key travels over plain http inside the cluster"
        yield notice(code, path, message, "use https, or a service mesh that encrypts")


def region(code: str, path: FieldPath, name: str | None) -> Iterator[FieldFinding]:
    """A region from which clients would make another host than one of their vendor."""
    if name and not _LABEL.fullmatch(name):
        message = "no region has such a name, and clients make the host of their requests from it"
        hint = "write lower-case letters, digits and dashes, such as europe-west4"
        yield error(code, path, message, hint, Topic.HOSTS)


@dataclass(frozen=True, slots=True)
class UrlCodes:
    """The codes of a kind for URLs that clients can connect to and should not."""

    credentials: str
    plain_http: str
    oddity: str

    def findings(self, path: FieldPath, url: str) -> Iterator[FieldFinding]:
        """At most one reason why nobody should connect to a URL."""
        if urls.has_credentials(url):
            message = "the base URL contains credentials"
            yield warning(self.credentials, path, message, "move them to a Secret")
        elif urls.is_plain_http(url):
            message = "prompts and keys travel over plain http"
            yield warning(self.plain_http, path, message, "use https", Topic.PLAIN_HTTP)
        elif oddity := urls.oddity_of(url):
            message = f"the base URL {oddity}"
            yield warning(self.oddity, path, message, "write the URL without it")
