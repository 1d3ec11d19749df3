"""What another tool applied, by either kind of apply, is compared as if it were ours; nothing is sent but reads."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import KINDS
from reconciler.model.applyset import TOOL
from reconciler.model.change import Change, State
from reconciler.model.difference import OWNERS
from reconciler.model.environment import ExtraFields, Policy
from reconciler.stages.observe import observe
from reconciler.stages.observe.inputs import ObserveInput
from reconciler.stages.plan import plan
from reconciler.stages.plan.inputs import PlanInput
from tests.contract.test_adoption import git
from tests.contract.world import PROVIDER, World
from tests.fakes import FaultyCluster, Signals

ARGO = "argocd-controller"
MARK = {"argocd.argoproj.io/tracking-id": "app"}


@pytest.fixture(params=["Apply", "Update"])
def applied(request: pytest.FixtureRequest, world: World) -> World:
    """One provider that Argo CD has applied, with its mark."""
    body = world.provider(baseURL="https://a.example.com").body()
    marked = world.document(PROVIDER, "one", body["spec"], annotations=MARK)
    if request.param == "Apply":
        world.apply(marked, manager=ARGO)
    else:
        world.others.create(PROVIDER, marked.body(), ARGO)
    return world


def compared(world: World, **spec: Any) -> Change:
    cluster = FaultyCluster(world.cluster)
    crd = cluster.crd(PROVIDER)
    assert crd is not None
    crds = {PROVIDER.group_kind: crd}
    observing = ObserveInput((git(world, **spec),), KINDS, "set", ARGO, crds=crds, observes=True)
    observed = observe(observing, cluster, Signals())
    assert {call.verb for call in cluster.calls} == {"crd", "list", "get"}
    inputs = PlanInput(KINDS, Policy(), ARGO, "set", None, crds=crds, observes=True)
    return plan(inputs, observed).changes[0]


def paths(change: Change) -> list[str]:
    return [each.shown_path for each in change.differences]


def test_what_it_applied_is_unchanged_and_its_marks_are_no_difference(applied: World) -> None:
    change = compared(applied, baseURL="https://a.example.com")
    assert (change.state, paths(change)) == (State.UNCHANGED, [])


def test_what_git_changes_and_removes_waits_for_it(applied: World) -> None:
    change = compared(applied, model="gpt-5")
    assert (change.state, paths(change)) == (State.CHANGED, ["spec.baseURL", "spec.model"])


def test_what_others_add_and_take_is_told_with_their_name(applied: World) -> None:
    patch = {"spec": {"model": "other", "headers": {"X-A": "1"}}}
    applied.others.patch(PROVIDER, "one", patch, "kubectl-edit")
    change = compared(applied, baseURL="https://a.example.com")
    assert paths(change) == ["spec.model"]
    (difference,) = change.differences
    assert difference.by is not None
    assert difference.by.manager == "kubectl-edit"
    assert [each.shown_path for each in change.foreign if each.path[0] == "spec"] == [
        "spec.headers.X-A"
    ]


def test_a_mark_of_the_tool_on_an_object_that_it_does_not_own_yet_is_no_conflict(
    world: World,
) -> None:
    """It has only labelled what kubectl made: the next sync takes it over."""
    spec = world.provider().body()["spec"]
    marked = world.document(PROVIDER, "one", spec, annotations=MARK).body()
    world.others.create(PROVIDER, marked, "kubectl-create")
    assert compared(world).state is State.ADOPTED


@pytest.mark.parametrize(("by", "policy"), [(ARGO, ExtraFields.REPORT), (TOOL, ExtraFields.FAIL)])
def test_an_owner_that_the_tool_sets_is_its_business(
    applied: World, by: str, policy: ExtraFields
) -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "boss", "uid": "1-2-3"}
    patch = {"metadata": {"ownerReferences": [owner]}}
    applied.others.patch(PROVIDER, "one", patch, by)
    change = compared(applied, baseURL="https://a.example.com")
    (field,) = [each for each in change.foreign if each.path == OWNERS]
    assert field.policy is policy


def test_an_owner_that_somebody_applies_is_not_that_of_the_tool(applied: World) -> None:
    """An apply owns the reference, and not the list of them, which the tool may own."""
    for number, by in enumerate((ARGO, "kubectl")):
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": by, "uid": f"1-2-{number}"}
        if by == ARGO:
            applied.others.patch(PROVIDER, "one", {"metadata": {"ownerReferences": [owner]}}, by)
        else:
            applied.apply(
                applied.document(PROVIDER, "one", {}, ownerReferences=[owner]), manager=by
            )
    change = compared(applied, baseURL="https://a.example.com")
    (field,) = [each for each in change.foreign if each.path == OWNERS]
    assert (field.policy, field.by and field.by.manager) == (ExtraFields.FAIL, "kubectl")
