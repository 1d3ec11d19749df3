"""API servers by their URLs, however a kubeconfig writes them: two contexts may lead to one server."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any, Final

_PORTS: Final = {"http": 80, "https": 443}


def canonical(url: str) -> str:
    """One text for every spelling of a server's URL; a text that is not a URL is returned unchanged."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return url
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}{parts.path.rstrip('/')}"


def of_pod(environ: Mapping[str, str]) -> str:
    """The server of the cluster in which a pod runs."""
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    return canonical(f"https://{f'[{host}]' if ':' in host else host}:{port}")


def of_contexts(
    kubeconfig: Mapping[str, list[dict[str, Any]]], contexts: Iterable[str]
) -> dict[str, str]:
    """The server of each context that leads to one; "" is the current context."""
    entries = _by_name(kubeconfig["contexts"], "context")
    clusters = _by_name(kubeconfig["clusters"], "cluster")
    urls = {
        context: clusters.get(str(entry.get("cluster")), {}).get("server")
        for context in contexts
        if (entry := entries.get(context or kubeconfig["current"][0]["name"]))
    }
    return {context: canonical(str(url)) for context, url in urls.items() if url}


def _by_name(entries: list[dict[str, Any]], inner: str) -> dict[str, dict[str, Any]]:
    return {
        str(entry.get("name")): entry[inner]
        for entry in entries
        if isinstance(entry.get(inner), dict)
    }
