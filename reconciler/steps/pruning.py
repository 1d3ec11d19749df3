"""The steps that delete what git no longer has."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.model.applyset import TOOL
from reconciler.model.change import Result
from reconciler.model.document import dig
from reconciler.model.identity import ObjectRef
from reconciler.reconciliation import Reconciliation
from reconciler.stages.advance import unapplied
from reconciler.stages.impact import Graph
from reconciler.stages.promotion import recorded_revisions
from reconciler.stages.prune import PruneInput, choose, delete
from reconciler.stages.unchecked import unchecked_consumers


def choose_deletions(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Decide what happens to the objects that git no longer has, if the policy or the command line prunes."""
    policy = options.prune.applied_to(state.environment.policy.prune)
    observed, plan = state.observation, state.plan
    if not (policy.enabled and plan and observed.orphans):
        return state
    inputs = PruneInput(
        policy,
        state.stored_record.set_id,
        TOOL,
        state.stored_record.record,
        len(state.manifests),
        {orphan.ref: orphan.live for orphan in observed.orphans},
        frozenset(state.environment.namespaces),
        _users_after(deps, state),
        _unlisted(options, state),
        incomplete=observed.unseen,
        newer="" if options.prune.allow_rollback else _newer(deps, state),
        limit=options.prune.limit,
    )
    return replace(state, plan=choose(inputs, plan))


def prune(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Delete what was chosen, unless an object of git could not be applied."""
    if not (state.plan and state.plan.deletions):
        return state

    def progress(number: int, of: int) -> None:
        deps.progress(state.name, f"deleting: {number:,} of {of:,} objects")

    left = unapplied(state.plan.changes, state.outcomes)
    finalized = frozenset(
        orphan.ref
        for orphan in state.observation.orphans
        if dig(orphan.live.body(), "metadata", "finalizers")
    )
    outcomes = delete(
        state.plan,
        state.connection,
        deps.stop,
        state.lock_lost,
        unapplied=left,
        finalized=finalized,
        progress=progress,
    )
    deleted = frozenset(each.ref for each in outcomes if each.result is Result.PRUNED)
    record = state.record.without(deleted) if state.record else None
    return replace(state, outcomes=(*state.outcomes, *outcomes), deleted=deleted, record=record)


def _unlisted(options: Options, state: Reconciliation) -> tuple[str, ...]:
    """The consumers that nobody could list; a snapshot has none, and does not say that there are none."""
    if not options.verb.reads_consumers:
        return ("all of them, since a snapshot has none",)
    return tuple(each.name for each in unchecked_consumers(state.consumed))


def _users_after(
    deps: Dependencies, state: Reconciliation
) -> Mapping[ObjectRef, AbstractSet[ObjectRef]]:
    """The consumers of each object once this run has applied what git has."""
    predicted = {
        each.manifest.ref: each.predicted
        for each in state.observation.objects
        if each.predicted and each.manifest.ref.group_kind in deps.consumers
    }
    consumed = replace(state.consumed, objects={**state.consumed.objects, **predicted})
    graph = Graph.of(consumed, deps.consumers)
    return {
        target: frozenset(user for user, _ in references)
        for target, references in graph.users.items()
    }


def _newer(deps: Dependencies, state: Reconciliation) -> str:
    """A revision that was applied and that is not known to be in the history of this one; "" if there is none.

    What was applied without a commit is in no history, except in that of the same working tree.
    """
    if not deps.revision:
        return "what was applied before (there is no git here)"
    orphans = (orphan.ref for orphan in state.observation.orphans)
    for revision in recorded_revisions(state.stored_record.record, orphans):
        commit, _, dirty = revision.partition("+")
        if revision != deps.revision and (dirty or not deps.repository.contains(commit)):
            return _named(commit, dirty=bool(dirty))
    return ""


def _named(commit: str, *, dirty: bool) -> str:
    if not commit:
        return "files without a commit"
    return f"uncommitted changes of {commit[:7]}" if dirty else commit[:7]
