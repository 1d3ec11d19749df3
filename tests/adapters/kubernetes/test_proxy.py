"""The proxy that a kubeconfig names."""

from __future__ import annotations

import base64

import pytest

from reconciler.errors import Unreachable, UsageError
from tests.adapters.kubernetes.conftest import Connect
from tests.adapters.kubernetes.hostile import Hostile, Say
from tests.adapters.kubernetes.objects import THINGS, thing


def test_a_proxy_of_the_kubeconfig_is_used_with_its_password(
    server: Hostile, connect: Connect
) -> None:
    server.answers(Say(body=thing()))
    proxy = server.url.replace("http://", "http://user:p%40ss@")
    connect(**{"proxy-url": proxy}).get(THINGS, "llm", "one")
    (request,) = server.requests
    assert request.path.startswith("http://127.0.0.1:")  # asked of a proxy
    basic = base64.b64encode(b"user:p@ss").decode()
    assert request.headers["Proxy-Authorization"] == f"Basic {basic}"


def test_a_proxy_that_is_not_there_is_named_without_its_password(connect: Connect) -> None:
    cluster = connect(**{"proxy-url": "http://user:canary-password@127.0.0.1:1"})
    with pytest.raises(Unreachable, match="proxy") as caught:
        cluster.get(THINGS, "llm", "one")
    assert "canary" not in f"{caught.value!r}"


def test_a_proxy_that_cannot_be_used(connect: Connect) -> None:
    with pytest.raises(UsageError) as caught:
        connect(**{"proxy-url": "gopher://user:canary@x"}).get(THINGS, "llm", "one")
    assert "canary" not in f"{caught.value!r}"
