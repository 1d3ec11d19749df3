"""The steps that bind an apply to the plan that was reviewed."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import SafetyStop
from reconciler.model.environment import ClusterType
from reconciler.model.run import ClusterIdentity, RunError
from reconciler.model.sealed import SealedOptions
from reconciler.reconciliation import Reconciliation
from reconciler.stages.seal import SealInput, live_objects
from reconciler.stages.seal import seal as seal_plan
from reconciler.stages.seal.moves import moves
from reconciler.steps.cluster import plan
from reconciler.steps.pruning import choose_deletions


def seal(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Seal the plan of this run."""
    assert state.plan is not None  # noqa: S101 -- the order of the steps guarantees it
    inputs = SealInput(
        deps.version,
        deps.repository.revision,
        state.environment,
        state.cluster_identity or ClusterIdentity(""),
        state.cluster_crds,
        tuple(manifest.ref for manifest in state.selected) if state.limited else (),
        state.keyring,
        SealedOptions(
            tuple(sorted(options.take)),
            options.prune.enabled,
            options.prune.limit,
            options.prune.allow_rollback,
        ),
    )
    return replace(state, sealed=seal_plan(inputs, state.plan, state.observation))


def compare(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Compare the plan that this run would follow with the one that was reviewed; if they differ, the run stops.

    This comes before the step that makes the fingerprint key, so the plan is made here, and again once that key exists.
    """
    reviewed = options.reviewed
    assert reviewed is not None  # noqa: S101 -- only a verb with a plan is held to one
    planned = choose_deletions(deps, options, plan(deps, options, state))
    now = seal(deps, options, planned).sealed
    assert now is not None  # noqa: S101 -- it was just sealed
    moved = moves(reviewed, now, live_objects(state.observation))
    is_server = state.environment.cluster.type is ClusterType.KUBERNETES
    if is_server and not (reviewed.cluster_uid and now.cluster_uid):
        note = (
            "whether it is the cluster of the plan: no permission to read the namespace kube-system"
        )
        state = replace(state, notes=(*state.notes, note))
    again = deps.invocation.command("diff", reviewed.environment, "--out", "FILE")
    stop = _stop(reviewed.id, again) if moved else None
    return replace(state, reviewed=reviewed.id, moved=moved, error=state.error or stop)


def _stop(plan_id: str, again: str) -> RunError:
    message = (
        f"plan {plan_id} is out of date: it is not what apply would do now, so nothing was written"
    )
    return RunError.of(SafetyStop(message, hint=f"make a new plan and review it: {again}"))
