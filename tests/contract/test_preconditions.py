"""Preconditions: uid and resourceVersion in the body of a write and in a DELETE."""

from __future__ import annotations

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document
from tests.contract.world import PROVIDER, Body, World, with_metadata


def stale(world: World, body: Document, **options: bool) -> str:
    with pytest.raises(Refused) as caught:
        world.apply(body, **options)
    assert caught.value.reason is RefusalReason.STALE
    return caught.value.message


def delete(world: World, stored: Body) -> None:
    world.cluster.delete(PROVIDER, world.namespace, "one", uid=stored["metadata"]["uid"])


def test_an_old_resource_version_is_refused(world: World) -> None:
    old = world.apply(world.provider())["metadata"]["resourceVersion"]
    world.apply(world.provider(model="gpt-5"))
    stale(world, with_metadata(world.provider(model="gpt-6"), resourceVersion=old))


def test_the_live_resource_version_is_accepted(world: World) -> None:
    version = world.apply(world.provider())["metadata"]["resourceVersion"]
    stored = world.apply(with_metadata(world.provider(model="gpt-5"), resourceVersion=version))
    assert stored["spec"]["model"] == "gpt-5"


def test_a_resource_version_alone_does_not_prevent_recreating_a_deleted_object(
    world: World,
) -> None:
    first = world.apply(world.provider())
    delete(world, first)
    version = first["metadata"]["resourceVersion"]
    again = world.apply(with_metadata(world.provider(), resourceVersion=version))
    assert again["metadata"]["uid"] != first["metadata"]["uid"]


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_uid_prevents_recreating_a_deleted_object(world: World, dry_run: bool) -> None:
    first = world.apply(world.provider())
    delete(world, first)
    body = with_metadata(world.provider(), uid=first["metadata"]["uid"])
    assert "uid mismatch" in stale(world, body, dry_run=dry_run)
    assert world.live() is None


@pytest.mark.parametrize("force", [False, True])
def test_the_uid_of_a_deleted_predecessor_is_refused(world: World, force: bool) -> None:
    first = world.apply(world.provider())
    delete(world, first)
    second = world.apply(world.provider())
    body = with_metadata(world.provider(model="gpt-5"), uid=first["metadata"]["uid"])
    stale(world, body, force=force)
    assert world.live() == second


def test_the_live_uid_is_accepted(world: World) -> None:
    uid = world.apply(world.provider())["metadata"]["uid"]
    stored = world.apply(with_metadata(world.provider(model="gpt-5"), uid=uid))
    assert stored["metadata"]["uid"] == uid


@pytest.mark.parametrize("dry_run", [False, True])
def test_resource_version_1_creates_an_object(world: World, dry_run: bool) -> None:
    stored = world.apply(with_metadata(world.provider(), resourceVersion="1"), dry_run=dry_run)
    assert stored["spec"]["role"] == "llm"


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("force", [False, True])
def test_resource_version_1_is_refused_for_an_existing_object(
    world: World, dry_run: bool, force: bool
) -> None:
    before = world.apply(world.provider(), manager="other")
    body = with_metadata(world.provider(baseURL="https://example.org"), resourceVersion="1")
    stale(world, body, dry_run=dry_run, force=force)
    assert world.live() == before


def test_a_delete_with_the_live_uid_and_resource_version(world: World) -> None:
    stored = world.apply(world.provider())["metadata"]
    world.cluster.delete(
        PROVIDER,
        world.namespace,
        "one",
        uid=stored["uid"],
        resource_version=stored["resourceVersion"],
    )
    assert world.live() is None


def test_a_delete_with_the_uid_of_a_predecessor_is_refused(world: World) -> None:
    first = world.apply(world.provider())
    delete(world, first)
    second = world.apply(world.provider())
    with pytest.raises(Refused) as caught:
        delete(world, first)
    assert caught.value.reason is RefusalReason.STALE
    assert first["metadata"]["uid"] in caught.value.message
    assert second["metadata"]["uid"] in caught.value.message
    assert world.live() == second


def test_a_delete_with_an_old_resource_version_is_refused(world: World) -> None:
    first = world.apply(world.provider())["metadata"]
    world.apply(world.provider(model="gpt-5"))
    with pytest.raises(Refused) as caught:
        world.cluster.delete(
            PROVIDER,
            world.namespace,
            "one",
            uid=first["uid"],
            resource_version=first["resourceVersion"],
        )
    assert caught.value.reason is RefusalReason.STALE
    assert world.live() is not None


def test_a_delete_of_a_deleted_object_succeeds(world: World) -> None:
    stored = world.apply(world.provider())
    delete(world, stored)
    delete(world, stored)
    assert world.live() is None


def test_a_finalizer_keeps_an_object_until_it_is_removed(world: World) -> None:
    body = with_metadata(world.provider(), finalizers=["example.org/wait"])
    stored = world.apply(body)
    delete(world, stored)
    going = world.live()
    assert going is not None
    assert going["metadata"]["deletionTimestamp"]
    assert going["metadata"]["uid"] == stored["metadata"]["uid"]
    delete(world, stored)
    world.others.patch(PROVIDER, "one", {"metadata": {"finalizers": None}}, "operator")
    assert world.live() is None
