"""A LIST is whole or an error (rows D-11 to D-15 of the fault matrix)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster, lists
from reconciler.errors import BadAnswer, ClusterError
from reconciler.model.document import Document
from tests.adapters.kubernetes.hostile import Hostile, Say
from tests.adapters.kubernetes.objects import OURS, THING, THINGS, status, thing, things

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
        Say(body=things(thing("n" * 254))),
        Say(body=json.dumps(things(thing(), x=7)).replace("7}", "1e999}").encode()),
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


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"f:a": value}
    return value


ODD: tuple[dict[str, Any], ...] = (
    {"uid": 5},
    {"uid": ["u"]},
    {"generation": "1"},
    {"generation": True},
    {"generation": 1.5},
    {"generation": 1 << 63},
    {"generation": []},
    {"deletionGracePeriodSeconds": "x"},
    {"creationTimestamp": 5},
    {"deletionTimestamp": {}},
    {"labels": ["a"]},
    {"labels": {"a": 1}},
    {"annotations": {"a": {}}},
    {"finalizers": "a"},
    {"finalizers": [None]},
    {"ownerReferences": 5},
    {"ownerReferences": ["x"]},
    {"ownerReferences": [{"uid": []}]},
    {"managedFields": 5},
    {"managedFields": "x"},
    {"managedFields": [5]},
    {"managedFields": [OURS | {"manager": {}}]},
    {"managedFields": [OURS | {"operation": []}]},
    {"managedFields": [OURS | {"time": 5}]},
    {"managedFields": [OURS | {"fieldsV1": "x"}]},
    {"managedFields": [OURS | {"fieldsV1": nested(900)}]},
)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:60])
def test_an_object_that_no_server_stores(
    server: Hostile, cluster: KubernetesCluster, odd: dict[str, Any]
) -> None:
    """Every stage relies on the types of metadata, and walks through what it reads."""
    (key,) = odd
    calls: tuple[tuple[Any, Callable[[], object]], ...] = (
        (things(thing(**odd)), lambda: cluster.list(THINGS, "llm")),
        (thing(**odd), lambda: cluster.get(THINGS, "llm", "one")),
        (thing(**odd), lambda: cluster.apply(THINGS, THING, manager="us")),
        (thing(**odd), lambda: cluster.create(THINGS, THING)),
    )
    for body, call in calls:
        server.answers(Say(body=body))
        with pytest.raises(BadAnswer, match=rf"no object: .*({key}|nested)"):
            call()


def test_every_field_that_a_server_writes(server: Hostile, cluster: KubernetesCluster) -> None:
    full = thing(
        uid="u",
        generation=(1 << 63) - 1,
        creationTimestamp="2026-01-01T00:00:00Z",
        deletionTimestamp="2026-01-01T00:00:00Z",
        deletionGracePeriodSeconds=0,
        labels={"a": ""},
        annotations={},
        finalizers=["a/b"],
        ownerReferences=[{"apiVersion": "v1", "kind": "A", "name": "a", "uid": "u"}],
        selfLink="",
    )
    server.answers(Say(body=things(full)))
    assert names(cluster.list(THINGS, "llm")) == ["one"]


def test_a_token_that_would_be_a_book(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(body=things(thing("a"), token="t" * 20_000)), Say(body=things(thing("b"))))
    with pytest.raises(BadAnswer, match="not where"):
        cluster.list(THINGS, "llm")
    assert len(server.requests) == 1


def test_a_list_that_fills_the_memory(
    server: Hostile, cluster: KubernetesCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is limited, and so is what all of them become."""
    monkeypatch.setattr(lists, "_LARGEST", 10_000)
    note = {"note": "x" * 3000}
    server.script(
        lambda _: Say(
            body=things(
                thing(f"n{len(server.requests)}", annotations=note),
                token=f"t{len(server.requests)}",
            )
        )
    )
    with pytest.raises(BadAnswer, match="larger than"):
        cluster.list(THINGS, "llm")
    assert len(server.requests) == 4


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
