"""Which consumers are listed, with which requests, and what a refusal leaves open."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.adapters.directory import DirectoryCluster
from reconciler.consumers import CONSUMERS
from reconciler.errors import RefusalReason, Refused, Unreachable
from reconciler.model.document import Document
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.impact import Unlisted
from reconciler.stages.consumers import consumers_of, list_consumers
from tests.consumers.bodies import FLOKOA, OMNIA, agent, model, runtime
from tests.fakes import Call, Fault, FaultyCluster, NoRedactor, StoppedClock
from tests.stages.live import crd_text

FORBIDDEN = Refused(RefusalReason.FORBIDDEN, "you may not")
PROVIDER, MODEL_PROVIDER = GroupKind(OMNIA, "Provider"), GroupKind(FLOKOA, "ModelProvider")


def opened(root: Path, *kinds: str) -> DirectoryCluster:
    names = [c.endpoint.crd_name for kind, c in CONSUMERS.items() if kind.kind in kinds]
    return DirectoryCluster.open(
        root / "live",
        redactor=NoRedactor(),
        clock=StoppedClock(),
        crds=[crd_text(name) for name in names],
        namespaces=["llm", "omnia", "team-b"],
    )


def add(cluster: DirectoryCluster, *bodies: dict[str, object]) -> None:
    for each in bodies:
        group = str(each["apiVersion"]).partition("/")[0]
        endpoint = CONSUMERS[GroupKind(group, str(each["kind"]))].endpoint
        cluster.create(endpoint, Document.of(each))


def test_kinds_that_use_each_other_are_listed_together() -> None:
    def reached(*kinds: GroupKind) -> set[str]:
        return {consumer.endpoint.kind for consumer in consumers_of(kinds, CONSUMERS)}

    assert reached(MODEL_PROVIDER) == {"Model", "Agent", "AgentTrigger", "AgentWorkflow"}
    assert reached(GroupKind(FLOKOA, "Model")) == {"Agent", "AgentTrigger", "AgentWorkflow"}
    assert reached(PROVIDER) == {"AgentRuntime", "ArenaJob", "Workspace"}
    assert reached() == set()
    assert reached(GroupKind("acme.example", "Gateway")) == set()


def test_one_list_for_each_kind_and_an_absent_kind_has_no_consumers(tmp_path: Path) -> None:
    inner = opened(tmp_path, "Model", "Agent")
    add(inner, model(), agent(), agent("other", "team-b"))
    cluster = FaultyCluster(inner)
    consumed = list_consumers(consumers_of([MODEL_PROVIDER], CONSUMERS), ["llm"], cluster)
    assert sorted(ref.address.partition("/")[2] for ref in consumed.objects) == [
        "llm/fast",
        "llm/helper",
        "team-b/other",
    ]
    assert consumed.unlisted == ()
    assert sorted((call.kind, call.name) for call in cluster.calls) == [
        ("Agent", ""),
        ("AgentTrigger", ""),
        ("AgentWorkflow", ""),
        ("Model", ""),
    ]


def test_where_the_cluster_may_not_be_listed_its_namespaces_are(tmp_path: Path) -> None:
    inner = opened(tmp_path, "AgentRuntime")
    add(inner, runtime(), runtime("far", "team-b"))
    cluster = OnlyNamespaces(inner)
    kinds = [CONSUMERS[GroupKind(OMNIA, "AgentRuntime")]]
    consumed = list_consumers(kinds, ["omnia", "llm", "omnia"], cluster)
    assert list(consumed.objects) == [ObjectRef(OMNIA, "AgentRuntime", "omnia", "shop")]
    assert consumed.unlisted == (
        Unlisted(GroupKind(OMNIA, "AgentRuntime"), "", "agentruntimes.omnia.altairalabs.ai"),
    )
    assert [call.name for call in cluster.of("list")] == ["", "llm", "omnia"]
    assert [call.kind for call in cluster.of("crd")] == ["AgentRuntime"]


class OnlyNamespaces(FaultyCluster):
    """May be listed by namespace only."""

    def _meet(self, call: Call) -> None:
        super()._meet(call)
        if not call.name:
            raise FORBIDDEN


def test_a_namespace_that_may_not_be_listed_is_told(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path, "Agent"), Fault(FORBIDDEN, "list"))
    consumed = list_consumers([CONSUMERS[GroupKind(FLOKOA, "Agent")]], ["llm"], cluster)
    assert consumed.objects == {}
    assert [missing.namespace for missing in consumed.unlisted] == ["", "llm"]


def test_a_cluster_that_cannot_be_reached_ends_the_run(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path, "Agent"), Fault(Unreachable("no answer"), "list"))
    with pytest.raises(Unreachable):
        list_consumers([CONSUMERS[GroupKind(FLOKOA, "Agent")]], ["llm"], cluster)
