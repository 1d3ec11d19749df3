"""Where the nodes of a YAML text stand, and what is wrong with it: values without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.location import Location
from reconciler.model.path import FieldPath


@dataclass(frozen=True, slots=True)
class Position:
    """A piece of text; line and column count from 1, offsets from 0, all in characters.

    `length` is that of the first line; 0 where the piece goes over several.
    """

    line: int
    column: int
    length: int
    start: int
    end: int

    def location(self, source: str) -> Location:
        return Location(source, self.line, self.column, self.length)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands: its key (None for a list element or the whole document) and its value.

    A block collection ends where its last node ends. `plain` is True for an unquoted scalar, `block` for `|` and `>`.
    """

    key: Position | None
    value: Position
    scalar: bool = False
    plain: bool = False
    block: bool = False

    @property
    def best(self) -> Position:
        return self.key or self.value


@dataclass(frozen=True, slots=True)
class YamlFinding:
    """Something wrong with a text. The message never quotes the text itself: it could hold a secret."""

    code: str
    message: str
    position: Position
    hint: str = ""
    severity: Severity = Severity.ERROR
    path: FieldPath = ()
    also: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a stream, without errors.

    Attributes:
        index: from 0, empty documents not counted.
        places: of every node, by path; the document itself under ().
    """

    index: int
    value: Json
    places: Mapping[FieldPath, Place]

    @property
    def position(self) -> Position:
        return self.places[()].value


@dataclass(frozen=True, slots=True)
class Stream:
    """A text of several documents: those that are whole, and the findings of all of them, in order."""

    documents: tuple[YamlDocument, ...]
    findings: tuple[YamlFinding, ...]

    @property
    def errors(self) -> tuple[YamlFinding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)
