"""Lists that break or lie, by the row of the fault matrix that asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from tests.faults.actions import Action, Cut, Decide, Framing, Request, failure, rewrite, say

Body: TypeAlias = dict[str, Any]
Lie: TypeAlias = Callable[[Body], Any]  # what becomes of the server's list, which has two objects
Answers: TypeAlias = Action | Lie

LISTS = r"providers\?limit="
NEXT_PAGES = r"providers\?limit=\d+&continue="
HTML = say(200, b"<html>Qz7-vR2kX9wLmT4y</html>", "text/html")
GONE = say(
    410,
    failure(410, "Expired", "the token has expired")
    | {"metadata": {"resourceVersion": "", "continue": "inconsistent"}},
)


def changed(**change: Any) -> Lie:
    return lambda body: body | change


def without(key: str) -> Lie:
    return lambda body: {k: v for k, v in body.items() if k != key}


def metadata(**change: Any) -> Lie:
    return lambda body: body | {"metadata": body["metadata"] | change}


def first_item(**change: Any) -> Lie:
    return lambda body: body | {"items": [body["items"][0] | change, *body["items"][1:]]}


def moved(**change: Any) -> Lie:
    def lie(body: Body) -> Body:
        first = body["items"][0]
        return first_item(metadata=first["metadata"] | change)(body)

    return lie


def page(body: Body, items: list[Any], token: str = "", **more: Any) -> Body:
    meta = body["metadata"] | ({"continue": token} if token else {}) | more
    return body | {"metadata": meta, "items": items}


# One answer to the only request.
LIES: dict[str, dict[str, Answers]] = {
    "D-12": {
        "html": HTML,
        "html-as-json": say(200, b"<html></html>"),
        "json-as-text": say(200, {"kind": "ProviderList"}, "text/plain"),
    },
    "D-13": {
        "empty": say(200, b""),
        "no-content": say(204, b""),
        "null": say(200, None),
        "braces": say(200, {}),
        "array": say(200, []),
        "status": say(200, failure(500, "InternalError", "no")),
    },
    "D-13 fields": {
        "items-null": changed(items=None),
        "items-map": changed(items={}),
        "items-missing": without("items"),
        "items-of-text": changed(items=["claude", "other"]),
        "kind-other": changed(kind="ModelList"),
        "kind-missing": without("kind"),
        "version-missing": without("apiVersion"),
        "age-missing": without("metadata"),
        "age-empty": metadata(resourceVersion=""),
        "not-a-number": lambda body: json.dumps(body | {"x": float("nan")}).encode(),
    },
    "D-14": {
        "more-but-no-token": metadata(remainingItemCount=1),
        "token-is-a-number": metadata(**{"continue": 5}),
    },
    "D-15": {
        "other-namespace": moved(namespace="kube-system"),
        "no-namespace": moved(namespace=None),
        "no-name": moved(name=""),
        "no-age": moved(resourceVersion=None),
        "odd-generation": moved(generation="1"),
        "other-kind": first_item(kind="Model"),
        "other-group": first_item(apiVersion="agent.flokoa.ai/v1alpha1"),
        "twice": lambda body: body | {"items": body["items"][:1] * 2},
    },
}

# The first page is right and announces a second one, which is this.
PAGES: dict[str, dict[str, Answers]] = {
    "D-11": {"expired-always": GONE},
    "D-14": {
        "page-dropped": lambda body: page(body, []),
        "circle": lambda body: page(body, body["items"][1:], "t1"),
        "same-again": lambda body: page(body, body["items"][:1]),
        "another-time": lambda body: page(body, body["items"][1:], resourceVersion="1"),
        "page-of-html": HTML,
        "page-of-a-kind": lambda body: page(body, body["items"][1:]) | {"kind": "List"},
    },
}

# D-16: every KiB of a list, and all but its last character (a line break may follow it).
SIZE = 8 * 1024
OFFSETS = (*range(0, SIZE - 1024, 1024), -2)
ATTEMPTS = 4  # a cut answer is asked for again, so one run sees so many cuts


def cuts(framing: Framing) -> dict[str, list[Cut]]:
    """What each environment sees, one after the other.

    Where the end of the connection is the end of the body, nobody can tell that it was cut: not asked for again.
    """
    some = [Cut(forward=True, at=offset, framing=framing) for offset in OFFSETS]
    each = 1 if framing is Framing.EOF else ATTEMPTS
    return {f"cut-{framing}-{at}": some[at : at + each] for at in range(0, len(some), each)}


def action(answers: Answers, base: Body | None = None, path: str = "") -> Action:
    """`base` is what the list should have been, where it is not the server's."""
    if callable(answers):
        lie = answers
        return rewrite(lambda body: lie(base or body), path)
    return answers


def paged(second: Answers, base: Body | None = None) -> Decide:
    """A list of two objects as two pages of one snapshot.

    Each page is made of a list of its own from the server, whose version moves with every write of any other test.
    """
    same_version = metadata(resourceVersion="7")

    def decide(request: Request) -> Action:
        if "continue=" in request.path:
            # The server knows nothing of these pages.
            path = request.path.partition("&continue=")[0]
            if not callable(second):
                return second
            return action(lambda body: second(same_version(body)), base, path)
        return action(lambda body: page(same_version(body), body["items"][:1], "t1"), base)

    return decide
