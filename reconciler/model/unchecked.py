"""What a run did not look at. It is never reported as missing, as unchanged or as in sync."""

from __future__ import annotations

from typing import Final

from reconciler.frozen import dataclass

SECRET: Final = "Secret"  # noqa: S105 -- a noun, no secret
OBJECTS: Final = "kind"  # the objects of one kind in one namespace
OBJECT: Final = "object"  # one that is neither in git nor readable
CONSUMERS: Final = "consumer kind"  # the consumers of one kind in one namespace, or in the others
CONSUMER: Final = "consumer"  # whether the pods of one consumer have a rotated key
NAMESPACE: Final = "namespace"  # whether it is being deleted
CRD: Final = "CRD"
FINGERPRINT_KEY: Final = "fingerprint key"
ROTATIONS: Final = "rotation history"  # which keys were rotated since the last apply
NO_PERMISSION: Final = "no permission"
UNREADABLE: Final = "it cannot be read"


@dataclass(frozen=True, order=True, slots=True)
class Unchecked:
    """One thing that a run should have looked at and could not.

    Attributes:
        subject: a noun in the singular, by which reports count: `Secret`, `kind`.
        name: which one: `llm/openai`, `Provider in omnia`.
        reason: a few words: `no permission`.
        hint: what to do, such as the permission that is missing.
        elsewhere: as far as anybody knows, only others have objects there, which say nothing about the revision.
    """

    subject: str
    name: str
    reason: str
    hint: str = ""
    elsewhere: bool = False
