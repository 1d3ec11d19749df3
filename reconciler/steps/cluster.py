"""The steps with a cluster: connect, read, plan, apply, and write the record."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from reconciler.dependencies import Dependencies, Options
from reconciler.model.applyset import set_id
from reconciler.model.change import Awaited, Prerequisite, Result
from reconciler.model.identity import ObjectRef
from reconciler.model.marks import field_managers
from reconciler.model.record import Record
from reconciler.model.unchecked import OBJECT
from reconciler.model.verbs import Flow
from reconciler.reconciliation import Reconciliation
from reconciler.stages.apply import AppliedAs
from reconciler.stages.apply import apply as apply_plan
from reconciler.stages.observe import observe as observe_objects
from reconciler.stages.observe.cluster import checked_uid, live_schemas
from reconciler.stages.observe.ignored import notes as ignore_notes
from reconciler.stages.observe.inputs import ObserveInput, Place
from reconciler.stages.plan import plan as make_plan
from reconciler.stages.plan import record_lost
from reconciler.stages.plan.adoption import unmatched_names
from reconciler.stages.plan.inputs import PlanInput
from reconciler.stages.plan.refusals import with_refusals
from reconciler.stages.plan.take import field_name, refuse_unheld
from reconciler.stages.validate.crds import prefer_live
from reconciler.stages.validate.live import LiveCheck
from reconciler.steps.neighbours import names_of_sets, without_neighbours


def connect(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Open the cluster, and select the manifests of `--only`.

    Raises:
        UsageError: `--only` names no object, or several.
    """
    deps.progress(state.name, "connecting")
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


def read_crds(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Read the CRDs of the cluster, which replace the pinned ones in later steps.

    Those of kinds that git does not have only tell whether others may have objects of them.
    """
    deps.progress(state.name, "reading the CRDs")
    stored = state.stored_record
    refs = {manifest.ref for manifest in state.manifests} | stored.known.keys()
    kinds = {ref.group_kind for ref in refs} | {kind for kind, _ in stored.unfinished}
    pinned = {kind: used.crd for kind, used in state.crds.items()}
    elsewhere = {kind for kind, _ in places_elsewhere(deps, options, state)}
    live, unchecked = live_schemas(kinds, deps.kinds, pinned, state.connection, elsewhere)
    in_use = (deps.label_live(crd) for kind, crd in live.items() if kind in kinds)
    crds, skew = prefer_live(state.environment, state.crds, in_use)
    findings = (*state.findings, *skew)
    return replace(state, cluster_crds=live, crds=crds, findings=findings, crds_unchecked=unchecked)


def places_elsewhere(
    deps: Dependencies, options: Options, state: Reconciliation
) -> frozenset[Place]:
    """Every kind in every namespace of the environment: somebody may have made an object there by hand."""
    if (
        options.verb.flow is not Flow.IMPACT
    ):  # which tells who uses an object, whatever the policy says
        ignored = not state.environment.policy.judges_unmanaged
        if options.only or ignored or not options.verb.compares_objects:
            return frozenset()
    return frozenset(product(deps.kinds, state.environment.namespaces))


def observe(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Read the live objects and predict an apply. With `--only`, objects that are not in git are ignored."""
    total = len(state.selected)
    deps.progress(state.name, f"comparing: {total:,} objects")

    def progress(number: int) -> None:
        deps.progress(state.name, f"comparing: {number:,} of {total:,} objects")

    stored = state.stored_record
    inputs = ObserveInput(
        state.selected,
        deps.kinds,
        stored.set_id,
        state.environment.applier,
        known={} if options.only else stored.known,
        recorded=stored.record.objects if stored.record else None,
        touched=stored.touched,
        more=frozenset() if options.only else stored.unfinished,
        elsewhere=places_elsewhere(deps, options, state),
        crds=state.cluster_crds,
        full=options.full,
        adopt_from=field_managers(state.environment.policy.adopt_from),
        ignore=state.environment.policy.ignore,
        observes=bool(state.environment.observed),
        dry_run_new=options.full or bool(options.reviewed) or not options.verb.writes_objects,
    )
    observed = observe_objects(inputs, state.connection, deps.stop, progress)
    observed = without_neighbours(deps, state, observed)
    if options.only:
        unchecked = tuple(each for each in observed.unchecked if each.subject != OBJECT)
        observed = replace(observed, orphans=(), unmanaged=(), unchecked=unchecked)
    return replace(state, observed=observed)


def plan(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Decide what to apply, and judge live objects by the policy.

    Raises:
        UsageError: `--take` names a field that nobody else holds.
    """
    stored, observed = state.stored_record, state.observation
    policy, take = state.environment.policy, frozenset(map(field_name, options.take))
    other_homes = {set_id(state.name, each): each for each in state.environment.namespaces}
    inputs = PlanInput(
        kinds=deps.kinds,
        policy=policy,
        manager=state.environment.applier,
        set_id=stored.set_id,
        record=stored.record,
        keyring=state.keyring,
        crds=state.cluster_crds,
        cluster=state.cluster_identity,
        take=take,
        now=deps.clock.now(),
        observes=bool(state.environment.observed),
        other_homes=other_homes,
        environments=names_of_sets(deps, state, observed),
    )
    made = make_plan(inputs, observed)
    refuse_unheld(take, observed, made.changes)
    if stored.homeless:
        made = made.waiting_for(Awaited(Prerequisite.NAMESPACE, stored.home))
    check = LiveCheck.of(policy, deps.kinds)
    about_policy: tuple[str, ...] = ()
    if not state.limited:
        unmatched = unmatched_names(policy.adopt_from, observed, state.environment.applier)
        about_policy = (*unmatched, *ignore_notes(policy.ignore, observed.objects))
    return replace(
        state,
        notes=(*state.notes, *about_policy),
        plan=made,
        live_findings=check.managed(observed),
        unmanaged=check.unmanaged(observed),
        record_lost=not state.environment.observed
        and record_lost(
            observed, stored.record, state.environment.applier, {stored.set_id, *other_homes}
        ),
    )


def apply(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Apply the plan, and add the applied objects to the record."""
    assert state.plan is not None  # noqa: S101 -- the order of the steps guarantees it
    deps.progress(state.name, "applying")

    def progress(written: ObjectRef, number: int, of: int) -> None:
        deps.progress(state.name, f"applying: {number:,} of {of:,} objects, {written}")

    applied_as = AppliedAs(state.environment.applier, deps.revision, deps.now())
    done = apply_plan(
        state.plan, state.connection, applied_as, deps.stop, state.lock_lost, progress
    )
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
