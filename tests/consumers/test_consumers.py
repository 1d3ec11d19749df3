"""What each kind of consumer refers to, which keys it reads, and what happens to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler import consumers
from reconciler.consumer import Consumer, Workload
from reconciler.consumers import CONSUMERS, by_group_kind, discover
from reconciler.crds import catalogue
from reconciler.model.document import JsonObject
from reconciler.model.identity import GroupKind
from reconciler.model.impact import Effect
from reconciler.model.path import show
from reconciler.semantics.schema.structural import Schema
from tests.consumers.bodies import (
    FLOKOA,
    OMNIA,
    agent,
    body,
    model,
    model_provider,
    provider,
    runtime,
    use,
)

FOLDER = Path(str(consumers.__file__)).parent


def of(kind: str, group: str = FLOKOA) -> Consumer:
    return CONSUMERS[GroupKind(group, kind)]


def targets(consumer: JsonObject) -> list[tuple[str, str]]:
    """The references as `path`, `Kind namespace/name`."""
    kind = CONSUMERS[GroupKind(str(consumer["apiVersion"]).partition("/")[0], consumer["kind"])]
    return [
        (show(each.path), f"{each.target.kind} {each.namespace}/{each.name}")
        for each in kind.references(consumer)
    ]


def keys(consumer: JsonObject, source: JsonObject) -> list[str]:
    kind = CONSUMERS[GroupKind(str(consumer["apiVersion"]).partition("/")[0], consumer["kind"])]
    return [
        f"{each.namespace}/{each.name}[{'|'.join(each.keys)}]"
        for each in kind.reads(use(consumer, source))
    ]


class TestDiscovery:
    def test_every_module_of_the_folder_is_a_consumer(self) -> None:
        listed = {path.stem for path in FOLDER.iterdir() if path.stem[0] not in "._"}
        assert {module.__name__.rpartition(".")[2] for module in discover()} == listed
        assert len(CONSUMERS) == len(listed) == 7

    def test_a_kind_that_two_modules_define_is_refused(self) -> None:
        first = discover()[0]
        with pytest.raises(TypeError, match="again"):
            by_group_kind([first, first])

    @pytest.mark.parametrize("consumer", CONSUMERS.values(), ids=lambda c: c.endpoint.kind)
    def test_its_crd_is_in_the_tree(self, consumer: Consumer) -> None:
        crd = catalogue.load(consumer.endpoint.crd_name)
        version = crd.version(consumer.endpoint.version)
        assert version is not None
        assert version.served
        assert catalogue.era(consumer.endpoint.crd_name).path.startswith(f"{consumer.system}/")


FULL: dict[str, JsonObject] = {
    "Agent": agent(modelRef={"name": "m", "namespace": "n"}),
    "AgentTrigger": body(
        FLOKOA, "AgentTrigger", "t", "llm", agent={"name": "a"},
        pushNotification={"agentRef": {"name": "b", "namespace": "n"}},
    ),
    "AgentWorkflow": body(
        FLOKOA, "AgentWorkflow", "w", "llm",
        tasks=[
            {"name": "x", "agent": {"name": "a"}},
            {"name": "y", "agentTask": {"model": {"name": "m"}, "agent": {"model": {"name": "m"}}}},
        ],
    ),
    "AgentRuntime": runtime(
        rollout={"candidate": {"providerRefs": [{"name": "x", "providerRef": {"name": "new"}}]}}
    ),
    "ArenaJob": body(OMNIA, "ArenaJob", "j", "omnia", providers={"p": [{"providerRef": {"name": "a"}}]}),
    "Workspace": body(
        OMNIA, "Workspace", "ws", "", namespace={"name": "support"},
        services=[{"name": "default", "memory": {"providerRef": {"name": "embed"}}}],
    ),
}  # fmt: skip


def schema_at(schema: Schema, path: tuple[str | int, ...]) -> Schema | None:
    for step in path:
        child = schema.items if isinstance(step, int) else schema.properties.get(step)
        child = child or (None if isinstance(step, int) else schema.additional)
        if child is None:
            return None
        schema = child
    return schema


@pytest.mark.parametrize("kind", FULL)
def test_every_reference_is_a_field_of_the_newest_crd(kind: str) -> None:
    consumer = next(c for k, c in CONSUMERS.items() if k.kind == kind)
    version = catalogue.load(consumer.endpoint.crd_name).version(consumer.endpoint.version)
    assert version is not None
    references = consumer.references(FULL[kind])
    assert references
    for each in references:
        free = kind == "ArenaJob"  # its groups have no schema
        assert free or schema_at(version.schema, each.path) is not None, show(each.path)


class TestFlokoa:
    def test_a_model_leads_to_its_provider(self) -> None:
        assert targets(model(namespace="a")) == [
            ("spec.providerRef.name", "ModelProvider a/gateway")
        ]

    def test_an_agent_leads_to_its_model_in_both_dialects(self) -> None:
        assert targets(FULL["Agent"]) == [("spec.modelRef.name", "Model n/m")]
        old = body(FLOKOA, "Agent", "old", "llm", model={"name": "m"})
        assert targets(old) == [("spec.model.name", "Model llm/m")]
        assert targets(agent(modelRef={"name": "m", "namespace": ""})) == [
            ("spec.modelRef.name", "Model llm/m")
        ]

    def test_a_trigger_and_a_workflow_lead_to_agents(self) -> None:
        assert targets(FULL["AgentTrigger"]) == [
            ("spec.agent.name", "Agent llm/a"),
            ("spec.pushNotification.agentRef.name", "Agent n/b"),
        ]
        assert targets(FULL["AgentWorkflow"]) == [
            ("spec.tasks[0].agent.name", "Agent llm/a"),
            ("spec.tasks[1].agentTask.model.name", "Model llm/m"),
            ("spec.tasks[1].agentTask.agent.model.name", "Model llm/m"),
        ]

    def test_an_agent_reads_the_key_in_its_own_namespace(self) -> None:
        assert keys(agent(namespace="team-b"), model_provider()) == ["team-b/gateway[api-key]"]

    @pytest.mark.parametrize(
        ("spec", "expected"),
        [
            ({"tls": {"caSecretRef": {"name": "ca", "key": "ca.crt"}}}, ["llm/gateway[api-key]"]),
            ({"openai": None, "bedrock": {"region": "eu"}}, []),
            (
                {
                    "openai": None,
                    "google": {"serviceAccountKeySecretRef": {"name": "sa", "key": "key.json"}},
                },
                ["llm/gateway[api-key]", "llm/sa[key.json]"],
            ),
        ],
        ids=["no CA", "bedrock", "google"],
    )
    def test_what_an_agent_gets_of_a_provider(self, spec: JsonObject, expected: list[str]) -> None:
        assert keys(agent(), model_provider(**spec)) == expected

    def test_a_variable_that_the_agent_sets_replaces_the_key(self) -> None:
        own = agent(runtime={"env": [{"name": "OPENAI_API_KEY", "value": "mine"}]})
        assert keys(own, model_provider()) == []
        other = agent(runtime={"env": [{"name": "ANTHROPIC_API_KEY", "value": "mine"}]})
        assert keys(other, model_provider()) == ["llm/gateway[api-key]"]

    def test_a_model_as_the_source_gives_no_key(self) -> None:
        assert keys(agent(), model()) == []

    @pytest.mark.parametrize(
        ("paths", "effect"),
        [
            ((), Effect.RESTARTS),
            ((("spec", "openai", "baseURL"),), Effect.RESTARTS),
            ((("spec", "tls", "insecureSkipVerify"),), Effect.NOTHING),
            ((("spec", "defaultHeaders", "X"), ("spec", "tls")), Effect.NOTHING),
            ((("spec", "defaultHeaders", "X"), ("spec", "google", "project")), Effect.RESTARTS),
        ],
    )
    def test_a_change_restarts_an_agent_if_it_gets_the_field(
        self, paths: tuple[Any, ...], effect: Effect
    ) -> None:
        assert of("Agent").on_change(use(agent(), model_provider()), paths).effect is effect
        assert of("Agent").on_change(use(agent(), model()), paths).effect is Effect.RESTARTS

    @pytest.mark.parametrize(
        ("namespace", "effect"), [("llm", Effect.RESTARTS), ("team-b", Effect.KEEPS_OLD)]
    )
    def test_a_rotation_is_noticed_in_the_namespace_of_the_provider(
        self, namespace: str, effect: Effect
    ) -> None:
        used = use(agent(namespace=namespace), model_provider())
        (secret,) = of("Agent").reads(used)
        assert of("Agent").on_rotation(used, secret, None).effect is effect

    def test_its_pods_and_its_deployment(self) -> None:
        assert of("Agent").workloads(agent(namespace="b")) == (Workload("b", "helper"),)
        assert of("Agent").running(agent() | {"status": {"replicas": 0}}) == 0
        assert of("Agent").running(agent()) is None

    def test_a_model_in_another_namespace_keeps_an_old_status(self) -> None:
        here = use(model(), model_provider())
        far = use(model(namespace="b", provider_in="llm"), model_provider())
        assert of("Model").on_change(here, ()).reason == ""
        assert "old status" in of("Model").on_change(far, ()).reason


class TestOmnia:
    def test_an_agent_leads_to_stable_candidate_and_older_providers(self) -> None:
        assert targets(FULL["AgentRuntime"]) == [
            ("spec.providers[0].providerRef.name", "Provider omnia/claude"),
            ("spec.rollout.candidate.providerRefs[0].providerRef.name", "Provider omnia/new"),
        ]
        old = body(OMNIA, "AgentRuntime", "old", "omnia", providerRef={"name": "claude"}, facade={})
        assert targets(old) == [("spec.providerRef.name", "Provider omnia/claude")]

    def test_an_empty_namespace_is_taken_literally(self) -> None:
        empty = runtime(providers=[{"name": "x", "providerRef": {"name": "c", "namespace": ""}}])
        assert targets(empty) == [("spec.providers[0].providerRef.name", "Provider /c")]

    def test_a_job_has_groups_of_both_shapes(self) -> None:
        job = body(
            OMNIA, "ArenaJob", "j", "omnia",
            providers={
                "pool": [{"providerRef": {"name": "a", "namespace": "n"}}, {"agentRef": {"name": "x"}}],
                "judges": {"main": {"providerRef": {"name": "b"}}},
                "broken": 7,
            },
        )  # fmt: skip
        assert targets(job) == [
            ("spec.providers.pool[0].providerRef.name", "Provider n/a"),
            ("spec.providers.pool[1].agentRef.name", "AgentRuntime omnia/x"),
            ("spec.providers.judges.main.providerRef.name", "Provider omnia/b"),
        ]

    def test_a_workspace_looks_in_its_own_namespace(self) -> None:
        assert targets(FULL["Workspace"]) == [
            ("spec.services[0].memory.providerRef.name", "Provider support/embed")
        ]
        workspace = FULL["Workspace"]
        assert of("Workspace", OMNIA).pod_namespace(workspace) == "support"
        assert of("Workspace", OMNIA).workloads(workspace) == (
            Workload("support", "memory-ws-default"),
        )

    @pytest.mark.parametrize(
        ("spec", "pods", "job"),
        [
            ({}, "omnia/anthropic[ANTHROPIC_API_KEY]", "jobs/anthropic[value]"),
            (
                {"credential": {"secretRef": {"name": "s", "key": "k"}}},
                "omnia/s[k]",
                "jobs/s[k]",
            ),
            ({"credential": None, "secretRef": {"name": "old"}}, "omnia/old[ANTHROPIC_API_KEY]", "jobs/old[value]"),
            ({"type": "cartesia"}, "", "jobs/anthropic[value]"),
            ({"credential": {"envVar": "X"}}, "", ""),
        ],
        ids=["no key", "key", "until 2026-04", "no variable", "environment"],
    )  # fmt: skip
    def test_which_key_each_of_them_reads(self, spec: JsonObject, pods: str, job: str) -> None:
        source = provider(**spec)
        arena = body(
            OMNIA, "ArenaJob", "j", "jobs",
            providers={"p": [{"providerRef": {"name": "claude", "namespace": "omnia"}}]},
        )  # fmt: skip
        assert keys(runtime(namespace="shops"), source) == ([pods] if pods else [])
        assert keys(arena, source) == ([job] if job else [])

    def test_the_keys_of_a_platform(self) -> None:
        hosted = provider(
            platform={"type": "bedrock", "region": "eu"},
            auth={"type": "accessKey", "credentialsSecretRef": {"name": "aws"}},
        )
        assert keys(runtime(), hosted) == [
            "omnia/aws[AWS_ACCESS_KEY_ID]",
            "omnia/aws[AWS_SECRET_ACCESS_KEY]",
            "omnia/aws[AWS_SESSION_TOKEN]",
        ]
        assert keys(FULL["Workspace"], hosted) == []
        assert keys(FULL["ArenaJob"], hosted) == []

    @pytest.mark.parametrize(
        ("path", "effect"),
        [
            (("spec", "model"), Effect.RESTARTS),
            (("spec", "defaults", "temperature"), Effect.RESTARTS),
            (("spec", "defaults"), Effect.RESTARTS),
            (("spec", "pricing", "inputCostPer1K"), Effect.RESTARTS),
            (("spec", "headers", "X-Team"), Effect.KEEPS_OLD),
            (("spec", "platform", "region"), Effect.KEEPS_OLD),
            (("spec", "defaults", "requestTimeout"), Effect.KEEPS_OLD),
            (("spec", "credential", "secretRef", "key"), Effect.KEEPS_OLD),
            (("spec", "capabilities"), Effect.RECONCILED),
            (("metadata", "labels", "x"), Effect.RECONCILED),
        ],
    )
    def test_which_fields_restart_an_agent(self, path: tuple[str, ...], effect: Effect) -> None:
        used = use(runtime(), provider())
        assert of("AgentRuntime", OMNIA).on_change(used, (path,)).effect is effect

    def test_one_field_that_restarts_it_brings_the_others(self) -> None:
        used = use(runtime(), provider())
        paths = (("spec", "headers", "X"), ("spec", "model"))
        assert of("AgentRuntime", OMNIA).on_change(used, paths).effect is Effect.RESTARTS

    def test_a_candidate_keeps_what_it_has(self) -> None:
        candidate = use(FULL["AgentRuntime"], provider("new"), number=1)
        kind = of("AgentRuntime", OMNIA)
        assert kind.on_change(candidate, (("spec", "model"),)).effect is Effect.KEEPS_OLD
        (secret,) = kind.reads(candidate)
        assert kind.on_rotation(candidate, secret, {}).effect is Effect.KEEPS_OLD

    @pytest.mark.parametrize(
        ("namespace", "labels", "effect"),
        [
            ("omnia", {"omnia.altairalabs.ai/type": "credentials"}, Effect.RESTARTS),
            ("omnia", {"omnia.altairalabs.ai/type": "other"}, Effect.KEEPS_OLD),
            ("omnia", None, Effect.KEEPS_OLD),
            ("shops", {"omnia.altairalabs.ai/type": "credentials"}, Effect.KEEPS_OLD),
        ],
    )
    def test_a_rotation_restarts_an_agent_only_by_a_label(
        self, namespace: str, labels: dict[str, str] | None, effect: Effect
    ) -> None:
        used = use(runtime(namespace=namespace), provider())
        kind = of("AgentRuntime", OMNIA)
        (secret,) = kind.reads(used)
        assert kind.on_rotation(used, secret, labels).effect is effect

    def test_the_secret_of_a_platform_is_not_watched(self) -> None:
        hosted = provider(
            platform={"type": "bedrock"},
            auth={"type": "accessKey", "credentialsSecretRef": {"name": "aws"}},
        )
        used, kind = use(runtime(), hosted), of("AgentRuntime", OMNIA)
        labels = {"omnia.altairalabs.ai/type": "credentials"}
        consequence = kind.on_rotation(used, kind.reads(used)[0], labels)
        assert consequence.effect is Effect.KEEPS_OLD
        assert "platform" in consequence.reason

    def test_a_job_and_a_workspace(self) -> None:
        job, workspace = of("ArenaJob", OMNIA), of("Workspace", OMNIA)
        assert job.on_change(use(FULL["ArenaJob"], provider("a")), ()).effect is Effect.NEXT_RUN
        assert job.running(FULL["ArenaJob"] | {"status": {"phase": "Succeeded"}}) == 0
        assert job.running(FULL["ArenaJob"] | {"status": {"phase": "Running"}}) is None
        used = use(FULL["Workspace"], provider("embed", "support"))
        dimension = workspace.on_change(used, (("spec", "embedding", "dimensions"),))
        assert dimension.effect is Effect.KEEPS_OLD
        assert "embed everything again" in dimension.reason

    def test_replicas_and_the_deployment_of_a_candidate(self) -> None:
        kind = of("AgentRuntime", OMNIA)
        idle = {"replicas": {"desired": 0, "ready": 0, "available": 0}}
        assert kind.running(runtime() | {"status": idle}) == 0
        ending = {"replicas": {"desired": 0, "ready": 1, "available": 1}}
        assert kind.running(runtime() | {"status": ending}) == 1
        active = runtime() | {"status": {"rollout": {"active": True}}}
        assert [each.deployment for each in kind.workloads(active)] == ["shop", "shop-canary"]
