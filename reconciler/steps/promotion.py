"""The step that asks whether the earlier environments have proven the revision. See `stages/promotion.py`."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import ReconcilerError, SafetyStop
from reconciler.model.record import Record
from reconciler.reconciliation import Reconciliation
from reconciler.stages.promotion import unproven
from reconciler.stages.record import read_record


def check(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Read the records of the environments in `after`. A verb that only predicts skips those of its own run.

    Raises:
        SafetyStop: one of them has not proven the revision, and the verb would apply it.
    """
    if options.promote_anyway:
        return state
    revision = deps.repository.revision
    commands = deps.invocation.of(revision.commit)
    for name in state.environment.after:
        if name in options.environments and not options.verb.writes_objects:
            continue
        try:
            reason = unproven(name, revision, _record(deps, options, name), commands)
        except ReconcilerError as error:
            reason = (
                f"{name} comes first, and its record cannot be read: {error.message}",
                error.hint,
            )
            if not (options.verb.writes_objects or options.verb.dry_run):
                note = f"whether {name} has proven the revision: {error.message}"
                state = replace(state, notes=(*state.notes, note))
                continue
        if reason and options.verb.writes_objects:
            raise SafetyStop(reason[0], hint=reason[1])
        if reason:
            state = replace(state, unproven=(*state.unproven, name))
    return state


def _record(deps: Dependencies, options: Options, name: str) -> Record | None:
    from reconciler.stages.load import load as load_environment

    environment = load_environment(deps.repository, deps.root, name, deps.kinds, deps.trusted)
    target = deps.target if name in options.environments else deps.target_of_earlier
    cluster = deps.connect(replace(environment, cluster=target(environment)))
    stored = read_record(cluster, environment.name, environment.home)
    if stored.notes:
        raise SafetyStop(stored.notes[0])
    return stored.record
