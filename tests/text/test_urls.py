"""Base URLs: what the operators' webhooks take, and what a reader should know."""

from __future__ import annotations

import pytest

from reconciler.text import urls


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://api.example.com/v1", ""),
        ("HTTPS://api.example.com", ""),
        ("http://vllm.inference.svc:8000", ""),
        ("http://[::1]:11434", ""),
        ("https://someone:something@api.example.com", ""),
        ("api.example.com", "needs the scheme http or https"),
        ("localhost:11434/v1", "needs the scheme http or https"),
        ("//api.example.com", "needs the scheme http or https"),
        ("ftp://api.example.com", "needs the scheme http or https"),
        ("https://", "names no host"),
        ("https:///v1", "names no host"),
        ("https://:8080", "names no host"),
        ("https://api.example.com\n", "holds a control character (a trailing newline?)"),
        ("https://api.example.com/\x7f", "holds a control character (a trailing newline?)"),
        ("https://api example.com", "cannot be parsed"),
        ("https://api.example.com:port", "cannot be parsed"),
        ("https://[::1", "cannot be parsed"),
    ],
)
def test_what_an_operator_can_use(url: str, problem: str) -> None:
    assert urls.problem_of(url) == problem


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://api.example.com", True),
        ("http://10.0.0.7", True),
        ("http://[fd00::7]", True),
        ("https://api.example.com", False),
        ("http://localhost:11434", False),
        ("http://127.0.0.2", False),
        ("http://[::1]", False),
        ("http://ollama:11434", False),
        ("http://vllm.inference.svc", False),
        ("http://vllm.inference.svc.cluster.local", False),
        ("http://svc.example.com", True),
        ("http://", False),
    ],
)
def test_what_crosses_a_network_in_clear_text(url: str, plain: bool) -> None:
    assert urls.is_plain_http(url) is plain


def test_credentials_in_a_url() -> None:
    assert urls.has_credentials("https://token@api.example.com")
    assert not urls.has_credentials("https://api.example.com/@team")
