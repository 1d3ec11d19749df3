"""One window of a watch: a request that the server ends by itself after some seconds, so that no stream is read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from reconciler.adapters.kubernetes.lists import checked
from reconciler.errors import BadAnswer
from reconciler.model.document import Document, Json, dig
from reconciler.model.identity import Endpoint
from reconciler.model.live import Watched

_WRITTEN: Final = ("ADDED", "MODIFIED")


def query(version: str, seconds: int) -> tuple[tuple[str, str], ...]:
    """The query of a window. Without a version, the server begins with all objects as they are now."""
    since = (("resourceVersion", version),) if version else ()
    window = (("watch", "true"), ("timeoutSeconds", str(seconds)), ("allowWatchBookmarks", "true"))
    return (*window, *since)


def read(events: Json, endpoint: Endpoint, namespace: str, version: str) -> Watched:
    """The events of a window.

    Raises:
        BadAnswer: they are no events, or about another kind.
    """
    if not isinstance(events, list):
        raise _bad(endpoint, namespace)
    written: dict[str, Document] = {}
    deleted: set[str] = set()
    for event in events:
        type_, body = dig(event, "type"), dig(event, "object")
        if type_ == "ERROR":
            if dig(body, "code") == HTTPStatus.GONE:
                return Watched()
            raise _bad(endpoint, namespace)
        version = str(dig(body, "metadata", "resourceVersion") or version)
        if type_ == "BOOKMARK":
            continue
        (_, name), document = checked(body, endpoint, namespace)
        if type_ in _WRITTEN:
            written[name] = document
            deleted.discard(name)
        elif type_ == "DELETED":
            written.pop(name, None)
            deleted.add(name)
        else:
            raise _bad(endpoint, namespace)
    return Watched(tuple(written.values()), frozenset(deleted), version)


def _bad(endpoint: Endpoint, namespace: str) -> BadAnswer:
    return BadAnswer(f"watch of {endpoint.plural} in {namespace}: it is not a stream of events")
