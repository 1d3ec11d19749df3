"""Whether the revision may be applied: earlier environments have proven it, and it is no older one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import ReconcilerError, SafetyStop
from reconciler.model.record import Record
from reconciler.model.run import EnvironmentRun
from reconciler.reconciliation import Reconciliation
from reconciler.stages.promotion import ANYWAY, foreseen, recorded_revisions, unproven
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
                "; or ".join(filter(None, (error.hint, ANYWAY))),
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


def refuse_rollback(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Compare the revision with those at which the objects of git were applied, all of them or a part.

    Raises:
        SafetyStop: the history of this one lacks one of those, and the verb would apply it.
    """
    if options.prune.allow_rollback:
        return state
    refs = (manifest.ref for manifest in state.manifests)
    applied = recorded_revisions(state.stored_record.record, refs)
    commits = dict.fromkeys(revision.partition("+")[0] for revision in applied)
    contained = {commit: deps.repository.contains(commit) for commit in commits if commit}
    newer = next(
        (commit[:7] for commit, is_contained in contained.items() if is_contained is False), ""
    )
    if newer and options.verb.writes_objects:
        short = deps.repository.revision.short
        raise SafetyStop(
            f"{newer} was applied, and is not in the history of {short}",
            hint="apply a revision that has it, such as a revert; --allow-rollback applies this one nevertheless",
        )
    unknown = [commit[:7] for commit, is_contained in contained.items() if is_contained is None]
    note = (
        f"whether {', '.join(unknown)}, which was applied, is in the history of this revision: "
        "the clone does not have it (fetch-depth: 0, or git fetch --unshallow)"
    )
    return replace(state, newer=newer, notes=(*state.notes, *([note] if unknown else [])))


def foresee(
    states: tuple[Reconciliation | EnvironmentRun, ...], reviews: tuple[EnvironmentRun, ...]
) -> tuple[EnvironmentRun, ...]:
    """The reviews of a run, each with what those of the environments before it mean for it."""
    by_name = {each.name: each for each in reviews}

    def before(state: Reconciliation | EnvironmentRun) -> Iterator[EnvironmentRun]:
        if isinstance(state, Reconciliation):
            yield from (by_name[n] for n in sorted(state.environment.earlier) if n in by_name)

    return tuple(foreseen(by_name[state.name], before(state)) for state in states)


def _record(deps: Dependencies, options: Options, name: str) -> Record | None:
    from reconciler.stages.load import load as load_environment

    environment = load_environment(deps.repository, deps.root, name, deps.kinds, deps.trusted)
    target = deps.target if name in options.environments else deps.target_of_earlier
    cluster = deps.connect(replace(environment, cluster=target(environment)))
    stored = read_record(cluster, environment.name, environment.home)
    if stored.notes:
        raise SafetyStop(stored.notes[0])
    return stored.record
