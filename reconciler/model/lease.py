"""The Lease that locks an environment (coordination.k8s.io/v1), as a value."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.identity import Endpoint

LEASE: Final = Endpoint("coordination.k8s.io", "v1", "Lease", "leases")
DURATION: Final = 60  # seconds without a renewal after which others may take the lock


@dataclass(frozen=True, slots=True)
class Lease:
    """A Lease as it is stored.

    Attributes:
        holder: the identity of the run that holds it, "" if nobody does.
        acquired, renewed: RFC 3339 with microseconds.
        duration: seconds; what its holder promised.
    """

    document: Document
    holder: str
    acquired: str
    renewed: str
    duration: int

    @classmethod
    def of(cls, document: Document) -> Lease:
        """Read a Lease. A field that is missing or malformed counts as empty."""
        spec = dig_map(document.body(), "spec")
        duration = spec.get("leaseDurationSeconds")
        return cls(
            document,
            _text(spec, "holderIdentity"),
            _text(spec, "acquireTime"),
            _text(spec, "renewTime"),
            duration if isinstance(duration, int) else DURATION,
        )

    @property
    def version(self) -> str:
        return str(dig(self.document.body(), "metadata", "resourceVersion") or "")

    def looks_expired(self, now: datetime) -> bool:
        """Whether its holder has not renewed it in time, if both clocks agree. Clocks differ, so this is a guess."""
        try:
            renewed = datetime.fromisoformat(self.renewed)
            return now > renewed + timedelta(seconds=self.duration)
        except (ValueError, TypeError, OverflowError):
            return True

    def taken(self, holder: str, now: datetime) -> Document:
        """The Lease held by another run; its resourceVersion makes the write a compare-and-swap."""
        body = self.document.body()
        transitions = dig(body, "spec", "leaseTransitions")
        count = transitions + 1 if isinstance(transitions, int) else 1
        return Document.of(body | {"spec": _spec(holder, now, now) | {"leaseTransitions": count}})

    def renewal(self, now: datetime) -> Document:
        """The same Lease, renewed by its holder."""
        return self._with({"renewTime": micro_time(now)})

    def released(self, now: datetime) -> Document:
        """The same Lease without a holder."""
        return self._with({"holderIdentity": "", "renewTime": micro_time(now)})

    def _with(self, fields: JsonObject) -> Document:
        body = self.document.body()
        return Document.of(body | {"spec": dig_map(body, "spec") | fields})


def new_lease(namespace: str, name: str, holder: str, now: datetime) -> Document:
    """The first Lease of an environment."""
    return Document.of(
        {
            "apiVersion": LEASE.api_version,
            "kind": LEASE.kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": _spec(holder, now, now) | {"leaseTransitions": 0},
        }
    )


def micro_time(time: datetime) -> str:
    """The API's MicroTime: RFC 3339 in UTC with exactly six digits of a second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _spec(holder: str, acquired: datetime, renewed: datetime) -> JsonObject:
    return {
        "holderIdentity": holder,
        "leaseDurationSeconds": DURATION,
        "acquireTime": micro_time(acquired),
        "renewTime": micro_time(renewed),
    }


def _text(spec: JsonObject, key: str) -> str:
    value = spec.get(key)
    return value if isinstance(value, str) else ""
