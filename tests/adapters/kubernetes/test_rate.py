"""Which requests take a token of the rate limit, and that a wait for one costs no time of the request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3

from reconciler.adapters.kubernetes import KubernetesCluster, Pace
from reconciler.adapters.kubernetes.kubeconfig import servers_of
from reconciler.adapters.kubernetes.servers import canonical
from reconciler.adapters.redactor import SecretRedactor
from reconciler.errors import Interrupted, LockError
from reconciler.http.deadline import Deadline
from reconciler.http.rate import Bucket, Turns
from reconciler.http.retry import Exchange
from reconciler.http.wire import Request, Session
from reconciler.model.document import Document
from reconciler.model.lease import LEASE, new_lease
from tests.adapters.kubernetes.conftest import kubeconfig
from tests.adapters.kubernetes.hostile import Hostile, Received, Say
from tests.adapters.kubernetes.objects import THING, THINGS, status, thing, things
from tests.fakes import StoppedClock

OK = Say(body=thing())
BUSY = Say(429, status(429, "TooManyRequests", "busy"), headers={"Retry-After": "1"})
LOST = Say(reset=True)


class Limited:
    """A cluster with one token a second, on a clock that moves when somebody waits for a token."""

    def __init__(self, folder: Path, server: Hostile, user: dict[str, str] | None = None) -> None:
        self.clock = StoppedClock()
        self.stopped: Callable[[], bool] = lambda: False
        bucket = Bucket(1, self.clock.monotonic, self.clock.sleep)
        self.cluster = KubernetesCluster.connect(
            kubeconfig=str(kubeconfig(folder / "kubeconfig", server.url, user)),
            redactor=SecretRedactor(),
            pace=Pace(sleep=lambda _: None, turns_at=lambda _: Turns(bucket, self._is_stopped)),
            environ={},
        )

    def _is_stopped(self) -> bool:
        return self.stopped()

    @property
    def tokens(self) -> int:
        """How many were taken: the first was there, each other one came after a second."""
        return 1 + round(self.clock.seconds - 1000)


@pytest.fixture
def limited(tmp_path: Path, server: Hostile) -> Limited:
    return Limited(tmp_path, server)


def test_each_repetition_takes_a_token(limited: Limited, server: Hostile) -> None:
    server.answers(BUSY, BUSY, LOST, OK)
    limited.cluster.apply(THINGS, THING, manager="us")
    assert limited.tokens == len(server.requests) == 4


def test_so_does_the_request_with_newer_credentials(tmp_path: Path, server: Hostile) -> None:
    file = tmp_path / "token"
    file.write_text("old-token-value")
    limited = Limited(tmp_path, server, {"tokenFile": str(file)})
    server.answers(OK)
    limited.cluster.get(THINGS, "llm", "one")
    file.write_text("new-token-value")
    server.answers(Say(401, status(401, "Unauthorized", "Unauthorized")), OK)
    limited.cluster.get(THINGS, "llm", "one")
    assert limited.tokens == len(server.requests) == 3


def test_so_does_each_page_of_a_list_and_each_window_of_a_watch(
    limited: Limited, server: Hostile
) -> None:
    server.answers(Say(body=things(thing("a"), token="next")), Say(body=things(thing("b"))))
    assert len(limited.cluster.list(THINGS, "llm")) == 2
    server.answers(Say(body=b"", content_type="application/json"))
    limited.cluster.watch(THINGS, "llm", "7", 1)
    assert limited.tokens == len(server.requests) == 3


def test_a_lock_is_renewed_and_released_without_one(limited: Limited, server: Hostile) -> None:
    """Else it would be lost behind a long line of those writes that it protects."""
    lease = new_lease("llm", "provider-reconciler-prod", "us", limited.clock.now())
    stored = lease.body() | {"metadata": lease.body()["metadata"] | {"resourceVersion": "1"}}
    server.answers(Say(body=stored))
    for _ in range(5):
        limited.cluster.replace(LEASE, Document.of(stored))
    assert limited.clock.seconds == 1000
    for _ in range(5):
        limited.cluster.get(LEASE, "llm", "provider-reconciler-prod")
    assert limited.tokens == 5, "a look at it is a request like any other"


def test_the_wait_for_a_token_costs_no_time_of_a_request(server: Hostile) -> None:
    clock = StoppedClock()
    pool = urllib3.PoolManager()

    class OneLogin:
        def session(self, refused: int = 0) -> Session:
            return Session(1 + 0 * refused, server.url, pool, (), "the API server", "")

    bucket = Bucket(0.1, clock.monotonic, clock.sleep)
    exchange = Exchange(OneLogin(), lambda _: None, turns=Turns(bucket))
    server.answers(BUSY, BUSY, OK)
    deadline = Deadline(5, clock.monotonic)
    answer = exchange.send(Request("GET", "/things/one", "things llm/one"), deadline)
    assert (answer.status, clock.seconds) == (200, pytest.approx(1020))
    assert deadline.remaining == 5


def test_a_signal_leaves_out_what_waits(limited: Limited, server: Hostile) -> None:
    server.answers(OK)
    limited.cluster.get(THINGS, "llm", "one")
    limited.stopped = lambda: limited.clock.seconds > 1000
    with pytest.raises(Interrupted):
        limited.cluster.get(THINGS, "llm", "one")
    assert len(server.requests) == 1


def test_a_lost_lock_leaves_out_what_waits(limited: Limited, server: Hostile) -> None:
    server.answers(OK)
    limited.cluster.get(THINGS, "llm", "one")
    limited.cluster.end_waits_with(lambda: limited.clock.seconds > 1000)
    with pytest.raises(LockError):
        limited.cluster.apply(THINGS, THING, manager="us")
    assert len(server.requests) == 1


def test_what_was_sent_is_sent_again_although_the_run_ends(
    limited: Limited, server: Hostile
) -> None:
    """Whether it was carried out is to be known."""

    def script(_: Received) -> Say:
        limited.stopped = lambda: limited.clock.seconds > 1000
        return LOST if len(server.requests) == 1 else OK

    server.script(script)
    limited.cluster.apply(THINGS, THING, manager="us")
    assert len(server.requests) == 2


@pytest.mark.parametrize("refusal", [BUSY, Say(401, status(401, "Unauthorized"))])
def test_what_the_server_refused_is_not_sent_again_without_the_lock(
    tmp_path: Path, server: Hostile, refusal: Say
) -> None:
    (tmp_path / "token").write_text("before")
    limited = Limited(tmp_path, server, {"tokenFile": str(tmp_path / "token")})
    limited.cluster.end_waits_with(lambda: limited.clock.seconds > 1000)

    def script(_: Received) -> Say:
        (tmp_path / "token").write_text("newer")
        return refusal if len(server.requests) == 1 else OK

    server.script(script)
    with pytest.raises(LockError):
        limited.cluster.apply(THINGS, THING, manager="us")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://API.example.com",
        "https://api.example.com/",
        "https://api.example.com:443",
        "https://api.example.com.:443/",
    ],
)
def test_a_server_is_the_same_however_it_is_written(url: str) -> None:
    assert canonical(url) == canonical("https://api.example.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com:6443",
        "https://api.example.com/k8s/clusters/c-1",
        "http://api.example.com",
        "https://[::1]",
        "https://api.example.com:port",
        "https://[::1",
        "",
    ],
)
def test_any_other_is_another_one(url: str) -> None:
    assert canonical(url) != canonical("https://api.example.com")


def test_two_contexts_may_lead_to_one_server(tmp_path: Path, server: Hostile) -> None:
    file = kubeconfig(tmp_path / "kubeconfig", server.url)
    content = json.loads(file.read_text())
    content["clusters"] += [
        {"name": "c", "cluster": {"server": "https://the-first-counts.example.com"}},
        {"name": "empty"},
        {"name": "other", "cluster": {"server": "https://other.example.com/"}},
    ]
    content["contexts"] += [
        {"name": "other", "context": {"cluster": "other"}},
        {"name": "broken", "context": {"cluster": "nowhere"}},
    ]
    file.write_text(json.dumps(content))
    urls: list[str] = []

    def turns_at(url: str) -> Turns:
        urls.append(url)
        return Turns()

    for context in ("prod-eu", "prod-us", "", "other"):
        KubernetesCluster.connect(
            kubeconfig=str(file),
            context=context,
            redactor=SecretRedactor(),
            pace=Pace(turns_at=turns_at),
            environ={},
        )
    assert urls == [server.url] * 3 + ["https://other.example.com:443"]
    contexts = ("prod-eu", "prod-us", "", "other", "broken", "missing")
    assert servers_of(str(file), contexts, {}) == dict(zip(contexts, urls, strict=False))


def test_the_server_of_a_pod(tmp_path: Path) -> None:
    environ = {
        "KUBERNETES_SERVICE_HOST": "fd00::1",
        "KUBERNETES_SERVICE_PORT": "443",
        "KUBECONFIG": str(tmp_path / "none"),
    }
    assert servers_of(None, ("", "prod"), environ) == {"": "https://fd00::1:443"}
    assert servers_of(None, ("",), {"KUBECONFIG": str(tmp_path / "none")}) == {}
