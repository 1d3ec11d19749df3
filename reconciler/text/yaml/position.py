"""Positions of the nodes of a YAML text, and the findings on it: values without I/O."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.frozen import dataclass
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.location import Location
from reconciler.model.path import FieldPath


@dataclass(frozen=True, slots=True)
class Position:
    """A piece of a text. Line and column count from 1, offsets from 0, all in characters.

    `length` is the length on the first line; it is 0 for a piece of several lines.
    """

    line: int
    column: int
    length: int
    start: int
    end: int

    def location(self, source: str) -> Location:
        return Location(source, self.line, self.column, self.length)


@dataclass(frozen=True, slots=True)
class NodePosition:
    """The position of a node's value, and of its key (None for a list element or a document).

    A block collection ends where its last node ends. `plain` is True for an unquoted scalar, `block` for `|` and `>`.
    """

    key: Position | None
    value: Position
    scalar: bool = False
    plain: bool = False
    block: bool = False

    @property
    def best(self) -> Position:
        """The position to show: that of the key, if there is a key."""
        return self.key or self.value


@dataclass(frozen=True, slots=True)
class YamlFinding:
    """A finding on a YAML text. The message never quotes the text: it could hold a secret."""

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
        index: counts from 0, without empty documents.
        positions: of every node, by path; the path of the document itself is ().
    """

    index: int
    value: Json
    positions: Mapping[FieldPath, NodePosition]

    @property
    def position(self) -> Position:
        return self.positions[()].value


@dataclass(frozen=True, slots=True)
class Stream:
    """The documents of a text that have no errors, and the findings on all documents, in the order of the text.

    Attributes:
        end: the offset at which reading stopped: the length of the text, unless that is too long or has too much in it.
    """

    documents: tuple[YamlDocument, ...]
    findings: tuple[YamlFinding, ...]
    end: int

    @property
    def errors(self) -> tuple[YamlFinding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)
