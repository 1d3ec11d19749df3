"""One window of a watch: what a server may send, and what a real one does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster
from reconciler.adapters.redactor import SecretRedactor
from reconciler.errors import BadAnswer, RefusalReason, Refused
from reconciler.model.identity import SECRET, Endpoint
from reconciler.model.live import Watched
from tests.adapters.kubernetes.hostile import Hostile, Say
from tests.adapters.kubernetes.objects import THINGS, status, thing
from tests.controlplane.plane import ControlPlane

PROVIDER = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")


def event(type_: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"type": type_, "object": body}


def stream(*events: Any) -> Say:
    return Say(body="".join(json.dumps(each) + "\n" for each in events).encode())


def names(window: Watched) -> list[str]:
    return sorted(document.body()["metadata"]["name"] for document in window.documents)


def test_a_window_holds_what_was_written_last(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(
        stream(
            event("ADDED", thing("a", resourceVersion="10")),
            event("MODIFIED", thing("a", resourceVersion="12", labels={"x": "new"})),
            event("ADDED", thing("b", resourceVersion="13")),
            event("DELETED", thing("b", resourceVersion="14")),
            event("BOOKMARK", {"kind": "Thing", "metadata": {"resourceVersion": "20"}}),
        )
    )
    window = cluster.watch(THINGS, "llm", "9", 3)
    assert names(window) == ["a"]
    assert window.documents[0].body()["metadata"]["labels"] == {"x": "new"}
    assert (window.deleted, window.version) == (frozenset({"b"}), "20")
    (request,) = server.requests
    assert request.path.partition("?")[2] == (
        "watch=true&timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion=9"
    )


def test_a_window_in_which_nothing_happens(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(body=b""))
    assert cluster.watch(THINGS, "llm", "9", 1) == Watched(version="9")


@pytest.mark.parametrize(
    "say", [Say(410, status(410, "Expired")), stream(event("ERROR", status(410, "Expired")))]
)
def test_a_version_that_is_too_old_begins_again(
    server: Hostile, cluster: KubernetesCluster, say: Say
) -> None:
    server.answers(say)
    assert cluster.watch(THINGS, "llm", "9", 1) == Watched()


@pytest.mark.parametrize(
    "events",
    [
        [event("ERROR", status(500, "InternalError"))],
        [event("ADDED", thing() | {"kind": "Other"})],
        [event("ADDED", thing(namespace="elsewhere"))],
        [event("DANCED", thing())],
        [7],
        [{"type": "ADDED"}],
    ],
)
def test_what_is_no_stream_of_events(
    server: Hostile, cluster: KubernetesCluster, events: list[Any]
) -> None:
    server.answers(stream(*events))
    with pytest.raises(BadAnswer):
        cluster.watch(THINGS, "llm", "", 1)


@pytest.mark.parametrize("body", [b'{"type": "ADD', b"<html>", b'{"a": 1}]\n'])
def test_what_is_no_json(server: Hostile, cluster: KubernetesCluster, body: bytes) -> None:
    server.answers(Say(body=body))
    with pytest.raises(BadAnswer):
        cluster.watch(THINGS, "llm", "", 1)


def test_secrets_are_not_watched(cluster: KubernetesCluster) -> None:
    with pytest.raises(ValueError, match="Secret"):
        cluster.watch(SECRET, "llm", "", 1)


def test_a_real_server(control_plane: ControlPlane, namespace: str) -> None:
    def connect(user: str) -> KubernetesCluster:
        path = control_plane.kubeconfig_for(user)
        return KubernetesCluster.connect(
            kubeconfig=str(path), redactor=SecretRedactor(), environ={}
        )

    def set_status(name: str, phase: str) -> None:
        patch = json.dumps({"status": {"phase": phase}})
        control_plane.kubectl(
            "patch", "providers.omnia.altairalabs.ai", name, "-n", namespace,
            "--subresource=status", "--type=merge", "-p", patch,
        )  # fmt: skip

    def create(name: str) -> None:
        spec = "spec: {type: mock, model: m}"
        text = f"apiVersion: {PROVIDER.api_version}\nkind: Provider\nmetadata: {{name: {name}}}\n{spec}\n"
        control_plane.apply(text, "-n", namespace)

    cluster = connect("admin")
    create("a")
    create("b")
    first = cluster.watch(PROVIDER, namespace, "", 1)
    assert names(first) == ["a", "b"]
    set_status("a", "Ready")
    control_plane.kubectl("delete", "providers.omnia.altairalabs.ai", "b", "-n", namespace)
    second = cluster.watch(PROVIDER, namespace, first.version, 1)
    assert names(second) == ["a"]
    assert second.documents[0].body()["status"]["phase"] == "Ready"
    assert second.deleted == {"b"}
    third = cluster.watch(PROVIDER, namespace, second.version, 1)
    assert (third.documents, third.deleted) == ((), frozenset())
    with pytest.raises(Refused) as caught:
        connect("spare-2").watch(PROVIDER, namespace, "", 1)
    assert caught.value.reason is RefusalReason.FORBIDDEN
