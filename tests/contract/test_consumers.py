"""Lists of consumers, in all namespaces: the same in both clusters."""

from __future__ import annotations

import pytest

from reconciler.consumers import CONSUMERS
from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document
from reconciler.model.identity import GroupKind
from tests.consumers.bodies import FLOKOA, OMNIA, agent, body
from tests.contract.world import World

AGENT = CONSUMERS[GroupKind(FLOKOA, "Agent")].endpoint
WORKSPACE = CONSUMERS[GroupKind(OMNIA, "Workspace")].endpoint


def without_times(each: dict[str, object]) -> dict[str, object]:
    metadata = each["metadata"]
    assert isinstance(metadata, dict)
    return each | {"metadata": {k: v for k, v in metadata.items() if k != "creationTimestamp"}}


def test_a_list_without_a_namespace_has_the_objects_of_all(world: World) -> None:
    name = f"of-{world.namespace}"
    world.others.create(AGENT, without_times(agent(name, world.namespace)), "kubectl-create")
    everywhere = {
        (document.body()["metadata"]["namespace"], document.body()["metadata"]["name"])
        for document in world.cluster.list(AGENT, "")
    }
    assert (world.namespace, name) in everywhere
    (own,) = world.cluster.list(AGENT, world.namespace)
    assert own.body()["spec"] == {"modelRef": {"name": "fast"}}


def test_a_kind_without_namespaces_is_listed(world: World) -> None:
    name = f"of-{world.namespace}"
    workspace = body(OMNIA, "Workspace", name, "", namespace={"name": world.namespace})
    world.cluster.create(WORKSPACE, Document.of(without_times(workspace)))
    names = [each.body()["metadata"]["name"] for each in world.cluster.list(WORKSPACE, "")]
    assert name in names


def test_a_folder_runs_no_pods(directory_world: World) -> None:
    with pytest.raises(Refused) as caught:
        directory_world.cluster.pods("llm", "flokoa.ai/agent")
    assert caught.value.reason is RefusalReason.NO_KIND
