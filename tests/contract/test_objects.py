"""Reading, creating and replacing objects, core kinds included."""

from __future__ import annotations

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP, NAMESPACE, Endpoint
from tests.contract.world import MODEL_PROVIDER, PROVIDER, UNSERVED, Body, World, with_metadata


def config_map(world: World, name: str = "record", **entries: str) -> Body:
    metadata = {"name": name, "namespace": world.namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": entries}


def refusal(caught: pytest.ExceptionInfo[Refused]) -> RefusalReason:
    return caught.value.reason


def test_a_list_returns_the_same_objects_as_a_get(world: World) -> None:
    for name in ("b", "a", "c"):
        world.apply(world.provider(name))
    world.apply(world.document(MODEL_PROVIDER, "d", {"openai": {}}))
    listed = world.cluster.list(PROVIDER, world.namespace)
    assert [document.body()["metadata"]["name"] for document in listed] == ["a", "b", "c"]
    assert list(listed) == [world.cluster.get(PROVIDER, world.namespace, name) for name in "abc"]


def test_listed_core_objects_have_a_kind(world: World) -> None:
    world.cluster.create(CONFIG_MAP, Document.of(config_map(world, key="value")))
    listed = [document.body() for document in world.cluster.list(CONFIG_MAP, world.namespace)]
    (record,) = [body for body in listed if body["metadata"]["name"] == "record"]
    assert (record["apiVersion"], record["kind"]) == ("v1", "ConfigMap")
    assert record["data"] == {"key": "value"}


def test_a_list_without_objects_is_empty(world: World) -> None:
    assert world.cluster.list(PROVIDER, world.namespace) == ()
    assert world.cluster.list(PROVIDER, "not-there") == ()
    assert world.cluster.unreadable(PROVIDER, world.namespace) == ()


def test_a_get_of_an_object_that_does_not_exist_returns_none(world: World) -> None:
    assert world.cluster.get(PROVIDER, world.namespace, "one") is None
    assert world.cluster.get(PROVIDER, "not-there", "one") is None
    assert world.cluster.get(CONFIG_MAP, "not-there", "one") is None


@pytest.mark.parametrize(
    "endpoint",
    [UNSERVED, Endpoint(PROVIDER.group, PROVIDER.version, "Nothing", "nothings")],
    ids=["group", "kind"],
)
def test_an_unserved_kind_is_refused(world: World, endpoint: Endpoint) -> None:
    with pytest.raises(Refused) as on_list:
        world.cluster.list(endpoint, world.namespace)
    with pytest.raises(Refused) as on_get:
        world.cluster.get(endpoint, world.namespace, "one")
    assert refusal(on_list) is refusal(on_get) is RefusalReason.NO_KIND
    assert world.cluster.crd(endpoint) is None


def test_the_live_crd_describes_the_kind(world: World) -> None:
    crd = world.cluster.crd(PROVIDER)
    assert crd is not None
    assert (crd.group, crd.kind, crd.plural, crd.namespaced) == (
        "omnia.altairalabs.ai",
        "Provider",
        "providers",
        True,
    )
    assert crd.established is True
    version = crd.version("v1alpha1")
    assert version is not None
    assert version.served
    assert version.status_subresource
    role = version.schema.at("spec", "role")
    assert role is not None
    assert role.default == "llm"


def test_a_namespace_can_be_read(world: World) -> None:
    namespace = world.cluster.get(NAMESPACE, "", world.namespace)
    assert namespace is not None
    assert namespace.body()["metadata"]["name"] == world.namespace
    assert world.cluster.get(NAMESPACE, "", "not-there") is None


def test_create_returns_the_stored_object(world: World) -> None:
    created = world.cluster.create(CONFIG_MAP, Document.of(config_map(world, key="value")))
    assert world.cluster.get(CONFIG_MAP, world.namespace, "record") == created


def test_a_create_of_an_existing_config_map_is_refused(world: World) -> None:
    body = Document.of(config_map(world, key="value"))
    world.cluster.create(CONFIG_MAP, body)
    with pytest.raises(Refused) as caught:
        world.cluster.create(CONFIG_MAP, body)
    assert refusal(caught) is RefusalReason.EXISTS
    assert caught.value.message == 'configmaps "record" already exists'


def test_a_create_of_an_existing_provider_is_refused(world: World) -> None:
    world.cluster.create(PROVIDER, world.provider())
    with pytest.raises(Refused) as caught:
        world.cluster.create(PROVIDER, world.provider())
    assert refusal(caught) is RefusalReason.EXISTS


def test_a_create_in_a_missing_namespace_is_refused(world: World) -> None:
    body = Document.of(config_map(world))
    with pytest.raises(Refused) as caught:
        world.cluster.create(CONFIG_MAP, with_metadata(body, namespace="not-there"))
    assert refusal(caught) is RefusalReason.NO_NAMESPACE


def test_a_create_of_an_invalid_object_is_refused(world: World) -> None:
    with pytest.raises(Refused) as caught:
        world.cluster.create(PROVIDER, world.provider(type="gpt"))
    assert refusal(caught) is RefusalReason.INVALID


def test_replace_is_a_compare_and_swap(world: World) -> None:
    first = world.cluster.create(CONFIG_MAP, Document.of(config_map(world, key="1")))
    second = world.cluster.replace(CONFIG_MAP, Document.of(first.body() | {"data": {"key": "2"}}))
    assert second.body()["data"] == {"key": "2"}
    with pytest.raises(Refused) as caught:
        world.cluster.replace(CONFIG_MAP, Document.of(first.body() | {"data": {"key": "3"}}))
    assert refusal(caught) is RefusalReason.STALE
    assert world.cluster.get(CONFIG_MAP, world.namespace, "record") == second


def test_a_replace_of_a_deleted_object_is_refused(world: World) -> None:
    stored = world.apply(world.provider())
    world.cluster.delete(PROVIDER, world.namespace, "one", uid=stored["metadata"]["uid"])
    with pytest.raises(Refused) as caught:
        world.cluster.replace(PROVIDER, Document.of(stored))
    assert refusal(caught) is RefusalReason.NOT_FOUND
    assert world.live() is None


def test_a_config_map_can_be_applied(world: World) -> None:
    body = Document.of(config_map(world, key="value"))
    stored = world.cluster.apply(CONFIG_MAP, body, manager="us").document.body()
    assert stored["data"] == {"key": "value"}
    assert world.cluster.apply(CONFIG_MAP, body, manager="us").document.body() == stored
