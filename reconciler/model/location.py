"""Locations in source files."""

from __future__ import annotations

from reconciler.frozen import dataclass


@dataclass(frozen=True, order=True, slots=True)
class Location:
    """A location in a source file; lines and columns count from 1, and 0 means unknown."""

    path: str
    line: int = 0
    column: int = 0
    length: int = 0  # of the text on that line, in characters; 0 means unknown

    def __str__(self) -> str:
        """`path:line:column`, which editors and terminals recognise."""
        if not self.line:
            return self.path
        return (
            f"{self.path}:{self.line}:{self.column}" if self.column else f"{self.path}:{self.line}"
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of rendered text comes from.

    `template` is the template line that produced it; `values` are the locations of the values that it is made of. With
    several values, the text may come from any of them.
    """

    template: Location
    values: tuple[Location, ...] = ()

    @property
    def best(self) -> Location:
        """The location of the value if the text is made of exactly one, else the template line."""
        return self.values[0] if len(self.values) == 1 else self.template

    @property
    def places(self) -> tuple[Location, ...]:
        return (*self.values, self.template)
