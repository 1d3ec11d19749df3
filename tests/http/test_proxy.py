"""Proxies, as Go's net/http chooses them, and so kubectl."""

from __future__ import annotations

import pytest

from reconciler.http.proxy import proxy_for

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
    chosen = proxy_for(server, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy})
    assert chosen == ("" if direct else PROXY)


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
