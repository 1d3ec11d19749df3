"""The URL of a service that an option names. Credentials have places of their own, since a URL is shown."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from reconciler.errors import UsageError


def service_url(option: str, url: str, *, example: str, credentials: str) -> SplitResult:
    """The parts of an http or https URL.

    Args:
        example: a URL that would do.
        credentials: the variable that takes them.

    Raises:
        UsageError: it is no such URL, or it has credentials.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    is_plain = url.isprintable() and not set(url) & set(" ?#")  # a path is appended to it
    if parts.scheme not in ("http", "https") or not host or not is_plain:
        raise UsageError(f"{option} is not a URL", hint=f"such as {example}")
    if parts.username or parts.password:
        raise UsageError(f"{option} holds credentials", hint=f"put them into {credentials}")
    return parts
