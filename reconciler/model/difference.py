"""One field that differs, and who made it so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.document import Json, canonical
from reconciler.model.location import Location
from reconciler.model.path import FieldPath, show


class Why(StrEnum):
    """Why live differs from what git says."""

    CHANGE = "change"  # git moved
    DRIFT = "drift"  # someone else moved a field that is ours
    CONFLICT = "conflict"  # someone else owns it and it never was ours
    UNKNOWN = "unknown"  # the record is lost: nobody can tell


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a field last, from managedFields. It names a program, never a human."""

    manager: str
    operation: str  # Apply or Update
    time: str = ""  # RFC 3339
    subresource: str = ""

    def __str__(self) -> str:
        return f"{self.manager} ({self.operation})"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value on one side of a difference.

    `text` is its canonical JSON; None: the field is not there. A masked value has the text `"(redacted)"`, on both
    sides, so nothing downstream can print what it never gets.
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
        live, predicted: the two sides; `ABSENT` where the field is not there.
        where: what to change in git to keep the live value; None for a field that git does not name.
        also: further candidates (the template line).
        by: who wrote the live value (drift, conflict); None when it was removed without a trace.
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
    """A field that someone else added beside ours: not in git, not a default. Told, never removed."""

    path: FieldPath
    live: FieldValue
    by: Writer | None

    @property
    def shown_path(self) -> str:
        return show(self.path)
