"""The labels of states, and how much attention a state or a result needs."""

from __future__ import annotations

from typing import Final

from reconciler.model.change import Result, State
from reconciler.reports._entries import Level

# By state: label, level in a review, level in a watch, and an explanation if the label is not enough.
STATES: Final[dict[State, tuple[str, Level, Level, str]]] = {
    State.NEW: ("NEW", Level.CHANGE, Level.QUIET, ""),
    State.CHANGED: ("CHANGED", Level.CHANGE, Level.QUIET, ""),
    State.HELD: ("HELD", Level.LOOK, Level.LOOK, ""),
    State.ADOPTED: ("ADOPT", Level.CHANGE, Level.QUIET, ""),
    State.UNCHANGED: ("UNCHANGED", Level.QUIET, Level.QUIET, ""),
    State.DRIFTED: ("DRIFT", Level.LOOK, Level.BAD, ""),
    State.MISSING: ("MISSING", Level.LOOK, Level.BAD, "it was applied; someone else deleted it"),
    State.FOREIGN: ("FOREIGN", Level.BAD, Level.BAD, "it exists and belongs to another tool"),
    State.CONFLICT: ("CONFLICT", Level.BAD, Level.BAD, "someone else owns fields that git sets"),
    State.WAITING: ("WAITING", Level.LOOK, Level.LOOK, ""),
    State.INVALID: ("INVALID", Level.BAD, Level.BAD, "this cluster would refuse it"),
    State.FAILED: ("UNREADABLE", Level.BAD, Level.BAD, ""),
    State.REMOVED: ("REMOVED", Level.CHANGE, Level.QUIET, "no longer in git"),
    State.KEPT: ("KEPT", Level.LOOK, Level.LOOK, "no longer in git; kept"),
}

RESULTS: Final[dict[Result, Level]] = {
    Result.CREATED: Level.CHANGE,
    Result.CONFIGURED: Level.CHANGE,
    Result.PRUNED: Level.CHANGE,
    Result.UNCHANGED: Level.QUIET,
    Result.REFUSED: Level.BAD,
    Result.SKIPPED: Level.LOOK,
    Result.FAILED: Level.BAD,
}
