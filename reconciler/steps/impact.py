"""The steps about consumers: list them, and trace who is affected."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.impact import Affected, Traced, pick_ups
from reconciler.model.live import UnmanagedObject
from reconciler.model.rotation import SecretRow, reported
from reconciler.reconciliation import Reconciliation
from reconciler.stages.consumers import consumers_of
from reconciler.stages.consumers import list_consumers as list_every_consumer
from reconciler.stages.impact import Graph, ImpactInput, affected
from reconciler.stages.impact.pods import with_pods
from reconciler.stages.impact.roots import (
    addressed_roots,
    outermost_roots,
    reported_roots,
)
from reconciler.stages.observe import observe
from reconciler.stages.observe.inputs import ObserveInput
from reconciler.stages.secrets import with_pick_up
from reconciler.stages.unchecked import unchecked_pick_ups
from reconciler.steps.cluster import places_elsewhere
from reconciler.steps.neighbours import without_neighbours


def list_consumers(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """List whoever may use the objects in git and in the record."""
    deps.progress(state.name, "listing consumers")
    refs = {manifest.ref for manifest in state.manifests} | state.stored_record.known.keys()
    kinds = consumers_of({ref.group_kind for ref in refs}, deps.consumers)
    namespaces = {state.environment.home, *state.environment.namespaces}
    return replace(state, consumed=list_every_consumer(kinds, namespaces, state.connection))


def trace_reported(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Follow the references from everything that the run reports to whoever is affected."""
    graph = Graph.of(state.consumed, deps.consumers)
    changes = state.plan.changes if state.plan else ()
    roots = reported_roots(changes, reported(state.secrets))
    if not roots:
        return state
    traced = Traced.of(roots, affected(_inputs(deps, state, graph)))
    state = replace(state, traced=traced)
    return _picked_up(deps, state, graph) if options.verb.reads_pods else state


def _picked_up(deps: Dependencies, state: Reconciliation, graph: Graph) -> Reconciliation:
    """Read the pods of those that read a rotated key, and close each rotation that they have picked up."""
    rotated = {row.reference.secret for row in state.secrets if row.open}
    if not rotated:
        return state
    rest = tuple(row for row in state.traced.rows if not (row.keys and row.root in rotated))
    holders = tuple(row for row in state.traced.rows if row.keys and row.root in rotated)
    rows = (*rest, *with_pods(holders, graph, state.connection))
    picked_up = frozenset(r.key for r in state.secrets if r.open and _is_picked_up(r, rows))
    return replace(
        state,
        picked_up=picked_up,
        pods_unchecked=unchecked_pick_ups(
            (row for row in state.secrets if row.open), rows, picked_up
        ),
        traced=replace(state.traced, rows=rows),
        secrets=with_pick_up(state.secrets, picked_up, deps.moment),
    )


def _is_picked_up(row: SecretRow, rows: tuple[Affected, ...]) -> bool:
    return pick_ups(rows, row.reference.secret, row.reading.key, row.rotated_at).all_checked


def list_unmanaged(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """List the objects of every kind in the environment's namespaces, for those that are not in git and not ours."""
    stored = state.stored_record
    in_git = {manifest.ref for manifest in state.manifests}
    inputs = ObserveInput(
        manifests=(),
        kinds=deps.kinds,
        set_id=stored.set_id,
        manager=TOOL,
        known=stored.known,
        recorded=stored.record.objects if stored.record else None,
        touched=stored.touched,
        more=stored.unfinished,
        elsewhere=places_elsewhere(deps, options, state),
        crds=state.cluster_crds,
    )
    observed = observe(inputs, state.connection, deps.stop)
    observed = without_neighbours(deps, state, observed)
    others = tuple(each for each in observed.unmanaged if each.ref not in in_git)
    return replace(
        state,
        observed=replace(observed, orphans=(), unmanaged=others),
        unmanaged=tuple(UnmanagedObject(ref) for ref in sorted(each.ref for each in others)),
    )


def trace_addresses(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Follow the references from the addresses of the command line, or from everything.

    Raises:
        UsageError: an address names nothing.
    """
    graph = Graph.of(state.consumed, deps.consumers)
    inputs = _inputs(deps, state, graph)
    rows = affected(inputs)
    managed = {manifest.ref for manifest in state.manifests}
    if options.addresses:
        known = {*inputs.sources, *(row.root for row in rows)}
        roots = addressed_roots(options.addresses, known)
    else:
        listed = managed | {each.ref for each in state.unmanaged}
        reached = (row for row in rows if row.root in listed or row.root not in inputs.sources)
        roots = frozenset(outermost_roots(reached, listed))
    traced = Traced.of(roots, rows)
    checked = with_pods(traced.rows, graph, state.connection)
    return replace(state, traced=replace(traced, rows=checked))


def _inputs(deps: Dependencies, state: Reconciliation, graph: Graph) -> ImpactInput:
    """The objects of git, those that are kept, and the unmanaged ones: consumers, and what this run listed."""
    unmanaged: dict[ObjectRef, Document] = {
        ref: body for ref, body in state.consumed.objects.items() if ref.group_kind in deps.kinds
    }
    if state.observed:
        unmanaged |= {each.ref: each.live for each in state.observed.unmanaged}
    orphans = state.observed.orphans if state.observed else ()
    kept = {orphan.ref: orphan.live for orphan in orphans}
    in_git = {manifest.ref: manifest.document for manifest in state.manifests}
    changes = state.plan.changes if state.plan else ()
    return ImpactInput(
        graph,
        deps.kinds,
        unmanaged | kept | in_git,
        frozenset(in_git),
        {
            change.ref: tuple(difference.path for difference in change.differences)
            for change in changes
        },
        {
            row.reference.secret: dict(row.reading.labels)
            for row in state.secrets_read.resolved
            if row.reading.labels is not None
        },
        state.cluster_identity,
    )
