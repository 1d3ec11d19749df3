"""News as Events of Kubernetes (events.k8s.io/v1), one for each object that a piece of news is about.

The name of an Event follows from what it says. A second one with the same name is refused, so that neither runs at the
same time nor a repeated delivery tell the same twice as long as the cluster keeps the Event (an hour by default).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.applyset import TOOL
from reconciler.model.document import Json, JsonObject
from reconciler.model.identity import EVENT, Endpoint, ObjectRef
from reconciler.reports._news import News
from reconciler.reports._words import short

_NOTE: Final = 900  # characters, with room for the number that `short` adds; the API refuses more than 1,024 bytes
_NAME: Final = 200  # characters of the name of the object, in the name of its Event
_REASON: Final = 100


@dataclass(frozen=True, slots=True)
class ObjectNews:
    """A piece of news about an object.

    Attributes:
        word: `new`, `changed` or `resolved`.
    """

    ref: ObjectRef
    word: str
    issue: JsonObject

    def body(self, endpoint: Endpoint, uid: str, now: str) -> JsonObject:
        """The Event.

        Args:
            uid: of the object; "" if it is unknown.
            now: the API's MicroTime.
        """
        regarding = {
            "apiVersion": endpoint.api_version,
            "kind": self.ref.kind,
            "namespace": self.ref.namespace,
            "name": self.ref.name,
        }
        return {
            "apiVersion": EVENT.api_version,
            "kind": EVENT.kind,
            "metadata": {"name": self._name(), "namespace": self.ref.namespace},
            "eventTime": now,
            "reportingController": TOOL,
            "reportingInstance": TOOL,
            "action": "Notify",
            "reason": self._reason(),
            "regarding": regarding | ({"uid": uid} if uid else {}),
            "note": _bounded(short(f"{self._prefix()}{self.issue.get('message', '')}", _NOTE)),
            "type": "Normal" if self.word == "resolved" else "Warning",
        }

    def _name(self) -> str:
        said = [self.word, self.ref.address, self.issue]
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode(errors="replace"))
        return f"{self.ref.name[:_NAME]}.{digest.hexdigest()[:16]}"

    def _reason(self) -> str:
        """`Drift`, `NoKeyResolved`: the word of the reports in the form that Kubernetes wants."""
        words = str(self.issue.get("code", "")).replace("-", " ").split()
        reason = "".join(word[:1].upper() + word[1:] for word in words if word.isalnum())
        end = "Resolved" if self.word == "resolved" else ""
        return (reason[:_REASON] or "Attention") + end

    def _prefix(self) -> str:
        return "resolved: " if self.word == "resolved" else ""


def about_objects(fresh: News) -> Iterator[ObjectNews]:
    """The news by object; news that concerns no object has no Event."""
    for word, issues in (
        ("new", fresh.began),
        ("changed", fresh.changed),
        ("resolved", fresh.ended),
    ):
        for issue in issues:
            for ref in _refs(issue.get("objects")):
                yield ObjectNews(ref, word, issue)


def _refs(objects: Json) -> Iterator[ObjectRef]:
    """The objects of an issue; a state that a file holds may have been edited."""
    for each in objects if isinstance(objects, list) else ():
        if isinstance(each, dict):
            parts = [str(each.get(key, "")) for key in ("group", "kind", "namespace", "name")]
            if all(parts[1:]):
                yield ObjectRef(*parts)


def _bounded(text: str) -> str:
    return text.encode(errors="replace")[:1_000].decode(errors="ignore")
