"""Connections to a server with a certificate of a public authority."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import urllib3

from reconciler.errors import UsageError
from reconciler.http import proxy


def open_pool(url: str, environ: Mapping[str, str]) -> urllib3.PoolManager:
    """A pool that verifies TLS by the system's certificates, or by those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.

    Raises:
        UsageError: the proxy of `HTTPS_PROXY` cannot be used.
    """
    trusted = ssl.create_default_context()  # OpenSSL reads both variables itself
    chosen = proxy.proxy_for(url, environ)
    if not chosen:
        return urllib3.PoolManager(ssl_context=trusted)
    try:
        return urllib3.ProxyManager(
            chosen, proxy_headers=proxy.headers_for(chosen), ssl_context=trusted
        )
    except urllib3.exceptions.HTTPError:  # its text contains the URL with the password
        raise UsageError("no connection can be made with this proxy") from None
