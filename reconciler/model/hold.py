"""Holds: an annotation by which a person keeps an object as it is, until a time and for a reason.

`kubectl annotate` can set it as well as the command `hold`: its value is `2026-12-01T18:00:00Z vendor outage`. Apply
leaves a held object alone. A value that cannot be read, or that would hold for too long, is no reason to overwrite what
somebody meant to keep: apply refuses the object until the annotation is corrected or removed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconciler.frozen import dataclass
from reconciler.model.applyset import TOOL
from reconciler.model.difference import Writer
from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.identity import Endpoint, ObjectRef

MANAGER = f"{TOOL}-hold"
ANNOTATION = f"{TOOL}/hold"
LONGEST = timedelta(days=31)
_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that has not ended.

    Attributes:
        until: RFC 3339, UTC; "" if it cannot be read.
        by: who wrote the annotation.
        problem: why nobody can tell how long it holds; "" if it is fine.
    """

    until: str
    reason: str = ""
    by: Writer | None = None
    problem: str = ""


def hold_of(live: JsonObject, now: datetime, by: Writer | None = None) -> Hold | None:
    """The hold of a live object; None without one, or if it has ended."""
    annotations = dig_map(live, "metadata", "annotations")
    if ANNOTATION not in annotations:
        return None
    time, _, reason = str(annotations[ANNOTATION]).strip().partition(" ")
    reason = reason.strip()[:_REASON]
    end = _end(time)
    if end is None:
        return Hold("", reason, by, "it does not begin with a time such as 2026-12-01T18:00:00Z")
    if end - LONGEST > now:
        return Hold("", reason, by, f"it would hold for more than {LONGEST.days} days")
    return Hold(rfc3339(end), reason, by) if end > now else None


def _end(text: str) -> datetime | None:
    try:
        end = datetime.fromisoformat(text)
        return end.astimezone(UTC) if end.tzinfo else None
    except (ValueError, OverflowError):
        return None


def rfc3339(time: datetime) -> str:
    """Whole seconds, UTC."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def body_of(endpoint: Endpoint, ref: ObjectRef, until: datetime, reason: str) -> Document:
    """The body of the server-side apply that holds an object: the annotation, and no other field."""
    value = f"{rfc3339(until)} {' '.join(reason.split())[:_REASON]}".strip()
    metadata = {
        "name": ref.name,
        "namespace": ref.namespace,
        "annotations": {ANNOTATION: value},
    }
    return Document.of(
        {"apiVersion": endpoint.api_version, "kind": endpoint.kind, "metadata": metadata}
    )


def release_of(resource_version: str) -> JsonObject:
    """The merge patch that ends a hold, whoever set it."""
    metadata = {"resourceVersion": resource_version, "annotations": {ANNOTATION: None}}
    return {"metadata": metadata}
