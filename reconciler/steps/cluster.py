"""The steps with a cluster: connect, read, plan, apply, and write the record."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import RefusalReason, SafetyStop
from reconciler.model.applyset import set_id
from reconciler.model.change import Awaited, Prerequisite, Result
from reconciler.model.marks import field_managers
from reconciler.model.record import Record
from reconciler.model.record.rotations import Moment
from reconciler.model.run import ClusterIdentity
from reconciler.reconciliation import Reconciliation
from reconciler.stages import record as record_stage
from reconciler.stages.advance import (
    advance_history,
    advance_in_sync,
    advance_objects,
    advance_secrets,
    advance_watch,
    is_complete,
)
from reconciler.stages.apply import AppliedAs
from reconciler.stages.apply import apply as apply_plan
from reconciler.stages.observe import observe as observe_objects
from reconciler.stages.observe.cluster import checked_uid, live_schemas
from reconciler.stages.observe.ignored import notes as ignore_notes
from reconciler.stages.observe.inputs import ObserveInput
from reconciler.stages.plan import plan as make_plan
from reconciler.stages.plan import record_lost
from reconciler.stages.plan.adoption import unmatched_names
from reconciler.stages.plan.inputs import PlanInput
from reconciler.stages.plan.refusals import with_refusals
from reconciler.stages.plan.take import field_name, refuse_unheld
from reconciler.stages.secrets import with_pick_up
from reconciler.stages.validate.crds import prefer_live
from reconciler.stages.validate.live import LiveCheck
from reconciler.stages.verdict import in_sync_after, not_in_sync
from reconciler.steps.secrets import compare_secrets


def connect(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Open the cluster, and select the manifests of `--only`.

    Raises:
        UsageError: `--only` names no object, or several.
    """
    return replace(
        state,
        selected=options.selected(state.manifests),
        limited=bool(options.only),
        cluster=deps.connect(state.environment),
    )


def identify(_: Dependencies, __: Options, state: Reconciliation) -> Reconciliation:
    """Read the uid of the cluster, and compare it with `cluster.uid` of the environment.

    Raises:
        SafetyStop: it is another cluster.
    """
    return replace(state, cluster_uid=checked_uid(state.environment, state.connection))


def read_record(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Read the record of the previous run.

    Raises:
        SafetyStop: its ConfigMap is the ApplySet parent of another tool or environment.
    """
    environment = state.environment
    name, home = environment.name, environment.home
    cluster = state.cluster_identity or ClusterIdentity("")
    hints = {
        RefusalReason.FORBIDDEN: f"{deps.invocation.command('rbac', name)} prints the Roles that it needs",
    }
    stored = record_stage.read_record(state.connection, name, home, hints, cluster)
    return replace(state, stored=stored)


def read_crds(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Read the CRDs of the cluster, which replace the pinned ones in later steps."""
    stored = state.stored_record
    refs = {manifest.ref for manifest in state.manifests} | stored.known.keys()
    kinds = {ref.group_kind for ref in refs} | {kind for kind, _ in stored.unfinished}
    pinned = {kind: used.crd for kind, used in state.crds.items()}
    live, unchecked = live_schemas(kinds, deps.kinds, pinned, state.connection)
    crds, skew = prefer_live(state.environment, state.crds, map(deps.label_live, live.values()))
    findings = (*state.findings, *skew)
    return replace(state, cluster_crds=live, crds=crds, findings=findings, crds_unchecked=unchecked)


def observe(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Read the live objects and predict an apply. With `--only`, objects that are not in git are ignored."""
    stored = state.stored_record
    inputs = ObserveInput(
        state.selected,
        deps.kinds,
        stored.set_id,
        state.environment.applier,
        known={} if options.only else stored.known,
        more=frozenset() if options.only else stored.unfinished,
        crds=state.cluster_crds,
        full=options.full,
        adopt_from=field_managers(state.environment.policy.adopt_from),
        ignore=state.environment.policy.ignore,
        observes=bool(state.environment.observed),
        dry_run_new=options.full or bool(options.reviewed) or not options.verb.writes_objects,
    )
    observed = observe_objects(inputs, state.connection, deps.stop)
    if options.only:
        observed = replace(observed, orphans=(), unmanaged=())
    return replace(state, observed=observed)


def plan(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Decide what to apply, and judge live objects by the policy.

    Raises:
        UsageError: `--take` names a field that nobody else holds.
    """
    stored, observed = state.stored_record, state.observation
    inputs = PlanInput(
        deps.kinds,
        state.environment.policy,
        state.environment.applier,
        stored.set_id,
        stored.record,
        state.keyring,
        state.cluster_crds,
        state.cluster_identity,
        take := frozenset(map(field_name, options.take)),
        deps.clock.now(),
        bool(state.environment.observed),
        {set_id(state.name, namespace): namespace for namespace in state.environment.namespaces},
    )
    made = make_plan(inputs, observed)
    refuse_unheld(take, observed, made.changes)
    if stored.homeless:
        made = made.held(Awaited(Prerequisite.NAMESPACE, stored.home))
    check = LiveCheck(state.environment.policy, deps.kinds)
    policy = state.environment.policy
    about_policy = (
        ()
        if state.limited
        else (
            *unmatched_names(policy.adopt_from, observed, state.environment.applier),
            *ignore_notes(policy.ignore, observed.objects),
        )
    )
    return replace(
        state,
        notes=(*state.notes, *about_policy),
        plan=made,
        live_findings=check.managed(observed),
        unmanaged=check.unmanaged(observed),
        record_lost=not state.environment.observed
        and record_lost(observed, stored.record, state.environment.applier),
    )


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


def apply(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Apply the plan, and add the applied objects to the record."""
    assert state.plan is not None  # noqa: S101 -- the order of the steps guarantees it
    applied_as = AppliedAs(state.environment.applier, deps.revision, deps.now())
    done = apply_plan(state.plan, state.connection, applied_as, deps.stop, state.lock_lost)
    applied = {each.outcome.ref: each.recorded for each in done if each.recorded}
    # If a later step fails, this record is written.
    before = state.stored_record.record or Record(state.name)
    refusals = {each.outcome.ref: each.refusal for each in done if each.refusal}
    plan, skipped = with_refusals(state.plan, refusals)
    outcomes = tuple(
        replace(each.outcome, result=Result.SKIPPED)
        if each.outcome.ref in skipped
        else each.outcome
        for each in done
    )
    return replace(
        state, plan=plan, outcomes=outcomes, applied=applied, record=before.with_applied(applied)
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
    if not options.only:
        record = advance_secrets(advance_watch(record, at), state.secrets, at)
        return replace(state, record=record)
    selected = frozenset(manifest.ref for manifest in state.selected)
    record = advance_secrets(record, state.secrets, at, selected)
    note = "with --only, rotations of the Secrets of other objects are neither recorded nor closed"
    return replace(state, record=record, notes=(*state.notes, note))


def _with_history(options: Options, state: Reconciliation, record: Record, at: Moment) -> Record:
    """The record with what an apply wrote, or with what a run over all objects found that others did."""
    if state.plan is None or (options.only and not options.verb.writes_objects):
        return record
    written = state.applied.keys() | state.deleted if options.verb.writes_objects else None
    return advance_history(record, options.verb.name, at, state.plan.changes, written)


def _with_proof(
    deps: Dependencies, options: Options, state: Reconciliation, record: Record
) -> Record:
    """The record with whether this run found its revision in sync, which a run over another one cannot tell."""
    revision = deps.repository.revision
    same = bool(revision.commit) and record.revision == deps.revision and not revision.dirty
    if options.only or not same:
        return advance_in_sync(record, deps.moment, in_sync=False) if state.applied else record
    environment = state.summary()
    in_sync = (
        in_sync_after(environment) if options.verb.writes_objects else not not_in_sync(environment)
    )
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
