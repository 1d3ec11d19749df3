"""When a field or a value came into a CRD, or left it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.semantics.schema.crd import Crd

# Every known schema of a CRD with the day it came, oldest first.
History: TypeAlias = tuple[tuple[str, Crd], ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that another CRD than the one in use has: until a day, or (`came`) since then."""

    day: str
    came: bool

    @property
    def words(self) -> str:
        """The end of a sentence."""
        if self.came:
            return f"it came on {self.day}, and this CRD is older"
        return f"it was removed on {self.day}"

    @property
    def advice(self) -> str:
        """What to do where nothing says the same in other words."""
        if self.came:
            return f"upgrade the operator and its CRD to {self.day} or later, or remove it"
        return "remove it"


def came_or_went(history: History, has: Callable[[Crd], bool]) -> Moved | None:
    """Why another CRD than the one in use has something; None when none has."""
    with_it = [has(crd) for _, crd in history]
    if True not in with_it:
        return None
    if not with_it[-1]:
        last = len(with_it) - 1 - with_it[::-1].index(True)
        return Moved(history[last + 1][0], came=False)
    first = len(with_it) - 1
    while first and with_it[first - 1]:
        first -= 1
    return Moved(history[first][0], came=True)
