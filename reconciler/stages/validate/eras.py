"""When a field or a value was added to a CRD, or removed from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reconciler.frozen import dataclass
from reconciler.semantics.schema.crd import Crd

# Every known era of a CRD with the date of its first day, oldest first.
History: TypeAlias = tuple[tuple[str, Crd], ...]


@dataclass(frozen=True, slots=True)
class EraChange:
    """A CRD of another era has something: the CRDs before a date, or (`added`) those since then."""

    date: str
    added: bool

    @property
    def note(self) -> str:
        """The end of a message."""
        if self.added:
            return f"it was added on {self.date}, and this CRD is older"
        return f"it was removed on {self.date}"

    @property
    def hint(self) -> str:
        """What to do if there is no replacement."""
        if self.added:
            return f"upgrade the operator and its CRD to {self.date} or later, or remove it"
        return "remove it"


def era_change(history: History, has: Callable[[Crd], bool]) -> EraChange | None:
    """When CRDs of other eras got or lost something that the CRD in use does not have; None if none ever had it."""
    with_it = [has(crd) for _, crd in history]
    if True not in with_it:
        return None
    if not with_it[-1]:
        last = len(with_it) - 1 - with_it[::-1].index(True)
        return EraChange(history[last + 1][0], added=False)
    first = len(with_it) - 1
    while first and with_it[first - 1]:
        first -= 1
    return EraChange(history[first][0], added=True)
