"""The audit log of the API server: what was asked, by whom, how often."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.controlplane.locks import until

_MARKER = "audit-marker"
_SERVER_ITSELF = "system:apiserver"


@dataclass(frozen=True)
class Record:
    verb: str
    user: str
    user_agent: str
    resource: str  # "" for what is not a resource, /version say
    subresource: str
    namespace: str
    name: str
    dry_run: bool  # as said in the URL; a DELETE can say so in its body, which is not logged
    code: int
    request_uri: str

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        target = event.get("objectRef", {})
        uri = event["requestURI"]
        return cls(
            verb=event["verb"],
            user=event["user"].get("username", ""),
            user_agent=event.get("userAgent", ""),
            resource=target.get("resource", ""),
            subresource=target.get("subresource", ""),
            namespace=target.get("namespace", ""),
            name=target.get("name", ""),
            dry_run="dryRun" in parse_qs(urlsplit(uri).query),
            code=event.get("responseStatus", {}).get("code", 0),
            request_uri=uri,
        )


class Audit:
    """Other workers talk to the same server: tell them apart by namespace, user or user agent."""

    def __init__(self, log: Path, get: Callable[[str], object]) -> None:
        self._log = log
        self._get = get

    def mark(self) -> int:
        """A point in the log: every request answered before this call lies before it."""
        start = self._log.stat().st_size
        marker = f"{_MARKER}={secrets.token_hex(8)}"
        self._get(f"/version?{marker}")
        # The server logs a request before it ends the answer, so earlier ones are in front.
        end = -1

        def is_written() -> bool:
            nonlocal end
            end = self._end_of_line_with(marker.encode(), start)
            return end >= 0

        until(is_written, "the audit log has the marker")
        return end

    def since(self, mark: int) -> list[Record]:
        """Every request since then, once, but not what the server asked itself."""
        end = self.mark()
        with self._log.open("rb") as log:
            log.seek(mark)
            events = map(json.loads, log.read(end - mark).splitlines())
        # A watch is logged when it starts and again when it ends.
        records = map(Record.of, {event["auditID"]: event for event in events}.values())
        return [
            record
            for record in records
            if record.user != _SERVER_ITSELF and f"?{_MARKER}=" not in record.request_uri
        ]

    def count(self, mark: int, **attributes: str | int | bool) -> int:
        """How many records since the mark have these values; `user_agent` is a beginning."""
        agent = str(attributes.pop("user_agent", ""))
        return sum(
            record.user_agent.startswith(agent)
            and all(getattr(record, name) == value for name, value in attributes.items())
            for record in self.since(mark)
        )

    def _end_of_line_with(self, marker: bytes, start: int) -> int:
        with self._log.open("rb") as log:
            log.seek(start)
            tail = log.read()
        match = tail.find(marker)
        end = tail.find(b"\n", match) if match >= 0 else -1
        return start + end + 1 if end >= 0 else -1
