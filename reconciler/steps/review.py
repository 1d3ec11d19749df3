"""The steps that bind an apply to the plan that was reviewed."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.model.run import ClusterIdentity
from reconciler.reconciliation import Reconciliation
from reconciler.stages.seal import SealInput
from reconciler.stages.seal import seal as seal_plan


def seal(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
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
    )
    return replace(state, sealed=seal_plan(inputs, state.plan, state.observation))
