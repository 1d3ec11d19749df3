"""A LIST is whole or an error (rows D-11 to D-15 of the fault matrix)."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster
from reconciler.errors import BadAnswer, ClusterError
from reconciler.model.document import Document
from tests.adapters.kubernetes.hostile import Hostile, Say
from tests.adapters.kubernetes.objects import THINGS, status, thing, things

GONE = Say(410, status(410, "Expired", "too old") | {"metadata": {"continue": "inconsistent"}})


def names(documents: tuple[Document, ...]) -> list[str]:
    return [each.body()["metadata"]["name"] for each in documents]


def test_pages_are_one_list(server: Hostile, cluster: KubernetesCluster) -> None:
    pages = [things(thing("a"), thing("b"), token="t1"), things(thing("c"))]
    server.answers(*(Say(body=page) for page in pages))
    assert names(cluster.list(THINGS, "llm")) == ["a", "b", "c"]
    assert [request.path.partition("?")[2] for request in server.requests] == [
        "limit=500",
        "limit=500&continue=t1",
    ]


def test_a_list_that_expires_begins_again(server: Hostile, cluster: KubernetesCluster) -> None:
    first = Say(body=things(thing("a"), token="t1"))
    server.answers(first, GONE, first, Say(body=things(thing("b"))))
    assert names(cluster.list(THINGS, "llm")) == ["a", "b"]
    assert not any("inconsistent" in request.path for request in server.requests)


def test_a_list_that_always_expires(server: Hostile, cluster: KubernetesCluster) -> None:
    first = Say(body=things(thing("a"), token="t1"))
    server.answers(first, GONE, first, GONE)
    with pytest.raises(BadAnswer):
        cluster.list(THINGS, "llm")
    assert len(server.requests) == 4


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in things().items() if name != key}


@pytest.mark.parametrize(
    "say",
    [
        Say(body=b"<html></html>", content_type="text/html"),
        Say(body=b""),
        Say(body={}),
        Say(body=None),
        Say(body=[]),
        Say(body=things(items=None)),
        Say(body=things(items={})),
        Say(body=without("items")),
        Say(body=without("metadata")),
        Say(body=without("kind")),
        Say(body=things(version="")),
        Say(body=things(kind="OtherList")),
        Say(body=things(kind="Status", status="Success")),
        Say(body=things(apiVersion="other.org/v1")),
        Say(body=things(metadata={"resourceVersion": "1", "continue": 5})),
        Say(body=things(None)),
        Say(body=things("thing")),
        Say(body=things(thing(namespace="other"))),
        Say(body=things(thing() | {"kind": "Other"})),
        Say(body=things(thing() | {"apiVersion": "other.org/v1"})),
        Say(body=things({"metadata": {"namespace": "llm"}})),
        Say(body=things(thing(resourceVersion=None))),
        Say(body=things(thing("a"), thing("a"))),
    ],
)
def test_what_is_no_list(server: Hostile, cluster: KubernetesCluster, say: Say) -> None:
    server.answers(say)
    with pytest.raises(ClusterError):
        cluster.list(THINGS, "llm")


@pytest.mark.parametrize(
    "second",
    [
        things(),  # announced, and empty
        things(thing("a")),  # again
        things(thing("b"), version="10"),  # from another time
        things(thing("b"), token="t1"),  # in a circle
    ],
)
def test_pages_that_are_no_list(
    server: Hostile, cluster: KubernetesCluster, second: dict[str, Any]
) -> None:
    server.answers(Say(body=things(thing("a"), token="t1")), Say(body=second))
    with pytest.raises(BadAnswer):
        cluster.list(THINGS, "llm")
    assert len(server.requests) == 2


def test_pages_without_end(server: Hostile, cluster: KubernetesCluster) -> None:
    server.script(
        lambda _: Say(
            body=things(thing(f"n{len(server.requests)}"), token=f"t{len(server.requests)}")
        )
    )
    with pytest.raises(BadAnswer, match="no end"):
        cluster.list(THINGS, "llm")


def test_a_page_that_fails_fails_the_list(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(body=things(thing("a"), token="t1")), Say(403, status(403, "Forbidden")))
    with pytest.raises(ClusterError):
        cluster.list(THINGS, "llm")
