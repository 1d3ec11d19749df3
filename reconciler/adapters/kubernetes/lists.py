"""A LIST is complete or an error: an object that is missing from it would look deleted."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from reconciler.errors import BadAnswer
from reconciler.http.wire import Answer
from reconciler.model.document import Document, Json, JsonObject, dig
from reconciler.model.identity import Endpoint
from reconciler.semantics.validation.stored import stored_error

PAGE = 500  # objects, as kubectl
_PAGES = 2000  # a million objects; a server that offers more never ends
_LARGEST = 256 * 1024 * 1024  # characters of all objects together
_LONGEST_TOKEN = (
    16 * 1024
)  # it becomes part of a URL; those of servers have some hundred characters
_LONGEST_NAME = 253  # of any object

# The answer to one page, by its continue token; 410 comes back as an answer, all else raises.
ReadPage = Callable[[str], Answer]


class _Expired(Exception):
    """The server compacted the snapshot that the pages came from."""


def read_all(read: ReadPage, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
    """Every object of all pages, from one snapshot.

    Raises:
        BadAnswer: it is not such a list.
    """
    for _ in range(2):
        try:
            return _pages(read, endpoint, namespace)
        except _Expired:
            # From the first page: the token that a 410 offers continues in another snapshot.
            continue
    raise BadAnswer(f"{endpoint.plural} {namespace}: the list expires before its end is reached")


def _pages(read: ReadPage, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
    documents: dict[tuple[str, str], Document] = {}
    snapshot = token = ""
    tokens: set[str] = set()
    size = 0
    for _ in range(_PAGES):
        answer = read(token)
        if answer.status == HTTPStatus.GONE:
            raise _Expired
        page = _page(answer.body, endpoint, namespace)
        if snapshot not in ("", page.version):
            raise _bad(endpoint, namespace, "its pages are from different times")
        if token and not page.items:
            raise _bad(endpoint, namespace, "a page that was announced is empty")
        if not documents.keys().isdisjoint(page.items):
            raise _bad(endpoint, namespace, "an object comes twice")
        documents |= page.items
        size += sum(len(each.text) for each in page.items.values())
        if size > _LARGEST:
            raise _bad(endpoint, namespace, f"its objects are larger than {_LARGEST >> 20} MiB")
        snapshot, token = page.version, page.token
        if not token:
            return tuple(documents.values())
        if token in tokens:
            raise _bad(endpoint, namespace, "its pages go round in a circle")
        tokens.add(token)
    raise _bad(endpoint, namespace, "it has no end")


class _Page:
    """One page, checked."""

    def __init__(self, version: str, token: str, items: dict[tuple[str, str], Document]) -> None:
        self.version = version
        self.token = token
        self.items = items


def _page(body: Json, endpoint: Endpoint, namespace: str) -> _Page:
    kind, version = dig(body, "kind"), dig(body, "metadata", "resourceVersion")
    token, items = dig(body, "metadata", "continue"), dig(body, "items")
    if kind != f"{endpoint.kind}List" or dig(body, "apiVersion") != endpoint.api_version:
        raise _bad(endpoint, namespace, "it is a list of another kind")
    if not isinstance(version, str) or not version or not isinstance(token or "", str):
        raise _bad(endpoint, namespace, "it does not say how old it is")
    if len(token or "") > _LONGEST_TOKEN:
        raise _bad(endpoint, namespace, "it says that more follows, and not where")
    if not isinstance(items, list):
        raise _bad(endpoint, namespace, "it has no items")
    if not token and dig(body, "metadata", "remainingItemCount"):
        raise _bad(endpoint, namespace, "it says that more follows, and not where")
    pairs = [checked(entry, endpoint, namespace) for entry in items]
    if len(by_name := dict(pairs)) != len(pairs):
        raise _bad(endpoint, namespace, "an object comes twice")
    return _Page(version, token or "", by_name)


def checked(entry: Json, endpoint: Endpoint, namespace: str) -> tuple[tuple[str, str], Document]:
    """An object with its place.

    Core kinds come without apiVersion and kind in a list; with others they must be right.

    Raises:
        BadAnswer: it is not such an object.
    """
    if not isinstance(entry, dict):
        raise _bad(endpoint, namespace, "an item is no object")
    body: JsonObject = {"apiVersion": endpoint.api_version, "kind": endpoint.kind} | entry
    if body["kind"] != endpoint.kind or body["apiVersion"] != endpoint.api_version:
        raise _bad(endpoint, namespace, "an item is of another kind")
    place, name = dig(body, "metadata", "namespace"), dig(body, "metadata", "name")
    version = dig(body, "metadata", "resourceVersion")
    if not (isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME) or not (
        isinstance(version, str) and version
    ):
        raise _bad(endpoint, namespace, "an item has no name or no resourceVersion")
    if namespace and place != namespace:
        raise _bad(endpoint, namespace, "an item is from another namespace")
    if error := stored_error(body):
        raise _bad(endpoint, namespace, f"{name!r} is no object: {error}")
    return (str(place or ""), name), Document.of(body)


def _bad(endpoint: Endpoint, namespace: str, what: str) -> BadAnswer:
    return BadAnswer(f"list of {endpoint.plural} in {namespace}: {what}")
