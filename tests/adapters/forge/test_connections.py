"""How the forge is reached: TLS, proxies and limits, over real sockets."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trustme

from reconciler.adapters.forge.comments import Comments
from reconciler.adapters.forge.github import GITHUB
from reconciler.errors import ForgeError, UsageError
from tests.adapters.forge.server import Forge, serve, tunnel

TOKEN = "ghs_canaryTokenNeverShown"
BODY = "<!-- reconciler:diff:prod -->\n### prod: 1 object changes\n"
AUTHORITY = trustme.CA()


def identity(*names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(context)
    return context


def post(url: str, environ: Mapping[str, str] | None = None, timeout: float = 60.0) -> str:
    no_wait: Callable[[float], None] = lambda _: None  # noqa: E731
    github = Comments(
        GITHUB, url, "acme/llm", TOKEN, timeout=timeout, sleep=no_wait, environ=environ or {}
    )
    with closing(github):
        return github.comment(42, BODY)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our authority is the one of `SSL_CERT_FILE`."""
    file = tmp_path / "authority.pem"
    file.write_bytes(AUTHORITY.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def test_a_certificate_that_nobody_knows_is_not_trusted() -> None:
    with serve(Forge(), identity("127.0.0.1")) as forge:
        with pytest.raises(ForgeError, match="certificate is not trusted") as caught:
            post(forge.url)
        assert "SSL_CERT_FILE" in caught.value.hint
        assert forge.requests == []


@pytest.mark.usefixtures("trusted")
def test_ssl_cert_file_names_what_to_trust() -> None:
    with serve(Forge(), identity("127.0.0.1")) as forge:
        assert post(forge.url) == "created"


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_host_is_not_trusted() -> None:
    with serve(Forge(), identity("other.test")) as forge:
        with pytest.raises(ForgeError, match="certificate is not trusted"):
            post(forge.url)
        assert forge.requests == []


@pytest.mark.usefixtures("trusted")
def test_a_proxy_gets_its_password_and_never_the_token() -> None:
    with serve(Forge(), identity("forge.test")) as forge, tunnel() as proxy:
        port = forge.url.rpartition(":")[2]
        environ = {"HTTPS_PROXY": f"http://user:p%40ss@{proxy.url}"}
        assert post(f"https://forge.test:{port}", environ) == "created"
        assert all(head.startswith(f"CONNECT forge.test:{port} ") for head in proxy.heads)
        password = "proxy-authorization: Basic dXNlcjpwQHNz"
        assert all(password in head for head in proxy.heads)
        assert TOKEN not in "".join(proxy.heads)
        assert forge.tokens == {f"Bearer {TOKEN}"}


def test_no_proxy_leads_past_the_proxy() -> None:
    with tunnel() as proxy:
        environ = {"HTTPS_PROXY": f"http://{proxy.url}", "NO_PROXY": "forge.test"}
        with pytest.raises(ForgeError, match="host name of the forge is not known"):
            post("https://forge.test", environ)
        assert proxy.heads == []


def test_a_proxy_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(ForgeError, match="HTTPS_PROXY") as caught:
        post("https://forge.test", {"HTTPS_PROXY": "http://user:canary-password@127.0.0.1:1"})
    assert "canary" not in repr(caught.value) + caught.value.hint + caught.value.where


def test_a_proxy_that_cannot_be_used() -> None:
    with pytest.raises(UsageError) as caught:
        post("https://forge.test", {"HTTPS_PROXY": "gopher://user:canary-password@x"})
    assert "canary" not in repr(caught.value)


def test_an_answer_after_the_deadline_does_not_count() -> None:
    def late(*_: object) -> None:
        time.sleep(1.5)

    with serve(Forge(faults=[late] * 20)) as forge:
        with pytest.raises(ForgeError, match="no answer in time"):
            post(forge.url, timeout=0.3)
        assert len(forge.requests) <= 4


LARGE = b" " * (33 * 1024 * 1024)


@pytest.mark.parametrize(
    ("body", "headers"),
    [(LARGE, {}), (gzip.compress(LARGE), {"Content-Encoding": "gzip"})],
    ids=["plain", "gzip"],
)
def test_an_answer_that_is_too_large_is_not_read(body: bytes, headers: dict[str, str]) -> None:
    def large(*_: object) -> tuple[int, Any, dict[str, str]]:
        return 200, body, headers

    with serve(Forge(faults=[large])) as forge, pytest.raises(ForgeError, match="32 MiB"):
        post(forge.url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://me:canary-word@forge.test", "holds credentials"),
        ("https://[", "not a URL"),
        ("https://forge.test/?token=canary-word", "not a URL"),
        ("https://forge.test\n.elsewhere.test", "not a URL"),
    ],
)
def test_a_url_that_would_be_shown_with_a_secret_is_refused(url: str, message: str) -> None:
    """Each message of a forge that does not answer names the URL."""
    with pytest.raises(UsageError, match=message) as caught:
        post(url)
    assert "canary" not in repr(caught.value) + caught.value.hint + caught.value.where


def test_a_reason_that_would_be_a_book_is_not_read() -> None:
    def wordy(*_: object) -> tuple[int, Any, dict[str, str]]:
        return 422, {"message": "token: " * 1_000_000}, {}

    with serve(Forge(faults=[wordy])) as forge, pytest.raises(ForgeError, match="refused") as said:
        post(forge.url)
    assert said.value.message.endswith("refused as invalid (422)")
