"""When the pods of consumers started, with one LIST for each kind and namespace."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import RefusalReason, Refused, Unreachable
from reconciler.kinds import KINDS
from reconciler.model.identity import secret_ref
from reconciler.model.impact import Affected, Pod
from reconciler.stages.impact import ImpactInput, affected
from reconciler.stages.impact.pods import with_pods
from tests.consumers.bodies import agent, model, model_provider, provider, runtime
from tests.fakes import Fault, FaultyCluster
from tests.stages.test_consumers import opened
from tests.stages.test_impact import FAR_AGENT, FAR_MODEL, TRIGGER, graph, sources

EARLY, LATE = "2026-07-30T03:07:00Z", "2026-07-30T04:07:00Z"
GRAPH = graph(model(), agent(), agent("other"), TRIGGER, FAR_MODEL, FAR_AGENT, runtime())


def pod(namespace: str, consumer: str, **containers: str) -> Pod:
    labels = (("flokoa.ai/agent", consumer),)
    return Pod(namespace, f"{consumer}-pod", labels, tuple(sorted(containers.items())))


def started(rows: tuple[Affected, ...], name: str) -> tuple[str, ...] | None:
    return next(row.started for row in rows if row.consumer.name == name)


def of_gateway(cluster: FaultyCluster) -> tuple[Affected, ...]:
    rows = affected(ImpactInput(GRAPH, KINDS, sources(model_provider())))
    own = tuple(row for row in rows if row.root == secret_ref("llm", "gateway"))
    return with_pods(own, GRAPH, cluster)


def test_one_list_for_a_kind_and_a_namespace(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path), pods=())
    of_gateway(cluster)
    assert sorted(call.name for call in cluster.of("pods")) == [
        "llm flokoa.ai/agent",
        "team-b flokoa.ai/agent",
    ]


def test_the_container_that_holds_the_key_decides(tmp_path: Path) -> None:
    pods = (
        pod("llm", "helper", agent=LATE, sidecar=EARLY),
        pod("llm", "helper", proxy=LATE, main=EARLY),
        pod("llm", "helper"),
        pod("team-b", "helper", agent=EARLY),
    )
    rows = of_gateway(FaultyCluster(opened(tmp_path), pods=pods))
    assert started(rows, "helper") == (EARLY, LATE)
    assert started(rows, "other") == ()
    assert started(rows, "hook") is None, "a trigger has no pods"


def test_what_may_not_be_listed_is_unknown(tmp_path: Path) -> None:
    forbidden = Fault(Refused(RefusalReason.FORBIDDEN, "no"), "pods", name="team-b flokoa.ai/agent")
    rows = of_gateway(FaultyCluster(opened(tmp_path), forbidden, pods=()))
    assert started(rows, "helper") == ()
    far = next(row for row in rows if row.consumer.name == "remote")
    assert far.started is None
    assert far.unread == "no permission to list pods in team-b"
    folder = of_gateway(FaultyCluster(opened(tmp_path)))
    assert next(row for row in folder if row.consumer.name == "helper").unread == (
        "a directory cluster has no pods"
    )


def test_a_status_without_replicas_is_enough(tmp_path: Path) -> None:
    idle = graph(runtime() | {"status": {"replicas": {"desired": 0, "ready": 0}}})
    rows = affected(ImpactInput(idle, KINDS, sources(provider())))
    assert started(rows, "shop") == ()
    del tmp_path


def test_a_cluster_that_cannot_be_reached_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        of_gateway(
            FaultyCluster(opened(tmp_path), Fault(Unreachable("no answer"), "pods"), pods=())
        )
