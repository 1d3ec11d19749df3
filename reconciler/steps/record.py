"""The steps on the record: read it before the cluster is compared, and write it after everything else."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import RefusalReason, SafetyStop
from reconciler.model.record import Record
from reconciler.model.record.rotations import Moment
from reconciler.reconciliation import Reconciliation
from reconciler.stages import record as record_stage
from reconciler.stages.advance import (
    advance_in_sync,
    advance_objects,
    advance_secrets,
    advance_watch,
    is_complete,
)
from reconciler.stages.advance_history import advance_history
from reconciler.stages.secrets import with_pick_up
from reconciler.stages.verdict import in_sync_after, is_proven
from reconciler.steps.secrets import compare_secrets


def read_record(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Read the record of the previous run.

    Raises:
        SafetyStop: its ConfigMap is the ApplySet parent of another tool or environment.
    """
    environment = state.environment
    name, home = environment.name, environment.home
    hints = {
        RefusalReason.FORBIDDEN: f"{deps.invocation.command('rbac', name)} prints the Roles that it needs",
    }
    stored = record_stage.read_record(state.connection, name, home, hints, state.cluster_identity)
    return replace(state, stored=stored)


def announce(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Before the first write, list every kind and namespace of the plan in the ApplySet parent.

    Raises:
        SafetyStop: a later version of this program wrote the record, or another run is writing it.
    """
    stored = state.stored_record
    if stored.later:
        raise SafetyStop(stored.notes[0], hint="use the version that wrote it, or a newer one")
    if not (options.verb.writes_objects and state.plan and state.plan.writes):
        return state
    extent = {*stored.known, *(change.ref for change in state.plan.changes)}
    return replace(
        state, stored=record_stage.announce(state.connection, stored, extent, deps.version)
    )


def advance(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Compute the record that this run writes."""
    stored, at = state.stored_record, deps.moment
    observes = bool(state.environment.observed)
    if stored.record is None and not options.verb.writes_objects and not observes:
        note = "nothing was recorded: the next apply creates the record"
        return replace(state, notes=(*state.notes, note))
    record = stored.record or Record(state.name)
    if (options.verb.writes_objects or observes) and state.plan:
        changes = state.plan.changes
        record = advance_objects(
            record,
            state.observation,
            changes,
            state.applied,
            state.environment.applier,
            state.deleted,
            deps.revision,
        )
        complete = not observes and is_complete(state.plan.changes, state.outcomes)
        if not options.only and complete:
            record = replace(record, revision=deps.revision, applied=at.time)
    record = _with_proof(deps, options, state, _with_history(options, state, record, at))
    unlisted = (
        frozenset(str(missing.kind) for missing in state.consumed.unlisted)
        if options.verb.reads_consumers
        else None
    )
    if not options.only:
        record = advance_secrets(advance_watch(record, at), state.secrets, at, None, unlisted)
        return replace(state, record=record)
    selected = frozenset(manifest.ref for manifest in state.selected)
    record = advance_secrets(record, state.secrets, at, selected, unlisted)
    note = "with --only, rotations of the Secrets of other objects are neither recorded nor closed"
    return replace(state, record=record, notes=(*state.notes, note))


def _with_history(options: Options, state: Reconciliation, record: Record, at: Moment) -> Record:
    """The record with what an apply wrote, or with what a run over all objects found that others did."""
    if state.plan is None or (options.only and not options.verb.writes_objects):
        return record
    written = state.applied.keys() | state.deleted if options.verb.writes_objects else None
    return advance_history(
        record, options.verb.name, at, state.plan.changes, state.secrets, written
    )


def _with_proof(
    deps: Dependencies, options: Options, state: Reconciliation, record: Record
) -> Record:
    """The record with whether this run found its revision in sync, which a run over another one cannot tell."""
    revision = deps.repository.revision
    same = bool(revision.commit) and record.revision == deps.revision and not revision.dirty
    if options.only or not same:
        return advance_in_sync(record, deps.moment, in_sync=False) if state.applied else record
    environment = state.summary()
    in_sync = in_sync_after(environment) if options.verb.writes_objects else is_proven(environment)
    return advance_in_sync(record, deps.moment, in_sync=in_sync)


def write_record(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Write the record. The state keeps the stored record, which the report shows.

    Raises:
        SafetyStop: another run has applied since this run read the record.
    """
    if state.record is None or state.stored_record.homeless:
        return state
    try:
        _write(deps, options, state)
    except SafetyStop:
        again = _with_rotations_of_others(deps, options, state)
        if again is None:
            raise
        _write(deps, options, again)
    return state


def _write(deps: Dependencies, options: Options, state: Reconciliation) -> None:
    assert state.record is not None  # noqa: S101 -- of the callers
    unseen = state.observed is not None and state.observed.unseen
    complete = not (options.only or unseen)
    record_stage.write_record(
        state.connection, state.stored_record, state.record, deps.version, complete=complete
    )


def _with_rotations_of_others(
    deps: Dependencies, options: Options, state: Reconciliation
) -> Reconciliation | None:
    """The state with the record that `acknowledge` or `drift --record` has written meanwhile, and this run on top.

    Neither takes the lock, and neither may lose what an apply did. None if another run has applied.
    """
    before = state.stored_record.record
    after = read_record(deps, options, state)
    record = after.stored_record.record
    if record is None or before is None or record.objects != before.objects:
        return None
    if state.error:
        return replace(after, record=record.with_applied(state.applied).without(state.deleted))
    compared = compare_secrets(deps, options, after)
    secrets = with_pick_up(compared.secrets, state.picked_up, deps.moment)
    return advance(deps, options, replace(compared, secrets=secrets))
