"""Fields that differ between git and the cluster, and the cause."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.document import Json, canonical
from reconciler.model.environment import ExtraFields
from reconciler.model.location import Location
from reconciler.model.path import FieldPath, show

OWNERS: Final[FieldPath] = ("metadata", "ownerReferences")  # an object is deleted with its owner


class Why(StrEnum):
    """Why a live value differs from git."""

    CHANGE = "change"  # git changed it
    DRIFT = "drift"  # someone else changed a field of ours
    CONFLICT = "conflict"  # someone else owns the field, and it was never ours
    UNKNOWN = "unknown"  # without a record, the cause is unknown
    ADOPT = "adopt"  # it belongs to a manager from whom the policy adopts


@dataclass(frozen=True, slots=True)
class Writer:
    """The last writer of a field, from managedFields: a field manager, which names a program and not a person."""

    manager: str
    operation: str  # Apply or Update
    time: str = ""  # RFC 3339
    subresource: str = ""

    def __str__(self) -> str:
        return f"{self.manager} ({self.operation})"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value on one side of a difference.

    `text` is canonical JSON, or None if the field does not exist. A masked value has the text `"(redacted)"` on both
    sides, so no report can print the value itself.
    """

    text: str | None
    masked: bool = False

    @classmethod
    def of(cls, value: Json) -> FieldValue:
        return cls(canonical(value))


ABSENT = FieldValue(None)
REDACTED = FieldValue('"(redacted)"', masked=True)


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field whose live value is not what the server would store for git's manifest.

    Attributes:
        live, predicted: the two sides; `ABSENT` if the field does not exist.
        where: the place in git to change in order to keep the live value; None for a field that is not in git.
        also: other such places, such as the template line.
        by: who wrote the live value, for drift and conflicts; None if nobody owns the field any more.
    """

    path: FieldPath
    live: FieldValue
    predicted: FieldValue
    why: Why
    where: Location | None = None
    also: tuple[Location, ...] = ()
    by: Writer | None = None

    @property
    def shown_path(self) -> str:
        return show(self.path)


@dataclass(frozen=True, slots=True)
class ForeignField:
    """A field that someone else added to an object of ours: it is not in git and not a default.

    Attributes:
        decides: it decides where prompts and keys go, according to the kind.
        policy: what `policy.extraFields` says about it.
        root: the highest field above it in which nothing is ours; `remove` takes out all of it.
    """

    path: FieldPath
    live: FieldValue
    by: Writer | None
    decides: bool = False
    policy: ExtraFields = ExtraFields.REPORT
    root: FieldPath = ()

    @property
    def tolerated(self) -> bool:
        """Whether it decides where prompts and keys go, and the policy only reports it."""
        return self.decides and self.policy is ExtraFields.REPORT

    @property
    def shown_path(self) -> str:
        return show(self.path)


@dataclass(frozen=True, slots=True)
class IgnoredField:
    """A field that somebody else holds and a rule of `policy.ignore` matches.

    Attributes:
        manager: who wrote it last.
        rule: the index of the rule; a report that is read back does not have it.
        decides: it decides where prompts and keys go.
        withheld: it is not ignored, because it decides that and the rule does not name it.
    """

    path: FieldPath
    manager: str
    rule: int = 0
    decides: bool = False
    withheld: bool = False

    @property
    def shown_path(self) -> str:
        return show(self.path)
