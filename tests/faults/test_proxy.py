"""The proxy itself: what it passes is what the server said, and what it breaks is broken."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.controlplane.plane import ControlPlane
from tests.faults.actions import AFTER, BEFORE, MIDWAY, Action, Framing, Pass, rewrite, say
from tests.faults.leaks import leaks
from tests.faults.proxy import Proxy

Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(proxy: Proxy, control_plane: ControlPlane) -> Iterator[Ask]:
    tls = ssl.create_default_context(cafile=str(proxy.authority))
    bearer = {"Authorization": f"Bearer {control_plane.admin_token}"}
    with httpx.Client(base_url=proxy.url, verify=tls, headers=bearer, trust_env=False) as client:
        yield client.request


@pytest.mark.parametrize("framing", list(Framing))
def test_what_passes_is_what_the_server_said(
    proxy: Proxy, control_plane: ControlPlane, ask: Ask, framing: Framing
) -> None:
    proxy.on("GET", "/openapi", Pass(framing))
    path = "/openapi/v3/apis/agent.flokoa.ai/v1alpha1"  # long enough to be packed by the server
    answer = ask("GET", path)
    assert answer.json() == control_plane.request("GET", path).json()
    (passed,) = proxy.log
    assert (passed.forwarded, passed.code, passed.said) == (True, 200, 200)
    assert passed.size == len(answer.content)
    assert passed.request.headers["authorization"] == f"Bearer {control_plane.admin_token}"


def test_a_connection_is_kept(proxy: Proxy, namespace: str, ask: Ask) -> None:
    for _ in range(3):
        assert ask("GET", f"/api/v1/namespaces/{namespace}").status_code == 200
    assert ask("GET", "/nowhere").status_code == 404
    assert (len(proxy.log), proxy.connections) == (4, 1)


@pytest.mark.parametrize(
    ("action", "reached"), [(BEFORE, False), (AFTER, True), (MIDWAY, True)], ids=str
)
def test_where_it_is_cut(
    proxy: Proxy,
    control_plane: ControlPlane,
    namespace: str,
    ask: Ask,
    action: Action,
    reached: bool,
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    proxy.on("POST", path, action, times=1)
    with pytest.raises(httpx.TransportError):
        ask("POST", path, json={"metadata": {"name": "one"}})
    assert [passed.forwarded for passed in proxy.log] == [reached]
    code = control_plane.request("GET", f"{path}/one").status_code
    assert code == (200 if reached else 404)
    assert ask("POST", path, json={"metadata": {"name": "two"}}).status_code == 201


def test_rules_count_and_the_first_that_decides_counts(
    proxy: Proxy, namespace: str, ask: Ask
) -> None:
    path = f"/api/v1/namespaces/{namespace}"
    proxy.on("GET", path, lambda request: say(418) if "x-tea" in request.headers else None)
    proxy.on("GET", path, say(503), first=2, times=1)
    proxy.on("GET", path, rewrite(lambda body: body | {"kind": "Lie"}), first=3)
    answers = [ask("GET", path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 503, 200]
    assert [answers[0].json()["kind"], answers[2].json()["kind"]] == ["Namespace", "Lie"]
    assert ask("GET", path, headers={"X-Tea": "1"}).status_code == 418


def test_the_scan_finds_pieces_in_encodings() -> None:
    secret = "Qz7-vR2kX9wLmT4yBd83"
    assert not leaks("nothing of it", [secret])
    assert leaks(f"...{secret[3:14]}...", [secret])
    assert leaks(secret.encode().hex(), [secret])
    assert leaks("eyJ0b2tlbiI6IlF6Ny12UjJrWDl3TG1UNHlCZDgzIn0=", [secret])  # inside of base64
