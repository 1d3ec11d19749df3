"""The annotation of a hold: under a field manager of its own, or of whoever sets it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconciler.kinds import KINDS
from reconciler.model.hold import ANNOTATION, MANAGER, hold_of
from reconciler.model.identity import ObjectRef
from reconciler.semantics.ownership.adoption import Mover
from reconciler.semantics.ownership.noop import proves_noop
from reconciler.stages.hold import hold, release
from reconciler.stages.observe.adoption import _STAYS
from tests.contract.world import PROVIDER, US, Body, World, owners

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=4)


def ref(world: World) -> ObjectRef:
    return ObjectRef(PROVIDER.group, PROVIDER.kind, world.namespace, "one")


def live(world: World) -> Body:
    stored = world.live()
    assert stored is not None
    return stored


def test_a_hold_is_no_difference_and_survives_an_apply(world: World) -> None:
    world.apply(world.provider())
    list(hold(world.cluster, KINDS, [ref(world)], UNTIL, "outage"))
    assert f"{MANAGER}/Apply" in owners(live(world))
    crd = world.cluster.crd(PROVIDER)
    version = crd.version(PROVIDER.version) if crd else None
    assert version is not None
    assert proves_noop(version, live(world), world.provider().body(), US)
    world.apply(world.provider(model="gpt-5"))
    assert hold_of(live(world), NOW) is not None
    list(release(world.cluster, KINDS, [ref(world)]))
    assert set(owners(live(world))) == {f"{US}/Apply"}


def test_the_command_takes_over_and_ends_a_hold_of_kubectl(world: World) -> None:
    world.apply(world.provider())
    value = {"metadata": {"annotations": {ANNOTATION: "2026-08-02T00:00:00Z theirs"}}}
    world.others.patch(PROVIDER, "one", value, "kubectl-annotate")
    mover = Mover(frozenset({"kubectl-annotate"}), US, PROVIDER.api_version, _STAYS)
    assert mover.gives(live(world)) == (), "an adoption leaves a hold alone"
    list(hold(world.cluster, KINDS, [ref(world)], UNTIL, "ours"))
    held = hold_of(live(world), NOW)
    assert held is not None
    assert held.reason == "ours"
    assert list(release(world.cluster, KINDS, [ref(world)])) == [(ref(world), True)]
    assert hold_of(live(world), NOW) is None
