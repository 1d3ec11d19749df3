"""The graph from a Secret to whoever is affected."""

from __future__ import annotations

import pytest

from reconciler.consumers import CONSUMERS
from reconciler.errors import UsageError
from reconciler.kinds import KINDS
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import ObjectRef, secret_ref
from reconciler.model.impact import Affected, Consumed, Effect
from reconciler.model.run import ClusterIdentity
from reconciler.stages.impact import Graph, ImpactInput, affected, consumer_reads
from reconciler.stages.impact.roots import addressed_roots
from tests.consumers.bodies import (
    FLOKOA,
    OMNIA,
    agent,
    body,
    model,
    model_provider,
    provider,
    runtime,
)


def ref(each: JsonObject) -> ObjectRef:
    metadata = each["metadata"]
    group = str(each["apiVersion"]).partition("/")[0]
    return ObjectRef(group, each["kind"], metadata.get("namespace", ""), metadata["name"])


def graph(*consumers: JsonObject) -> Graph:
    return Graph.of(Consumed({ref(each): Document.of(each) for each in consumers}), CONSUMERS)


def sources(*bodies: JsonObject) -> dict[ObjectRef, Document]:
    return {ref(each): Document.of(each) for each in bodies}


def rows(root: ObjectRef, all_rows: tuple[Affected, ...]) -> list[tuple[str, str, str]]:
    """Consumer, what it goes through, and what a rotation (of a Secret) or a change does to it."""
    return [
        (
            f"{row.consumer.kind} {row.consumer.namespace}/{row.consumer.name}",
            f"{row.through.kind} {row.through.namespace}/{row.through.name}",
            happens.effect.value if happens else "",
        )
        for row in all_rows
        if row.root == root
        for happens in [row.on_rotation if root.kind == "Secret" else row.on_change]
    ]


FAR_MODEL = model("far", "team-b", provider_in="llm")
FAR_AGENT = agent("remote", "team-b", modelRef={"name": "far"})
TRIGGER = body(FLOKOA, "AgentTrigger", "hook", "llm", agent={"name": "helper"})
FLOKOA_GRAPH = graph(
    model(), agent(), TRIGGER, FAR_MODEL, FAR_AGENT, agent("stranger", modelRef={"name": "x"})
)


def test_a_change_of_a_provider_goes_through_models_to_agents_and_triggers() -> None:
    gateway = model_provider()
    found_rows = affected(ImpactInput(FLOKOA_GRAPH, KINDS, sources(gateway)))
    assert rows(ref(gateway), found_rows) == [
        ("Model llm/fast", "ModelProvider llm/gateway", "reconciled"),
        ("Model team-b/far", "ModelProvider llm/gateway", "reconciled"),
        ("Agent llm/helper", "Model llm/fast", "restarts"),
        ("Agent team-b/remote", "Model team-b/far", "restarts"),
        ("AgentTrigger llm/hook", "Agent llm/helper", "follows"),
    ]


def test_a_secret_leads_to_its_provider_and_a_copy_to_whoever_reads_it() -> None:
    found_rows = affected(ImpactInput(FLOKOA_GRAPH, KINDS, sources(model_provider())))
    assert rows(secret_ref("llm", "gateway"), found_rows) == [
        ("ModelProvider llm/gateway", "Secret llm/gateway", ""),
        ("Model llm/fast", "ModelProvider llm/gateway", "follows"),
        ("Model team-b/far", "ModelProvider llm/gateway", "follows"),
        ("Agent llm/helper", "Model llm/fast", "restarts"),
        ("Agent team-b/remote", "Model team-b/far", "nothing"),
        ("AgentTrigger llm/hook", "Agent llm/helper", "follows"),
    ]
    assert rows(secret_ref("team-b", "gateway"), found_rows) == [
        ("Agent team-b/remote", "Secret team-b/gateway", "keeps-old")
    ]
    (other,) = [
        r
        for r in found_rows
        if r.root.namespace == "llm" and r.consumer == ref(FAR_AGENT) and r.root.kind == "Secret"
    ]
    assert other.on_rotation is not None
    assert other.on_rotation.reason == "it reads Secret team-b/gateway"


def test_the_keys_that_consumers_read_are_told_for_each_provider() -> None:
    reads = consumer_reads(FLOKOA_GRAPH, sources(model_provider()))
    assert [
        (each.consumer.name, each.reference.namespace, each.reference.keys) for each in reads
    ] == [
        ("helper", "llm", ("api-key",)),
        ("remote", "team-b", ("api-key",)),
    ]


def test_what_changes_decides_what_happens() -> None:
    source, consumers = provider(), graph(runtime())
    headers = {ref(source): (("spec", "headers", "X"),)}
    (row,) = [
        r
        for r in affected(ImpactInput(consumers, KINDS, sources(source), changes=headers))
        if r.root == ref(source)
    ]
    assert row.on_change is not None
    assert row.on_change.effect is Effect.KEEPS_OLD
    assert row.restart == ("kubectl rollout restart deployment/shop -n omnia",)


@pytest.mark.parametrize(
    ("cluster", "commands"),
    [
        (
            ClusterIdentity("eu", context="eu"),
            ("kubectl --context eu rollout restart deployment/shop -n omnia",),
        ),
        (ClusterIdentity("directory:x", folder="x"), ()),
    ],
)
def test_what_restarts_a_consumer_is_for_this_cluster(
    cluster: ClusterIdentity, commands: tuple[str, ...]
) -> None:
    source = provider()
    inputs = ImpactInput(graph(runtime()), KINDS, sources(source), cluster=cluster)
    (row,) = [each for each in affected(inputs) if each.root == ref(source)]
    assert row.restart == commands


def test_labels_of_the_secret_decide_whether_an_agent_restarts() -> None:
    root = secret_ref("omnia", "anthropic")
    labels = {root: {"omnia.altairalabs.ai/type": "credentials"}}
    inputs = ImpactInput(graph(runtime()), KINDS, sources(provider()), labels=labels)
    assert rows(root, affected(inputs))[1][2] == "restarts"


def test_a_stable_and_a_candidate_reference_to_one_provider_are_two_rows() -> None:
    candidate = {"candidate": {"providerRefs": [{"name": "c", "providerRef": {"name": "claude"}}]}}
    twice = runtime(
        rollout=candidate,
        providers=[{"name": name, "providerRef": {"name": "claude"}} for name in ("a", "b")],
    )
    source = provider()
    rows = affected(ImpactInput(graph(twice), KINDS, sources(source)))
    assert [row.path for row in rows if row.root == ref(source)] == [
        "spec.providers[0].providerRef.name",
        "spec.rollout.candidate.providerRefs[0].providerRef.name",
    ]


def test_references_in_a_circle_end() -> None:
    first = body(FLOKOA, "AgentTrigger", "t", "llm", agent={"name": "helper"})
    walk = list(graph(model(), agent(), first).walk(ref(model_provider())))
    assert len(walk) == 3


def test_a_job_through_an_agent_follows_it() -> None:
    job = body(
        OMNIA, "ArenaJob", "load", "omnia", providers={"p": [{"agentRef": {"name": "shop"}}]}
    )
    found_rows = affected(ImpactInput(graph(runtime(), job), KINDS, sources(provider())))
    assert rows(secret_ref("omnia", "anthropic"), found_rows) == [
        ("Provider omnia/claude", "Secret omnia/anthropic", ""),
        ("AgentRuntime omnia/shop", "Provider omnia/claude", "keeps-old"),
        ("ArenaJob omnia/load", "AgentRuntime omnia/shop", "follows"),
    ]


def test_git_has_some_of_them() -> None:
    managed = frozenset({ref(model())})
    rows = affected(ImpactInput(FLOKOA_GRAPH, KINDS, sources(model_provider()), managed))
    assert {row.consumer.name for row in rows if row.managed} == {"fast"}


def test_a_hint_lists_addresses_that_name_one_object() -> None:
    refs = [ObjectRef(group, "Gateway", "llm", "a") for group in ("one.example", "two.example")]
    with pytest.raises(UsageError) as caught:
        addressed_roots({"gateway/llm/b"}, refs)
    assert caught.value.hint == "there are gateway.one.example/llm/a, gateway.two.example/llm/a"
    assert addressed_roots({refs[0].address}, refs) == {refs[0]}
