"""Base URLs, as Go's `url.Parse` and the operators' webhooks read them."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from reconciler.text.credentials import CREDENTIAL_PARAMETERS

_CONTROL = frozenset(chr(code) for code in (*range(0x20), 0x7F))


def problem_of(url: str) -> str:
    """Why an operator could not use it, as the end of a sentence about a URL; "" when it can."""
    if any(char in _CONTROL for char in url):
        return "holds a control character (a trailing newline?)"
    parts = _split(url)
    if parts is None or " " in parts.netloc:
        return "cannot be parsed"
    if parts.scheme.lower() not in ("http", "https"):
        return "needs the scheme http or https"
    if parts.port == 0:
        return "names port 0, which nobody can reach"
    return "" if parts.hostname else "names no host"


def is_plain_http(url: str) -> bool:
    """Whether prompts and keys would cross a network in clear text (loopback and the cluster's own do not)."""
    parts = _split(url)
    if parts is None or parts.scheme.lower() != "http" or not parts.hostname:
        return False
    return not (is_in_cluster(parts.hostname) or _is_loopback(parts.hostname))


def has_credentials(url: str) -> bool:
    """Whether the URL carries a user, a password or a key; what it is never leaves this function."""
    parts = _split(url)
    if parts is None:
        return False
    names = (pair.partition("=")[0] for pair in parts.query.split("&"))
    return "@" in parts.netloc or any(name.lower() in CREDENTIAL_PARAMETERS for name in names)


def oddity_of(url: str) -> str:
    """Why requests would not reach what the author means, as the end of a sentence; "" for a plain base URL."""
    parts = _split(url)
    if parts is None:
        return ""
    if "#" in url:
        return "has a fragment, and what clients append is lost in it"
    return "has a query, and clients append their path behind it" if parts.query else ""


def host_of(url: str) -> tuple[str, str]:
    """Host, in lower case and without a dot at its end, and port; "" for what is not there."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "", ""
    return parts.hostname.rstrip("."), str(parts.port or "")


def path_of(url: str) -> str:
    parts = _split(url)
    return parts.path.rstrip("/") if parts else ""


def is_in_cluster(host: str) -> bool:
    """`name`, `name.namespace.svc`, `name.namespace.svc.cluster.local`."""
    return not ("." in host or ":" in host) or host.endswith((".svc", ".cluster.local"))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts
