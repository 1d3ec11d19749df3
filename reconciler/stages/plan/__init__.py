"""Plan: decides from observations what apply does with each object. Pure.

Two sets decide why a field differs: what our managedFields entry owns now, and what it owned after the last apply
(the record). A field that is still ours has changed in git. A field that was ours and no longer is has drifted:
someone else took or removed it. A field that never was ours has changed in git, or is a conflict where someone else
owns it with another value.

inputs        what the plan depends on, besides the observations
ownership     who owned a field before, owns it now, and would own it after an apply
fields        differences for a report
extra_fields  fields that others added; `overridden`, those that a webhook sets on every write
refusals      objects that apply leaves alone; `holds`, because somebody holds them
kept          objects of ours that git no longer has; `renames`, those with another name in git
adoption      names in `policy.adoptFrom`; `take`, fields of `--take`
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import groupby

from reconciler.kind import Kind
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, Change, Plan, State
from reconciler.model.difference import Why
from reconciler.model.document import JsonObject, dig
from reconciler.model.environment import OnConflict, OnDrift
from reconciler.model.marks import field_managers, tool_of
from reconciler.model.observation import Observation, Observed
from reconciler.model.path import show
from reconciler.model.record import Record
from reconciler.semantics.compare import authored, compare
from reconciler.semantics.ownership.atoms import root_atom
from reconciler.semantics.ownership.queries import applied_by
from reconciler.stages.plan.extra_fields import (
    ExtraFieldsInput,
    extra_fields,
    with_removals,
)
from reconciler.stages.plan.fields import differences
from reconciler.stages.plan.holds import hold_on, with_hold
from reconciler.stages.plan.inputs import PlanInput
from reconciler.stages.plan.kept import kept
from reconciler.stages.plan.overridden import with_overridden
from reconciler.stages.plan.ownership import Ownership, OwnershipInput
from reconciler.stages.plan.refusals import (
    of_another_set,
    of_another_tool,
    of_server,
    unless_refused,
)
from reconciler.stages.plan.renames import with_renames
from reconciler.stages.plan.take import reclaiming


def plan(inputs: PlanInput, observed: Observed) -> Plan:
    """One change per object, in waves: providers before models; within a wave by identity."""
    planned = ((plan_object(inputs, each), each) for each in observed.objects)
    changes = [with_overridden(*pair, inputs.crds) for pair in planned]
    changes += [kept(inputs, orphan) for orphan in observed.orphans]
    changes = with_renames(changes, observed)

    def order(change: Change) -> int:
        return inputs.kinds[change.ref.group_kind].apply_order

    changes.sort(key=lambda change: (order(change), change.ref))
    return Plan(tuple(tuple(wave) for _, wave in groupby(changes, key=order)))


def record_lost(
    observed: Observed, record: Record | None, manager: str, sets: Collection[str]
) -> bool:
    """Whether live objects have fields of ours but there is no record.

    Args:
        sets: the ids of the ApplySets that may be ours; what another environment applied is in none of them.
    """
    bodies = (observation.live.body() for observation in observed.objects if observation.live)
    return record is None and any(
        applied_by(body, manager) is not None
        and dig(body, "metadata", "labels", PART_OF) in (None, *sets)
        for body in bodies
    )


def plan_object(inputs: PlanInput, observation: Observation) -> Change:
    """The plan for one object in git."""
    kind = inputs.kind(observation.manifest.ref.group_kind)
    live = observation.live.body() if observation.live else None
    keyring = inputs.keyring
    change = Change(
        ref=observation.manifest.ref,
        endpoint=replace(
            kind.endpoint, version=observation.manifest.api_version.rpartition("/")[2]
        ),
        state=State.UNCHANGED,
        action=Action.NONE,
        where=observation.manifest.origin(()).template,
        content=keyring.digest(observation.manifest.document.text) if keyring else "",
        body=observation.sent,
        readiness=kind.readiness(live) if live else None,
        uid=str(dig(live, "metadata", "uid") or ""),
        resource_version=str(dig(live, "metadata", "resourceVersion") or ""),
        warnings=observation.warnings,
        adopted_from=observation.adopted_from,
        adoption=observation.adoption,
        hold=hold_on(inputs, live) if live else None,
    )
    if observation.refusal or observation.predicted is None:
        return of_server(change, observation.refusal)
    if live is None:
        return _absent(inputs, change, kind, observation)
    if dig(live, "metadata", "deletionTimestamp"):
        return replace(
            change,
            state=State.WAITING,
            action=Action.SKIP,
            reason="it is being deleted",
            hint="its finalizers must go first; the next run creates it again",
        )
    return with_hold(_present(inputs, change, kind, observation, live))


def _absent(inputs: PlanInput, change: Change, kind: Kind, observation: Observation) -> Change:
    known = inputs.recorded(change.ref)
    desired = observation.manifest.document.body()
    why = Why.DRIFT if known else Why.CHANGE
    pairs = compare({}, _shown(desired))
    fields = differences(kind, observation.manifest, pairs, lambda _: (why, None))
    if known is None:
        return replace(change, state=State.NEW, action=Action.CREATE, differences=fields)
    missing = replace(
        change,
        state=State.MISSING,
        action=Action.CREATE,
        differences=fields,
        reason="someone else deleted it",
    )
    return unless_refused(inputs.policy, missing)


def _present(
    inputs: PlanInput, change: Change, kind: Kind, observation: Observation, live: JsonObject
) -> Change:
    predicted = _predicted(observation, live)
    policy, crd = inputs.policy, inputs.crds.get(change.ref.group_kind)
    version = crd.version(change.endpoint.version) if crd else None
    ownership = Ownership.of(
        OwnershipInput(
            inputs.manager,
            inputs.recorded(change.ref),
            observation.conflicts,
            live,
            predicted,
            change.content,
            root_atom(version.schema) if version else None,
            observation.adopted_from,
        )
    )
    if (owner := dig(live, "metadata", "labels", PART_OF)) not in (None, inputs.set_id):
        return of_another_set(inputs, change, str(owner))
    tool, mark = tool_of(live)
    strange = ownership.never_ours or ownership.recreated
    if strange and not inputs.observes and tool not in ("", *policy.adopt_from):
        return of_another_tool(change, tool, mark)
    ignored = tuple(field.path for field in observation.left_alone)
    pairs = () if predicted is live else compare(authored(live), authored(predicted))
    fields = differences(kind, observation.manifest, pairs, ownership.cause)
    change = replace(
        change,
        differences=fields,
        foreign=extra_fields(
            ExtraFieldsInput(kind, policy, live, predicted, ownership, version, ignored)
        ),
        ignored=observation.left_alone,
        warnings=(*change.warnings, *_side_effects(kind, observation, ownership, predicted)),
    )
    conflicting = observation.conflicts and not ownership.all_ours()
    decide = _conflicting if conflicting else _ours
    taking = replace(inputs, policy=reclaiming(policy, inputs.take, fields))
    return with_removals(policy, decide(taking, change, observation, ownership))


def _predicted(observation: Observation, live: JsonObject) -> JsonObject:
    """The object after an apply: `live` itself if the apply provably changes nothing, as for most objects."""
    if observation.predicted is None:
        return {}
    return live if observation.predicted is observation.live else observation.predicted.body()


def _ours(
    inputs: PlanInput, change: Change, observation: Observation, ownership: Ownership
) -> Change:
    """The plan for an object without a conflict over a field that was never ours."""
    fields = change.differences
    drift = any(each.why is Why.DRIFT for each in fields)
    lost = "" if inputs.observes or drift or change.adopted_from else ownership.lost()
    if ownership.recreated or lost or drift:
        drifted = replace(
            change,
            state=State.DRIFTED,
            action=Action.UPDATE,
            force=bool(observation.conflicts),
            reason="someone else deleted it and created it again, or restored it"
            if ownership.recreated
            else lost,
        )
        return unless_refused(inputs.policy, drifted)
    if observation.conflicts:  # shared with another owner, and changed in git
        shared = replace(change, state=State.CHANGED, action=Action.UPDATE, force=True)
        return unless_refused(inputs.policy, shared)
    if change.adopted_from or ownership.never_ours:
        hint = _sharing(ownership)
        return replace(change, state=State.ADOPTED, action=Action.UPDATE, hint=hint)
    shifts = ownership.now != ownership.then and not inputs.observes
    if fields or shifts:
        reason = "" if fields else "only the ownership of fields changes"
        return replace(change, state=State.CHANGED, action=Action.UPDATE, reason=reason)
    return change


def _sharing(ownership: Ownership) -> str:
    """What to do about managers that keep a share of the fields of git."""
    sharing = ", ".join(ownership.sharing())
    return (
        f"name {sharing} in policy.adoptFrom: a shared field stays if git removes it"
        if sharing
        else ""
    )


def _side_effects(
    kind: Kind, observation: Observation, ownership: Ownership, predicted: JsonObject
) -> Iterator[str]:
    """Warnings about what the object has after an apply although git does not have it."""
    ignored = tuple(field.path for field in observation.left_alone)
    left = ownership.left_behind(predicted, ignored)
    if left:
        yield f"no longer in git, but still set by another owner: {', '.join(left)}"
    findings = kind.contract_findings(predicted)
    if not findings:
        return
    in_git = kind.contract_findings(observation.manifest.document.body())
    reported = {finding.message for finding in in_git}
    for finding in findings:
        if finding.message not in reported:
            yield f"with the fields of others, {show(finding.path)}: {finding.message}"


def _conflicting(
    inputs: PlanInput, change: Change, observation: Observation, ownership: Ownership
) -> Change:
    """The plan for an object with fields that someone else owns and that were not ours, as far as is known."""
    policy = inputs.policy
    managers = {cause.manager for cause in observation.conflicts}
    change = replace(change, state=State.CONFLICT)
    drifted = any(each.why is Why.DRIFT for each in change.differences)
    if drifted and policy.on_drift is OnDrift.REFUSE:
        return unless_refused(inputs.policy, change)
    taken = managers <= field_managers(policy.adopt_from) or ownership.all_ours(inputs.take)
    if policy.on_conflict is OnConflict.TAKE or taken:
        return replace(change, action=Action.UPDATE, force=True)
    names = ", ".join(sorted(managers)) or "another manager"
    return replace(
        change,
        action=Action.REFUSE,
        reason=f"owned by {names}, and "
        + (
            "without a record it is unknown whether it was ours"
            if ownership.unrecorded
            else "it was never ours"
        ),
        hint=f"let {names} release the fields, write the live values into git, or add it to policy.adoptFrom",
    )


def _shown(desired: JsonObject) -> JsonObject:
    """What a report shows of a new object: its spec, and the labels and annotations that git sets."""
    metadata = desired["metadata"]
    marks = {key: metadata[key] for key in ("labels", "annotations") if metadata.get(key)}
    return {"spec": desired.get("spec") or {}} | ({"metadata": marks} if marks else {})
