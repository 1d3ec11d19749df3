"""The annotation of a rotation: a field manager of its own, beside ours."""

from __future__ import annotations

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.change import guarded
from reconciler.model.identity import ObjectRef
from reconciler.model.stamp import ANNOTATION, MANAGER, body_of, tokens_of
from reconciler.semantics.ownership.noop import proves_noop
from tests.contract.world import PROVIDER, US, Body, World, owners


def stamp(world: World, *tokens: str, dry_run: bool = False, uid: str = "") -> Body:
    ref = ObjectRef(PROVIDER.group, PROVIDER.kind, world.namespace, "one")
    live = world.live() or {"metadata": {"uid": "0000"}}
    body = guarded(body_of(PROVIDER, ref, tokens), uid or live["metadata"]["uid"], "", force=False)
    return world.apply(body, manager=MANAGER, force=True, dry_run=dry_run)


def test_it_adds_one_annotation_under_a_manager_of_its_own(world: World) -> None:
    before = world.apply(world.provider())
    after = stamp(world, "b", "a")
    assert tokens_of(after) == {"a", "b"}
    assert (after["spec"], after["metadata"]["generation"]) == (
        before["spec"],
        before["metadata"]["generation"],
    )
    assert owners(after) == owners(before) | {
        f"{MANAGER}/Apply": {"f:metadata": {"f:annotations": {f"f:{ANNOTATION}": {}}}}
    }


def test_the_next_apply_proves_that_it_changes_nothing_and_keeps_it(world: World) -> None:
    world.apply(world.provider())
    stamped = stamp(world, "a")
    crd = world.cluster.crd(PROVIDER)
    version = crd.version(PROVIDER.version) if crd else None
    assert version is not None
    assert proves_noop(version, stamped, world.provider().body(), US)
    assert world.apply(world.provider()) == stamped
    changed = world.apply(world.provider(model="gpt-5"))
    assert (tokens_of(changed), changed["spec"]["model"]) == ({"a"}, "gpt-5")


def test_an_apply_with_annotations_of_its_own_keeps_it(world: World) -> None:
    spec = {"type": "openai", "model": "gpt-4o"}
    world.apply(world.document(PROVIDER, "one", spec, annotations={"team": "ml"}))
    stamp(world, "a")
    stored = world.apply(world.document(PROVIDER, "one", spec))
    assert stored["metadata"]["annotations"] == {ANNOTATION: "a"}


def test_a_dry_run_answers_as_the_write_does_and_stores_nothing(world: World) -> None:
    before = world.apply(world.provider())
    predicted = stamp(world, "a", dry_run=True)
    assert world.live() == before
    assert tokens_of(predicted) == tokens_of(stamp(world, "a")) == {"a"}


def test_the_same_stamp_again_writes_nothing(world: World) -> None:
    world.apply(world.provider())
    first = stamp(world, "a")
    assert stamp(world, "a") == first


@pytest.mark.parametrize("exists", [True, False])
def test_another_uid_is_refused_and_a_deleted_object_stays_deleted(
    world: World, *, exists: bool
) -> None:
    if exists:
        world.apply(world.provider())
    before = world.live()
    with pytest.raises(Refused) as caught:
        stamp(world, "a", uid="11111111-1111-1111-1111-111111111111")
    assert caught.value.reason is RefusalReason.STALE
    assert world.live() == before
