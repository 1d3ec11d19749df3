"""Rendered templates: their text, and where each piece of it comes from."""

from __future__ import annotations

from enum import StrEnum

from reconciler.frozen import dataclass
from reconciler.model.finding import Finding
from reconciler.model.path import FieldPath


class Spelling(StrEnum):
    """How a piece of rendered text was written."""

    TEXT = "text"  # literal text of the template: columns are exact
    PLAIN = (
        "plain"  # a string that an expression wrote without quoting: it must stay inside one scalar
    )
    QUOTED = "quoted"  # a number or boolean, or a value that went through tojson or toyaml


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of rendered text and where it comes from.

    Attributes:
        start, end: offsets in the rendered text, in characters.
        template, line, column: location in the template (of the `{{` of an expression); column 0 means unknown.
        reads: the paths of the values that the expression read.
    """

    start: int
    end: int
    template: str
    line: int
    column: int = 0
    reads: tuple[FieldPath, ...] = ()
    spelling: Spelling = Spelling.TEXT


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text that one template rendered to; `spans` cover it without gaps, in order."""

    template: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rendering:
    """All rendered templates of one environment. A template that fails becomes a finding; the others are rendered.

    Attributes:
        unread: values that no template read, () unless all were rendered; a mapping includes everything below it.
        missed: values that templates read and that do not exist (`default` and `is defined` allow that).
    """

    files: tuple[Rendered, ...]
    findings: tuple[Finding, ...]
    unread: tuple[FieldPath, ...] = ()
    missed: tuple[FieldPath, ...] = ()
