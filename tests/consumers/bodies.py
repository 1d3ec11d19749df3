"""Consumers and what they use, as short as an API server would take them."""

from __future__ import annotations

from typing import Any

from reconciler.consumer import Use
from reconciler.consumers import CONSUMERS
from reconciler.model.document import JsonObject
from reconciler.model.identity import GroupKind

FLOKOA, OMNIA = "agent.flokoa.ai", "omnia.altairalabs.ai"
PLURALS = {
    "ModelProvider": "modelproviders",
    "Provider": "providers",
    **{kind.kind: consumer.endpoint.plural for kind, consumer in CONSUMERS.items()},
}


def body(group: str, kind: str, name: str, namespace: str, /, **spec: Any) -> JsonObject:
    """A namespace of "" is that of a kind without namespaces."""
    place = {"namespace": namespace} if namespace else {}
    return {
        "apiVersion": f"{group}/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, **place, "creationTimestamp": "2026-07-01T00:00:00Z"},
        "spec": spec,
    }


def model_provider(name: str = "gateway", namespace: str = "llm", **spec: Any) -> JsonObject:
    key = {"apiKeySecretRef": {"name": "gateway", "key": "api-key"}, "openai": {}}
    return body(FLOKOA, "ModelProvider", name, namespace, **(key | spec))


def model(name: str = "fast", namespace: str = "llm", *, provider_in: str = "") -> JsonObject:
    place = {"namespace": provider_in} if provider_in else {}
    reference = {"name": "gateway"} | place
    return body(FLOKOA, "Model", name, namespace, model="m", providerRef=reference)


def agent(name: str = "helper", namespace: str = "llm", **spec: Any) -> JsonObject:
    return body(FLOKOA, "Agent", name, namespace, **({"modelRef": {"name": "fast"}} | spec))


def provider(name: str = "claude", namespace: str = "omnia", **spec: Any) -> JsonObject:
    known = {"type": "claude", "model": "m", "credential": {"secretRef": {"name": "anthropic"}}}
    return body(OMNIA, "Provider", name, namespace, **(known | spec))


def runtime(name: str = "shop", namespace: str = "omnia", **spec: Any) -> JsonObject:
    known = {"providers": [{"name": "default", "providerRef": {"name": "claude"}}], "facades": [{}]}
    return body(OMNIA, "AgentRuntime", name, namespace, **(known | spec))


def use(consumer: JsonObject, source: JsonObject, number: int = 0) -> Use:
    """How a consumer uses a source, through one of its references."""
    group = str(consumer["apiVersion"]).partition("/")[0]
    kind = CONSUMERS[GroupKind(group, consumer["kind"])]
    return Use(consumer, kind.references(consumer)[number], source)
