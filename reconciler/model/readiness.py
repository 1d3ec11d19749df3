"""Whether a live object works, according to its status."""

from __future__ import annotations

from enum import StrEnum

from reconciler.frozen import dataclass


class ReadyState(StrEnum):
    """Whether the operator of an object says that it works."""

    READY = "ready"
    NOT_READY = "not-ready"
    NOT_JUDGED = "not-judged"  # no status yet, or one of an older generation


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the status of a live object says."""

    state: ReadyState
    reason: str = ""  # of the condition: NoProviderSet, SecretNotFound
    message: str = ""
    since: str = ""  # RFC 3339, of the condition; "" if unknown
