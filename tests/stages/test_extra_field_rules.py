"""How a field of others is told and judged: its value, its writer, the policy for it, and what would go with it."""

from __future__ import annotations

from dataclasses import replace

from reconciler.crds import catalogue
from reconciler.kinds import KINDS
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, Change, State
from reconciler.model.difference import ForeignField
from reconciler.model.document import JsonObject
from reconciler.model.environment import ExtraFields, OnConflict
from reconciler.model.observation import Observed, Orphan
from reconciler.stages.plan import plan, plan_object
from reconciler.stages.plan.extra_fields import with_removals
from reconciler.stages.plan.inputs import PlanInput
from tests.stages.builders import (
    REF,
    SET_ID,
    US,
    conflict,
    given,
    observation,
    owner,
    record,
    stored,
)

SPEC: JsonObject = {"type": "claude", "model": "m"}
OURS = owner(US, "spec.type", "spec.model")
KNOWN = record("spec.type", "spec.model")
OWNED: JsonObject = {
    "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "u"}]
}


def owning(manager: str) -> JsonObject:
    """An entry of who added an owner to the object."""
    entry = owner(manager, operation="Update")
    return entry | {
        "fieldsV1": {"f:metadata": {"f:ownerReferences": {".": {}, 'k:{"uid":"u"}': {}}}}
    }


def planned(
    spec: JsonObject, *owners: JsonObject, inputs: PlanInput | None = None, **metadata: object
) -> Change:
    """The plan for an object that has more than git says."""
    live = stored(spec, *owners, **metadata)
    return plan_object(inputs or given(KNOWN), observation(SPEC, live, live))


def only(change: Change) -> ForeignField:
    (field,) = change.foreign
    return field


def test_its_value_is_told() -> None:
    theirs = owner("k9s", "spec.baseURL", operation="Update")
    field = only(planned(SPEC | {"baseURL": "https://b.example.com"}, OURS, theirs))
    assert (field.live.text, field.live.masked) == ('"https://b.example.com"', False)


def test_the_mark_of_our_applyset_is_no_field_of_others() -> None:
    assert planned(SPEC, OURS, labels={PART_OF: SET_ID}).foreign == ()
    assert only(planned(SPEC, OURS, labels={"team": "a"})).shown_path == "metadata.labels.team"


def test_an_object_without_owners_has_none_of_others() -> None:
    assert planned(SPEC, OURS, ownerReferences=[]).foreign == ()


def test_an_owner_is_told_with_who_added_it() -> None:
    field = only(planned(SPEC, OURS, owning("garbage"), **OWNED))
    assert field.by is not None
    assert (field.by.manager, field.policy) == ("garbage", ExtraFields.FAIL)


def test_an_owner_that_the_observed_tool_adds_itself_is_only_reported() -> None:
    argo = replace(given(KNOWN), manager="argocd", observes=True)
    applied = owner("argocd", "spec.type", "spec.model")
    own = only(planned(SPEC, applied, owning("argocd"), inputs=argo, **OWNED))
    assert own.policy is ExtraFields.REPORT
    strange = only(planned(SPEC, applied, owning("other"), inputs=argo, **OWNED))
    assert strange.policy is ExtraFields.FAIL
    nobody = only(planned(SPEC, applied, inputs=argo, **OWNED))
    assert nobody.policy is ExtraFields.FAIL
    ours = only(planned(SPEC, OURS, owning(US), **OWNED))
    assert ours.policy is ExtraFields.FAIL, "our applies add no owner"


def test_a_conflict_from_which_apply_also_removes_stays_a_conflict() -> None:
    theirs = owner("k9s", "spec.model", "spec.baseURL", operation="Update")
    spec = SPEC | {"model": "x", "baseURL": "https://b.example.com"}
    live = stored(spec, owner(US, "spec.type"), theirs)
    predicted = stored(spec | {"model": "m"}, OURS, theirs)
    policy = {
        "extra_fields": (("spec.baseURL", ExtraFields.REMOVE),),
        "on_conflict": OnConflict.TAKE,
    }
    observed = observation(SPEC, live, predicted, conflict(".spec.model", "k9s"))
    change = plan_object(given(record("spec.type"), **policy), observed)
    assert (change.state, change.action) == (State.CONFLICT, Action.UPDATE)
    assert change.remove == (("spec", "baseURL"),)
    drifted = with_removals(given().policy, replace(change, state=State.UNCHANGED))
    assert drifted.state is State.DRIFTED


def test_a_mark_goes_alone() -> None:
    """No report lists the other marks of a tool, so the mapping may have more."""
    policy = {"extra_fields": (("metadata.labels.*", ExtraFields.REMOVE),)}
    change = planned(SPEC, OURS, inputs=given(KNOWN, **policy), labels={"team": "a"})
    assert change.remove == (("metadata", "labels", "team"),)


def test_what_goes_is_the_highest_mapping_without_a_field_that_stays() -> None:
    policy = {"extra_fields": (("spec.a.b.c.x", ExtraFields.REMOVE),)}
    spec = SPEC | {"a": {"b": {"c": {"x": 1}}, "kept": 1}}
    change = planned(spec, OURS, inputs=given(KNOWN, **policy))
    assert change.remove == (("spec", "a", "b"),)


def test_a_default_of_the_crd_on_a_kept_object_is_no_field_of_others() -> None:
    crd = catalogue.load(KINDS[REF.group_kind].endpoint.crd_name)
    spec = SPEC | {"headers": {"X": "1"}, "defaults": {"truncationStrategy": "sliding"}}
    live = stored(spec, OURS)
    kept = Observed((), orphans=(Orphan(REF, live),))
    inputs = replace(given(KNOWN), crds={REF.group_kind: crd})
    (change,) = plan(inputs, kept).changes
    assert [each.shown_path for each in change.foreign] == ["spec.headers.X"]
