"""When a field or a value came into a CRD, or left it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reconciler.semantics.crd import Crd

# Every known schema of a CRD with the day it came, oldest first.
History: TypeAlias = tuple[tuple[str, Crd], ...]


def came_or_went(history: History, has: Callable[[Crd], bool]) -> str:
    """Why another CRD than the one in use has something, as the end of a sentence; "" when none has."""
    with_it = [has(crd) for _, crd in history]
    if True not in with_it:
        return ""
    if not with_it[-1]:
        last = len(with_it) - 1 - with_it[::-1].index(True)
        return f"it was removed on {history[last + 1][0]}"
    first = len(with_it) - 1
    while first and with_it[first - 1]:
        first -= 1
    return f"it came on {history[first][0]}, and this CRD is older"
