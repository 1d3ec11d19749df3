"""Places in source files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class Location:
    """A place in a file of the configuration repository; line and column count from 1, 0 is unknown."""

    path: str
    line: int = 0
    column: int = 0
    length: int = 0  # of the marked text on that line, in characters; 0 is unknown

    def __str__(self) -> str:
        """`path:line:column`, as compilers write it and editors jump to it."""
        if not self.line:
            return self.path
        return (
            f"{self.path}:{self.line}:{self.column}" if self.column else f"{self.path}:{self.line}"
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of rendered text comes from.

    `template` is the template line that produced it; `values` are the places in values layers that were
    read for it: one is exact, several mean "one of".
    """

    template: Location
    values: tuple[Location, ...] = ()

    @property
    def best(self) -> Location:
        """The place to look at first: the value when exactly one was read, else the template line."""
        return self.values[0] if len(self.values) == 1 else self.template

    @property
    def places(self) -> tuple[Location, ...]:
        return (*self.values, self.template)
