"""Base URLs: which ones the operators' webhooks accept, and which ones deserve a warning."""

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
        ("https://", "has no host"),
        ("https:///v1", "has no host"),
        ("https://:8080", "has no host"),
        ("https://api.example.com\n", "contains a control character (a trailing newline?)"),
        ("https://api.example.com/\x7f", "contains a control character (a trailing newline?)"),
        ("https://api example.com", "cannot be parsed"),
        ("https://api.example.com:port", "cannot be parsed"),
        ("https://evil.com\\@api.example.com", "cannot be parsed"),
        ("https://evil.com\\.example.com", "cannot be parsed"),
        ("https://%65vil.com", "cannot be parsed"),
        ("http://[fe80::1%25eth0]:11434", ""),
        ("https://[::1", "cannot be parsed"),
        (" https://api.example.com", "cannot be parsed"),
        ("https://api.example.com/%zz", "cannot be parsed"),
        ("https://api.example.com/%2fv1", ""),
    ],
)
def test_why_an_operator_cannot_use_a_url(url: str, problem: str) -> None:
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
        ("http://2130706433", True),
        ("http://0x7f000001", True),
        ("http://3com", False),
    ],
)
def test_urls_that_send_keys_in_clear_text(url: str, plain: bool) -> None:
    assert urls.is_plain_http(url) is plain


def test_urls_with_credentials() -> None:
    assert urls.has_credentials("https://token@api.example.com")
    assert not urls.has_credentials("https://api.example.com/@team")


@pytest.mark.parametrize(
    ("url", "oddity"),
    [
        ("https://api.example.com/v1", ""),
        ("https://api.example.com/v1\\", "contains a backslash or white space, which clients read in different ways"),
        ("https://api.example.com/v 1", "contains a backslash or white space, which clients read in different ways"),
    ],
)  # fmt: skip
def test_urls_that_clients_read_in_different_ways(url: str, oddity: str) -> None:
    assert urls.oddity_of(url) == oddity


@pytest.mark.parametrize(
    ("url", "ambiguity"),
    [
        ("https://api.example.com:8443/v1?a=b", ""),
        ("http://[fe80::1%25eth0]", ""),
        (
            "https://evil.com\\@api.example.com",
            "contains a backslash, which some parsers read as a slash",
        ),
        ("https://a@api.example.com", "has a user before its host"),
        ("https://api.example.com/a b", "contains white space or a control character"),
        ("https://api.example.com\x00", "contains white space or a control character"),
        ("https://api%2eexample.com", "has a host with escaped or special characters"),
        ("api.example.com:443", "does not begin with a scheme and a host"),
        ("//api.example.com", "does not begin with a scheme and a host"),
        ("https://[::1", "does not begin with a scheme and a host"),
    ],
)
def test_urls_whose_host_is_ambiguous(url: str, ambiguity: str) -> None:
    assert urls.ambiguity_of(url) == ambiguity


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://API.example.com./v1", ("api.example.com", "api.example.com:443")),
        ("http://llm.svc:8000", ("llm.svc", "llm.svc:8000")),
        ("http://[0:0::1]:80", ("[::1]", "[::1]:80", "::1")),
        ("nothing", ()),
    ],
)
def test_names_of_a_host(url: str, names: tuple[str, ...]) -> None:
    assert urls.host_names(url) == names


def test_a_trailing_dot_does_not_change_the_host() -> None:
    assert not urls.is_plain_http("http://llm.omnia.svc.cluster.local./v1")
    assert urls.is_plain_http("http://llm.example.com./v1")
    assert "two dots" in urls.oddity_of("https://a..b.example.com/v1")
