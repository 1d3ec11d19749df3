"""Findings: what a run says about the sources, each with a location and a stable code."""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum

from reconciler.errors import UnusableFile
from reconciler.frozen import dataclass
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location


class Severity(StrEnum):
    """The severity of a finding; only an error makes the desired state invalid."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run says about one location in the sources.

    Attributes:
        code: of the registry `model.codes`, or of a kind.
        message: one sentence, without the value of a sensitive field.
        where: the best location to correct it.
        also: other locations, such as the template line of a value, or the first of two duplicates.
        path: the field, as `model.path.show` writes it.
        hint: what to do, one sentence.
        source: the source line at `where`, for the caret; "" if it must not be shown.
    """

    code: str
    severity: Severity
    message: str
    where: Location
    ref: ObjectRef | None = None
    path: str = ""
    hint: str = ""
    source: str = ""
    also: tuple[Location, ...] = field(default=())

    @property
    def sort_key(self) -> tuple[Location, str, str, str]:
        return (self.where, self.path, self.code, self.message)


def errors_in(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The errors among the findings, in their order."""
    return tuple(d for d in findings if d.severity is Severity.ERROR)


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings sorted by location, without duplicates."""
    unique = {replace(d, source=""): d for d in findings}
    return tuple(sorted(unique.values(), key=lambda d: d.sort_key))


def unusable_file(path: str, error: UnusableFile, severity: Severity = Severity.ERROR) -> Finding:
    """The finding on a file that cannot be read as text."""
    code = "T002" if error.line else "T006"
    return Finding(
        code, severity, f"this file {error.reason}", Location(path, error.line), hint=error.hint
    )
