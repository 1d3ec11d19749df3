"""Checks base URLs as Go's `url.Parse` and the operators' webhooks read them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from reconciler.text.credentials import CREDENTIAL_PARAMETERS

_CONTROL = frozenset(chr(code) for code in (*range(0x20), 0x7F))
# Go accepts none of these in a host; a browser's parser (WHATWG) rejects them or reads them differently.
_UNFIT = re.compile(r"[\\^`{|}%\s]")
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORTS = {"http": "80", "https": "443"}
# A host whose last part is a number is an IPv4 address, in any notation: 2130706433, 0x7f.1, 127.1.
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0[xX][0-9a-fA-F]*)")


def problem_of(url: str) -> str:
    """Why an operator cannot use a URL, as the end of a sentence about it; "" when it can."""
    if any(char in _CONTROL for char in url):
        return "contains a control character (a trailing newline?)"
    parts = _split(url)
    unfit = parts is None or _UNFIT.search(_without_zone(parts.netloc))
    if parts is None or unfit or url.startswith(" ") or _HALF_ESCAPE.search(parts.path):
        return "cannot be parsed"
    if parts.scheme.lower() not in ("http", "https"):
        return "needs the scheme http or https"
    if parts.port == 0:
        return "has port 0, which is not reachable"
    return "" if parts.hostname else "has no host"


def is_plain_http(url: str) -> bool:
    """Whether prompts and keys would cross a network in clear text; loopback and in-cluster hosts do not count."""
    parts = _split(url)
    if parts is None or parts.scheme.lower() != "http" or not parts.hostname:
        return False
    return not (is_in_cluster(parts.hostname) or _is_loopback(parts.hostname))


def crosses_the_cluster(url: str) -> bool:
    """Whether requests travel over plain http to another pod; those to loopback stay in their own."""
    parts = _split(url)
    if parts is None or parts.scheme.lower() != "http" or not parts.hostname:
        return False
    return is_in_cluster(parts.hostname) and not _is_loopback(parts.hostname)


def has_credentials(url: str) -> bool:
    """Whether the URL contains a user, a password or a key."""
    parts = _split(url)
    if parts is None:
        return False
    names = (pair.partition("=")[0] for pair in parts.query.split("&"))
    return "@" in parts.netloc or any(name.lower() in CREDENTIAL_PARAMETERS for name in names)


def oddity_of(url: str) -> str:
    """Why requests may not reach the intended URL, as the end of a sentence; "" for a plain base URL."""
    parts = _split(url)
    if parts is None:
        return ""
    if "\\" in url or any(char.isspace() for char in url):
        return "contains a backslash or white space, which clients read in different ways"
    if "#" in url:
        return "has a fragment, and the path that clients append becomes a part of it"
    if ".." in (parts.hostname or ""):
        return "has two dots in a row in its host, which no name server resolves"
    return "has a query, and clients append their path after it" if parts.query else ""


def ambiguity_of(url: str) -> str:
    """Why two parsers may read different hosts from a URL, or no host; "" when they all agree."""
    parts = _split(url)
    if any(char in _CONTROL or char.isspace() for char in url):
        return "contains white space or a control character"
    if "\\" in url:
        return "contains a backslash, which some parsers read as a slash"
    if parts is None or not parts.hostname or parts.scheme.lower() not in _PORTS:
        return "does not begin with a scheme and a host"
    if "@" in parts.netloc:
        return "has a user before its host"
    return (
        "has a host with escaped or special characters"
        if _UNFIT.search(_without_zone(parts.netloc))
        else ""
    )


def host_of(url: str) -> tuple[str, str]:
    """Host (lower case, no trailing dot) and port; "" for each one that the URL does not have."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "", ""
    return parts.hostname.rstrip("."), str(parts.port or "")


def host_names(url: str) -> tuple[str, ...]:
    """Every name of the host: alone, with its port or the default one, an IPv6 address with and without brackets."""
    parts = _split(url)
    host, port = host_of(url)
    if parts is None or not host:
        return ()
    port = port or _PORTS.get(parts.scheme.lower(), "")
    bracketed = f"[{_plain(host)}]" if ":" in host else host
    return tuple(dict.fromkeys((bracketed, f"{bracketed}:{port}", _plain(host))))


def _plain(host: str) -> str:
    """An IP address in its shortest form; any other host unchanged."""
    try:
        return ipaddress.ip_address(host).compressed
    except ValueError:
        return host


def _without_zone(netloc: str) -> str:
    """The netloc without the zone of an IPv6 address, the only part that may contain a percent sign."""
    return re.sub(r"\[[0-9A-Fa-f:.]*%25[\w.~-]+\]", "", netloc)


def path_of(url: str) -> str:
    parts = _split(url)
    return parts.path.rstrip("/") if parts else ""


def is_in_cluster(host: str) -> bool:
    """Whether a host is `name`, `name.namespace.svc` or `name.namespace.svc.cluster.local`, ignoring a trailing dot."""
    host = host.rstrip(".")
    if _NUMBER.fullmatch(host):
        return False
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
        _ = parts.port  # raises ValueError for a port that is not a number
    except ValueError:
        return None
    return parts
