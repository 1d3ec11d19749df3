"""Requests of the API, and their paths from names that a manifest's author chose."""

from __future__ import annotations

import urllib.parse
from dataclasses import field

from reconciler.errors import RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.http.wire import Request
from reconciler.model.identity import SECRET, Endpoint


@dataclass(frozen=True, slots=True)
class ApiRequest(Request):
    """A request to the API server.

    Attributes:
        verb: of RBAC: get, list, patch ...
        namespaces: whether the request is about a namespace itself.
    """

    verb: str = field(kw_only=True)
    namespaces: bool = field(default=False, kw_only=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The namespace and the name in the subject."""
        return tuple(self.subject.rpartition(" ")[2].split("/"))


def of(endpoint: Endpoint, namespace: str, name: str = "") -> str:
    """`/apis/{group}/{version}/namespaces/{namespace}/{plural}/{name}`; without the namespace for what has none.

    Raises:
        Refused: INVALID, a name that would lead elsewhere.
    """
    root = ("apis", endpoint.group) if endpoint.group else ("api",)
    place = ("namespaces", namespace) if namespace else ()
    parts = (*root, endpoint.version, *place, endpoint.plural, *((name,) if name else ()))
    return "".join(f"/{_segment(part)}" for part in parts)


def published(endpoint: Endpoint) -> str:
    """Where the schemas of a group and version are."""
    return "/openapi/v3/apis/" + "/".join(
        _segment(part) for part in (endpoint.group, endpoint.version)
    )


def _segment(text: str) -> str:
    """The API server decodes a path before it splits it: these are the names it refuses, too."""
    if text in ("", ".", "..") or "/" in text or "%" in text:
        raise Refused(RefusalReason.INVALID, f"{text!r} is not a name in Kubernetes")
    return urllib.parse.quote(text, safe=":")


def subject(endpoint: Endpoint, namespace: str, name: str = "") -> str:
    """For messages: `providers.omnia.altairalabs.ai llm/gateway`."""
    kind = endpoint.crd_name if endpoint.group else endpoint.plural
    place = f"{namespace}/{name or '*'}" if namespace else name
    return f"{kind} {place}"


def refuse_secrets(endpoint: Endpoint) -> None:
    """Objects leave the adapter, values of Secrets do not: there is `read_secret`, and nothing else."""
    if endpoint.group_kind == SECRET.group_kind:
        raise ValueError("a Secret is never listed, read, applied or replaced as an object")
