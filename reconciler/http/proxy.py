"""Selects the proxy of a request by the rules of Go's net/http, which kubectl uses.

The kubernetes client for Python changes its rules between releases, and sends loopback requests to proxies.
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Mapping

import urllib3


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def proxy_for(server: str, environ: Mapping[str, str]) -> str:
    """The proxy's URL from HTTPS_PROXY (HTTP_PROXY for http), "" for a direct connection."""
    url = urllib.parse.urlsplit(server)
    host = (url.hostname or "").rstrip(".")
    name = f"{url.scheme}_proxy"
    proxy = environ.get(name.upper()) or environ.get(name) or ""
    if not proxy or is_loopback(host):
        return ""
    excepted = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    if any(_matches(entry.strip().lower(), host, port) for entry in excepted.split(",")):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def headers_for(proxy: str) -> dict[str, str] | None:
    """The header that carries the user and the password of a proxy's URL."""
    parts = urllib.parse.urlsplit(proxy)
    if not parts.username:
        return None
    user, password = (urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
    return dict(urllib3.make_headers(proxy_basic_auth=f"{user}:{password}"))


def _matches(entry: str, host: str, port: int) -> bool:
    if entry in ("", "*"):
        return entry == "*"
    if (address := _address(host)) is not None and "/" in entry:
        return _within(address, entry)
    bare, _, named_port = entry.rpartition(":")
    if bare and named_port.isdigit() and _address(entry) is None:
        if int(named_port) != port:
            return False
        entry = bare.strip("[]")
    if entry.startswith((".", "*.")):  # only its subdomains
        return host.endswith(entry.removeprefix("*"))
    return host == entry or (address is None and host.endswith(f".{entry}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
