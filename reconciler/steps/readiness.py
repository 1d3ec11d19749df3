"""The step that waits until what was applied is ready. See `stages/ready.py`."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.kind import no_readiness
from reconciler.model.change import AS_IN_GIT, Plan
from reconciler.model.document import Document
from reconciler.model.environment import ClusterType
from reconciler.model.identity import ObjectRef
from reconciler.model.readiness import Readiness
from reconciler.reconciliation import Reconciliation
from reconciler.stages.ready import WaitInput
from reconciler.stages.ready import wait as wait_until_ready


def wait(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Wait for every object that is as git has it; the plan then has what their operators say."""
    assert state.plan is not None  # noqa: S101 -- the order of the steps guarantees it
    applied = {outcome.ref for outcome in state.outcomes if outcome.result in AS_IN_GIT}
    judged = {kind for kind, each in deps.kinds.items() if each.readiness is not no_readiness}
    changes = tuple(
        change
        for change in state.plan.changes
        if change.ref in applied and change.ref.group_kind in judged
    )

    def rule(ref: ObjectRef, document: Document) -> Readiness:
        return deps.kinds[ref.group_kind].readiness(document.body())

    def progress(text: str) -> None:
        deps.progress(state.name, f"waiting: {text}" if text else "")

    operated = state.environment.cluster.type is ClusterType.KUBERNETES
    inputs = WaitInput(
        changes,
        rule,
        options.ready_wait,
        operated,
        deps.clock,
        deps.stop,
        state.lock_lost,
        progress,
    )
    ready = wait_until_ready(inputs, state.connection)
    waves = tuple(
        tuple(replace(each, readiness=ready.get(each.ref, each.readiness)) for each in wave)
        for wave in state.plan.waves
    )
    note = (
        ()
        if operated
        else ("readiness: a directory cluster has no operator that reports on an object",)
    )
    return replace(state, plan=Plan(waves), notes=(*state.notes, *note))
