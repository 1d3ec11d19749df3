"""A body without what others hold: nothing of theirs is changed, and nothing of ours is left open."""

from __future__ import annotations

from typing import Any

from reconciler.kinds import KINDS
from reconciler.model.change import Change, State
from reconciler.model.environment import IgnoreRule, Policy
from reconciler.stages.apply import AppliedAs, apply
from reconciler.stages.observe import ObserveInput, observe
from reconciler.stages.plan import plan
from reconciler.stages.plan.inputs import PlanInput
from tests.contract.test_adoption import git
from tests.contract.world import PROVIDER, US, World, owners
from tests.fakes import FaultyCluster, Signals

RULE = IgnoreRule("spec.defaults.*", "cost-controller", "Provider")
COST = "cost-controller/Update"


def applied(world: World, cluster: FaultyCluster, *rules: IgnoreRule, **spec: Any) -> Change:
    crd = cluster.crd(PROVIDER)
    assert crd is not None
    crds = {PROVIDER.group_kind: crd}
    observing = ObserveInput((git(world, **spec),), KINDS, "set", US, crds=crds, ignore=rules)
    observed = observe(observing, cluster, Signals())
    planned = plan(PlanInput(KINDS, Policy(), US, "set", None, crds=crds), observed)
    apply(planned, cluster, AppliedAs(US, "c" * 40, "2026-08-01T12:00:00Z"), Signals())
    return planned.changes[0]


def test_what_the_other_holds_stays_and_the_rest_is_applied(world: World) -> None:
    cluster = FaultyCluster(world.cluster)
    applied(world, cluster, RULE, defaults={"maxTokens": 4096})
    patch = {"spec": {"defaults": {"maxTokens": 100}, "baseURL": "https://a.example.com"}}
    world.others.patch(PROVIDER, "one", patch, "cost-controller")
    cluster.calls.clear()
    assert applied(world, cluster, RULE, defaults={"maxTokens": 4096}).state is State.UNCHANGED
    assert cluster.of("dry-run", "apply") == [], "the proof sees the body that the apply sends"

    change = applied(world, cluster, RULE, model="gpt-5", defaults={"maxTokens": 8192})
    assert (change.state, change.action.value) == (State.CHANGED, "update")
    assert [each.shown_path for each in change.foreign] == ["spec.baseURL"]
    after = world.live()
    assert after is not None
    assert (after["spec"]["model"], after["spec"]["defaults"]["maxTokens"]) == ("gpt-5", 100)
    assert owners(after)[COST]["f:spec"]["f:defaults"] == {"f:maxTokens": {}}


def test_what_the_other_releases_is_decided_by_git_again(world: World) -> None:
    cluster = FaultyCluster(world.cluster)
    applied(world, cluster, RULE, defaults={"maxTokens": 4096})
    for value in (100, None):
        patch = {"spec": {"defaults": {"maxTokens": value}}}
        world.others.patch(PROVIDER, "one", patch, "cost-controller")
    assert applied(world, cluster, RULE, defaults={"maxTokens": 4096}).state is State.CHANGED
    after = world.live()
    assert after is not None
    assert after["spec"]["defaults"]["maxTokens"] == 4096
