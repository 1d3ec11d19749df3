"""The steps that lock and unlock an environment. See `stages/lock.py` for the lock itself."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import LockError, RefusalReason, Refused
from reconciler.model.run import RunError
from reconciler.reconciliation import Reconciliation
from reconciler.stages.lock import LockInput, acquire


def lock(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Lock the environment against other runs that write. Without permission for Leases the run goes on, and says so.

    Raises:
        LockError: another run holds the lock.
        Interrupted: a signal ended the wait for it.
    """
    deps.progress(state.name, "taking the lock")
    environment = state.environment
    inputs = LockInput(
        environment.name,
        environment.home,
        deps.holder,
        deps.clock,
        deps.stop,
        options.lock_wait,
        deps.invocation,
    )
    try:
        lock = acquire(inputs, state.connection)
        if lock is not None:
            state.connection.end_waits_with(lambda: lock.lost)
        return replace(state, lock=lock)
    except Refused as refused:
        if refused.reason not in (RefusalReason.FORBIDDEN, RefusalReason.DENIED):
            raise
        note = f"not locked, so two applies could overlap: {refused.message}"
        return replace(state, notes=(*state.notes, note))


def unlock(_: Dependencies, __: Options, state: Reconciliation) -> Reconciliation:
    """Release the lock. If it was lost, the environment ends with that error: not everything may have been applied."""
    if state.lock is None:
        return state
    lost, note = state.lock.lost, state.lock.release()
    error = state.error
    if lost and error is None:
        error = RunError.of(_lock_lost())
    return replace(
        state, lock=None, error=error, notes=(*state.notes, note) if note else state.notes
    )


def _lock_lost() -> LockError:
    return LockError(
        "the lock was lost: it could not be renewed in time, or another run took it",
        hint="run the command again; the report shows what was applied",
    )
