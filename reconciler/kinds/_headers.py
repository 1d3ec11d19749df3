"""Names of HTTP headers."""

from __future__ import annotations

_CREDENTIALS = ("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie")


def is_credential(name: str) -> bool:
    """Whether a header of this name carries a credential; names know no case."""
    return name.lower() in _CREDENTIALS
