"""Proxies, as Go's net/http chooses them, and so kubectl."""

from __future__ import annotations

import base64

import pytest

from reconciler.adapters.kubernetes.proxy import proxy_for
from reconciler.errors import Unreachable, UsageError
from tests.adapters.kubernetes.conftest import Connect
from tests.adapters.kubernetes.hostile import Hostile, Say
from tests.adapters.kubernetes.objects import THINGS, thing

PROXY = "http://proxy.example.org:3128"


@pytest.mark.parametrize(
    ("server", "no_proxy", "direct"),
    [
        ("https://api.example.org:6443", "", False),
        ("https://api.example.org:6443", "*", True),
        ("https://api.example.org:6443", "example.org", True),
        ("https://api.example.org:6443", ".example.org", True),
        ("https://api.example.org:6443", "*.example.org", True),
        ("https://example.org", ".example.org", False),
        ("https://example.org", "other.org, EXAMPLE.org", True),
        ("https://notexample.org", "example.org", False),
        ("https://api.example.org:6443", "api.example.org:6443", True),
        ("https://api.example.org:6443", "api.example.org:443", False),
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://10.1.2.3", "10.2.0.0/16", False),
        ("https://10.1.2.3:6443", "10.1.2.3", True),
        ("https://[fd00::1]:6443", "fd00::/8", True),
        ("https://[fd00::1]:6443", "[fd00::1]:6443", True),
        ("https://127.0.0.1:6443", "", True),
        ("https://localhost:6443", "", True),
        ("https://[::1]:6443", "", True),
    ],
)
def test_no_proxy(server: str, no_proxy: str, direct: bool) -> None:
    found = proxy_for(server, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy})
    assert found == ("" if direct else PROXY)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ""),
        ({"HTTP_PROXY": PROXY}, ""),
        ({"https_proxy": PROXY}, PROXY),
        ({"HTTPS_PROXY": "proxy.example.org:3128"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "example.org"}, ""),
    ],
)
def test_variables(environ: dict[str, str], expected: str) -> None:
    assert proxy_for("https://api.example.org", environ) == expected


def test_a_proxy_of_the_kubeconfig_is_used_with_its_password(
    server: Hostile, connect: Connect
) -> None:
    server.answers(Say(body=thing()))
    proxy = server.url.replace("http://", "http://user:p%40ss@")
    connect(**{"proxy-url": proxy}).get(THINGS, "llm", "one")
    (seen,) = server.seen
    assert seen.path.startswith("http://127.0.0.1:")  # asked of a proxy
    basic = base64.b64encode(b"user:p@ss").decode()
    assert seen.headers["Proxy-Authorization"] == f"Basic {basic}"


def test_a_proxy_that_is_not_there_is_named_without_its_password(connect: Connect) -> None:
    cluster = connect(**{"proxy-url": "http://user:canary-password@127.0.0.1:1"})
    with pytest.raises(Unreachable, match="proxy") as caught:
        cluster.get(THINGS, "llm", "one")
    assert "canary" not in f"{caught.value!r}"


def test_a_proxy_that_cannot_be_used(connect: Connect) -> None:
    with pytest.raises(UsageError) as caught:
        connect(**{"proxy-url": "gopher://user:canary@x"}).get(THINGS, "llm", "one")
    assert "canary" not in f"{caught.value!r}"
