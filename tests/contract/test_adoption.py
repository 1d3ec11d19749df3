"""Adoption: the fields of named managers become ours, and what git lacks goes."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import Unreachable
from reconciler.kinds import KINDS
from reconciler.model.change import Change, Result, State
from reconciler.model.document import Document
from reconciler.model.environment import Policy
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.marks import LAST_APPLIED, field_managers
from reconciler.stages.apply import AppliedAs, Done, apply
from reconciler.stages.observe import ObserveInput, observe
from reconciler.stages.plan import plan
from reconciler.stages.plan.inputs import PlanInput
from tests.contract.world import PROVIDER, US, Body, World, owners
from tests.fakes import Fault, FaultyCluster, Signals

SET = "applyset-of-the-test"
KUBECTL = "kubectl-client-side-apply"
OURS = f"{US}/Apply"
AS = AppliedAs(US, "c" * 40, "2026-08-01T12:00:00Z")


def git(world: World, **spec: Any) -> Manifest:
    document = world.provider(**spec)
    ref = ObjectRef(PROVIDER.group, PROVIDER.kind, world.namespace, "one")
    where = Location("templates/one.yaml.j2", 1, 1)
    return Manifest(ref, PROVIDER.api_version, document, {(): Origin(where)})


def by_kubectl(world: World, manager: str = KUBECTL, **spec: Any) -> None:
    body = world.provider(**spec).body()
    body["metadata"]["annotations"] = {LAST_APPLIED: '{"spec":{}}', "team": "ml"}
    world.others.create(PROVIDER, body, manager)


def changed(cluster: FaultyCluster, *manifests: Manifest, adopt_from: str = KUBECTL) -> Change:
    crd = cluster.crd(PROVIDER)
    assert crd is not None
    crds, managers = {PROVIDER.group_kind: crd}, field_managers([adopt_from])
    observing = ObserveInput(manifests, KINDS, SET, US, crds=crds, adopt_from=managers)
    policy = Policy(adopt_from=(adopt_from,))
    observed = observe(observing, cluster, Signals())
    planned = plan(PlanInput(KINDS, policy, US, SET, None, crds=crds), observed)
    (change,) = planned.changes
    cluster.planned = planned  # type: ignore[attr-defined]
    return change


def applied(cluster: FaultyCluster) -> Done:
    (done,) = apply(cluster.planned, cluster, AS, Signals())  # type: ignore[attr-defined]
    return done


def live(world: World) -> Body:
    stored = world.live()
    assert stored is not None
    return stored


def test_what_git_removes_after_an_adoption_is_removed(world: World) -> None:
    by_kubectl(world, baseURL="https://old.example.com")
    cluster = FaultyCluster(world.cluster)
    change = changed(cluster, git(world, baseURL="https://new.example.com"))
    assert (change.state, change.force) == (State.ADOPTED, False)
    assert applied(cluster).outcome.result is Result.CONFIGURED
    assert set(owners(live(world))) == {OURS}
    assert live(world)["spec"]["baseURL"] == "https://new.example.com"
    assert changed(cluster, git(world)).state is State.CHANGED
    applied(cluster)
    assert "baseURL" not in live(world)["spec"]


def test_the_plan_has_what_git_lacks_and_the_apply_takes_just_that_away(world: World) -> None:
    by_kubectl(world, baseURL="https://old.example.com", headers={"X-A": "1", "X-B": "2"})
    cluster = FaultyCluster(world.cluster)
    change = changed(cluster, git(world, headers={"X-A": "1"}))
    assert (change.state, change.adopted_from) == (State.ADOPTED, (KUBECTL,))
    gone = {each.shown_path for each in change.differences if each.predicted.text is None}
    assert gone == {"spec.baseURL", "spec.headers.X-B", "metadata.annotations.team"}
    applied(cluster)
    after = live(world)
    assert after["spec"]["headers"] == {"X-A": "1"}
    assert "baseURL" not in after["spec"]
    assert not after["metadata"].get("annotations"), "last-applied goes too"
    assert changed(cluster, git(world, headers={"X-A": "1"})).state is State.UNCHANGED


def test_it_costs_one_request_more_and_none_once_nothing_is_left(world: World) -> None:
    by_kubectl(world)
    cluster = FaultyCluster(world.cluster)
    changed(cluster, git(world))
    applied(cluster)
    assert [call.verb for call in cluster.writes] == ["merge-patch", "apply"]
    cluster.calls.clear()
    assert changed(cluster, git(world)).state is State.UNCHANGED
    applied(cluster)
    assert cluster.of("dry-run", "apply", "merge-patch") == []


def test_only_the_named_managers_give_their_fields_up(world: World) -> None:
    by_kubectl(world, "helm")
    world.others.patch(PROVIDER, "one", {"spec": {"headers": {"X-A": "1"}}}, "kubectl-edit")
    world.others.status(PROVIDER, "one", {"phase": "Ready"}, "helm")
    cluster = FaultyCluster(world.cluster)
    assert changed(cluster, git(world), adopt_from="helm").adopted_from == ("helm",)
    applied(cluster)
    assert set(owners(live(world))) == {OURS, "kubectl-edit/Update", "helm/Update/status"}
    assert live(world)["spec"]["headers"] == {"X-A": "1"}


@pytest.mark.parametrize("adopt_from", ["argocd", "argocd-controller"])
def test_a_server_side_applier_gives_its_fields_up_too(world: World, adopt_from: str) -> None:
    theirs = world.provider(baseURL="https://old.example.com")
    world.apply(theirs, manager="argocd-controller")
    cluster = FaultyCluster(world.cluster)
    changed(cluster, git(world), adopt_from=adopt_from)
    applied(cluster)
    assert set(owners(live(world))) == {OURS}
    assert "baseURL" not in live(world)["spec"]


def test_a_run_that_ends_after_the_move_loses_nothing_and_the_next_converges(world: World) -> None:
    by_kubectl(world, baseURL="https://old.example.com")
    before = live(world)["spec"]
    cluster = FaultyCluster(world.cluster, Fault(Unreachable("gone"), "apply"))
    changed(cluster, git(world))
    assert applied(cluster).outcome.result is Result.FAILED
    assert live(world)["spec"] == before
    cluster.faults = ()
    cluster.calls.clear()
    changed(cluster, git(world))
    assert applied(cluster).outcome.result is Result.CONFIGURED
    assert [call.verb for call in cluster.writes] == ["apply"]
    assert "baseURL" not in live(world)["spec"]


def test_an_object_that_moved_since_it_was_read_is_left_alone(world: World) -> None:
    by_kubectl(world)
    cluster = FaultyCluster(world.cluster)
    changed(cluster, git(world))
    world.others.patch(PROVIDER, "one", {"spec": {"model": "other"}}, "kubectl-edit")
    before = live(world)
    assert applied(cluster).outcome.result is Result.REFUSED
    assert live(world) == before


class EditedBetween(FaultyCluster):
    """Somebody adds a field after the move and before the apply."""

    world: World

    def merge_patch(self, *args: Any, **options: Any) -> Document:
        moved = super().merge_patch(*args, **options)
        patch = {"spec": {"baseURL": "https://just-now.example.com"}}
        self.world.others.patch(PROVIDER, "one", patch, KUBECTL)
        return moved


def test_what_is_written_between_the_move_and_the_apply_is_not_passed_over(world: World) -> None:
    by_kubectl(world)
    cluster = EditedBetween(world.cluster)
    cluster.world = world
    changed(cluster, git(world))
    assert applied(cluster).outcome.result is Result.REFUSED
    again = changed(cluster, git(world)).differences
    assert "spec.baseURL" in {each.shown_path for each in again}


def test_the_prediction_is_what_is_stored(world: World) -> None:
    by_kubectl(world, baseURL="https://old.example.com", headers={"X-A": "1"})
    world.others.patch(PROVIDER, "one", {"spec": {"headers": {"X-B": "2"}}}, "kubectl-edit")
    cluster = FaultyCluster(world.cluster)
    change = changed(cluster, git(world, model="gpt-5", headers={"X-C": "3"}))
    applied(cluster)
    after = Document.of(live(world)).body()
    assert after["spec"]["headers"] == {"X-B": "2", "X-C": "3"}
    assert [each.shown_path for each in change.foreign] == ["spec.headers.X-B"]
    assert {each.shown_path for each in change.differences} == {
        *("metadata.annotations.team", "metadata.labels[applyset.kubernetes.io/part-of]"),
        *("spec.baseURL", "spec.headers.X-A", "spec.headers.X-C", "spec.model"),
    }
