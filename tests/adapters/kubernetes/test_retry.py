"""What is asked again, how often, and after which wait."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster, Pace
from reconciler.adapters.redactor import SecretRedactor
from reconciler.errors import RefusalReason, Refused, Unauthenticated, Unreachable
from reconciler.http.wire import AnswerLost
from tests.adapters.kubernetes.conftest import TOKEN, Connect, kubeconfig
from tests.adapters.kubernetes.hostile import Hostile, Received, Say
from tests.adapters.kubernetes.objects import THING, THINGS, status, thing

OK = Say(body=thing())
BUSY = Say(429, status(429, "TooManyRequests", "busy"), headers={"Retry-After": "1"})


def get(cluster: KubernetesCluster) -> object:
    return cluster.get(THINGS, "llm", "one")


def apply(cluster: KubernetesCluster) -> object:
    return cluster.apply(THINGS, THING, manager="us")


def create(cluster: KubernetesCluster) -> object:
    return cluster.create(THINGS, THING)


def replace(cluster: KubernetesCluster) -> object:
    return cluster.replace(THINGS, THING)


def delete(cluster: KubernetesCluster) -> object:
    return cluster.delete(THINGS, "llm", "one", uid="u")


Verb = Callable[[KubernetesCluster], object]
ALL = [get, apply, create, replace, delete]


@pytest.mark.parametrize("verb", ALL)
def test_busy_is_waited_for(
    server: Hostile, cluster: KubernetesCluster, slept: list[float], verb: Verb
) -> None:
    server.answers(BUSY, BUSY, BUSY, OK)
    verb(cluster)
    assert len(server.requests) == cluster.requests == 4
    assert len(slept) == 3
    assert all(1.0 <= wait <= 1.2 for wait in slept)


def test_busy_for_ever_has_an_end(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(BUSY)
    with pytest.raises(Refused) as caught:
        apply(cluster)
    assert caught.value.reason is RefusalReason.FAILED
    assert len(server.requests) == 10


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("86400", 30, 30), ("-5", 0, 5.2), ("Wed, 21 Oct 2099 07:28:00 GMT", 0, 5.2), ("abc", 0, 5.2)],
)
def test_what_a_server_may_ask_for(
    server: Hostile, connect: Connect, slept: list[float], said: str, least: float, most: float
) -> None:
    server.answers(Say(429, status(429), headers={"Retry-After": said}), OK)
    get(connect(timeout=600))
    (wait,) = slept
    assert least <= wait <= most


def test_no_wait_goes_beyond_the_deadline(
    server: Hostile, connect: Connect, slept: list[float]
) -> None:
    server.answers(Say(429, status(429), headers={"Retry-After": "25"}))
    with pytest.raises(Refused):
        get(connect(timeout=20))
    assert slept == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", [502, 503, 504])
@pytest.mark.parametrize("verb", ALL)
def test_a_load_balancer_that_fails(
    server: Hostile, cluster: KubernetesCluster, code: int, verb: Verb
) -> None:
    server.answers(Say(code, b"<html>canary</html>", content_type="text/html"))
    with pytest.raises(Refused) as caught:
        verb(cluster)
    assert caught.value.reason is RefusalReason.FAILED
    assert "canary" not in caught.value.message
    assert len(server.requests) == (4 if verb in (get, apply) else 1)


def test_500_is_asked_again_by_a_get_alone(server: Hostile, cluster: KubernetesCluster) -> None:
    server.answers(Say(500, status(500, "InternalError", "webhook")), OK)
    get(cluster)
    server.answers(Say(500, status(500, "InternalError", "webhook")))
    for verb in (apply, create, replace, delete):
        with pytest.raises(Refused):
            verb(cluster)
    assert len(server.requests) == 2 + 4


def test_a_server_timeout_is_asked_again_by_an_apply(
    server: Hostile, cluster: KubernetesCluster
) -> None:
    server.answers(Say(500, status(500, "ServerTimeout", "later")), OK)
    apply(cluster)
    assert len(server.requests) == 2


def test_what_the_schema_does_not_have_is_never_asked_again(
    server: Hostile, cluster: KubernetesCluster
) -> None:
    said = "failed to create typed patch object (llm/one; x/v1, Kind=T): .spec.x: not declared"
    server.answers(Say(500, status(500, "", said)))
    with pytest.raises(Refused) as caught:
        apply(cluster)
    assert caught.value.reason is RefusalReason.UNDECLARED
    assert len(server.requests) == 1


@pytest.mark.parametrize("verb", [get, apply])
def test_a_lost_answer_is_asked_for_again(
    server: Hostile, cluster: KubernetesCluster, verb: Verb
) -> None:
    server.answers(Say(reset=True), Say(body=thing(), cut=5), OK)
    verb(cluster)
    assert len(server.requests) == 3


@pytest.mark.parametrize("verb", [create, replace])
def test_a_write_whose_answer_is_lost_is_not_sent_again(
    server: Hostile, cluster: KubernetesCluster, verb: Verb
) -> None:
    server.answers(Say(reset=True), OK)
    with pytest.raises(AnswerLost):
        verb(cluster)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("after", "done"),
    [
        (Say(404, status(404, "NotFound", "gone", name="one", kind="things")), True),
        (Say(body=thing(uid="another")), True),
        (Say(body=thing(uid="u", deletionTimestamp="2026-01-01T00:00:00Z")), True),
        (Say(body=thing(uid="u")), False),
    ],
)
def test_a_delete_whose_answer_is_lost_is_looked_after(
    server: Hostile, cluster: KubernetesCluster, after: Say, done: bool
) -> None:
    server.answers(Say(reset=True), after)
    if done:
        delete(cluster)
    else:
        with pytest.raises(AnswerLost):
            delete(cluster)
    assert [request.method for request in server.requests] == ["DELETE", "GET"]


def test_nobody_listens(tmp_path: Path, redactor: SecretRedactor, slept: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        file = kubeconfig(tmp_path / "k", f"http://127.0.0.1:{taken.getsockname()[1]}")
        cluster = KubernetesCluster.connect(
            kubeconfig=str(file), redactor=redactor, environ={}, pace=Pace(sleep=slept.append)
        )
        for verb in ALL:
            with pytest.raises(Unreachable, match="refused"):
                verb(cluster)
    assert len(slept) == 3 * len(ALL)


def by_token(*good: str) -> Callable[[Received], Say]:
    def script(request: Received) -> Say:
        known = request.headers.get("Authorization") in {f"Bearer {token}" for token in good}
        return OK if known else Say(401, status(401, "Unauthorized", "Unauthorized"))

    return script


def test_a_token_file_is_read_again_after_a_401(
    server: Hostile, connect: Connect, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("old-token-value\n")  # with the line break that editors add
    cluster = connect({"tokenFile": str(file)})
    server.script(by_token("old-token-value"))
    get(cluster)
    file.write_text("new-token-value")
    server.script(by_token("new-token-value"))
    apply(cluster)
    get(cluster)
    assert len(server.requests) == 1 + 2 + 1


def test_credentials_are_renewed_once_for_each_request(
    server: Hostile, cluster: KubernetesCluster
) -> None:
    server.answers(Say(401, status(401, "Unauthorized", TOKEN)))
    with pytest.raises(Unauthenticated) as caught:
        get(cluster)
    assert TOKEN not in str(caught.value)
    assert len(server.requests) == 2


def test_threads_that_are_refused_together_renew_together(
    server: Hostile, connect: Connect, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    plugin = tmp_path / "plugin"
    plugin.write_text(
        f"""#!/bin/sh
echo run >> {runs}
printf '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
printf '"status":{{"token":"plugin-token-%s"}}}}' "$(wc -l < {runs} | tr -d ' ')"
"""
    )
    plugin.chmod(0o700)
    api = "client.authentication.k8s.io/v1"
    cluster = connect({"exec": {"apiVersion": api, "command": str(plugin)}})
    server.script(by_token("plugin-token-1"))
    get(cluster)
    server.script(by_token("plugin-token-2"))
    threads = [threading.Thread(target=get, args=(cluster,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs.read_text().count("run") == 2
