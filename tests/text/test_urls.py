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
        ("http://2130706433", True),
        ("http://0x7f000001", True),
        ("http://3com", False),
    ],
)
def test_what_crosses_a_network_in_clear_text(url: str, plain: bool) -> None:
    assert urls.is_plain_http(url) is plain


def test_credentials_in_a_url() -> None:
    assert urls.has_credentials("https://token@api.example.com")
    assert not urls.has_credentials("https://api.example.com/@team")


@pytest.mark.parametrize(
    ("url", "oddity"),
    [
        ("https://api.example.com/v1", ""),
        ("https://api.example.com/v1\\", "holds a backslash or white space, which clients read in several ways"),
        ("https://api.example.com/v 1", "holds a backslash or white space, which clients read in several ways"),
    ],
)  # fmt: skip
def test_what_clients_do_not_agree_on(url: str, oddity: str) -> None:
    assert urls.oddity_of(url) == oddity


@pytest.mark.parametrize(
    ("url", "ambiguity"),
    [
        ("https://api.example.com:8443/v1?a=b", ""),
        ("http://[fe80::1%25eth0]", ""),
        ("https://evil.com\\@api.example.com", "holds a backslash, which some read as a slash"),
        ("https://a@api.example.com", "names a user before its host"),
        ("https://api.example.com/a b", "holds white space or a control character"),
        ("https://api.example.com\x00", "holds white space or a control character"),
        ("https://api%2eexample.com", "has a host in other letters"),
        ("api.example.com:443", "does not begin with a scheme and a host"),
        ("//api.example.com", "does not begin with a scheme and a host"),
        ("https://[::1", "does not begin with a scheme and a host"),
    ],
)
def test_hosts_that_two_readers_may_not_agree_on(url: str, ambiguity: str) -> None:
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
def test_the_names_of_a_host(url: str, names: tuple[str, ...]) -> None:
    assert urls.host_names(url) == names


def test_a_dot_at_the_end_of_a_host_is_no_other_host() -> None:
    assert not urls.is_plain_http("http://llm.omnia.svc.cluster.local./v1")
    assert urls.is_plain_http("http://llm.example.com./v1")
    assert "two dots" in urls.oddity_of("https://a..b.example.com/v1")
