"""Omnia AgentRuntime: a Deployment whose runtime reads its Providers and their Secrets once, at its start.

Its operator restarts the pods when a hash changes that has some fields of the Providers and the Secrets of their
credentials. It computes the hash again when a Provider changes, or a Secret with a certain label in the namespace of
the agent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.consumer import Consumer, PodSet, Use, Workload
from reconciler.consumers import _omnia
from reconciler.consumers._references import entries, reference
from reconciler.kind import ObjectReference
from reconciler.model.document import JsonObject, dig
from reconciler.model.impact import Consequence, Effect
from reconciler.model.path import FieldPath, starts_with
from reconciler.model.secret import SecretReference

_LABEL = ("omnia.altairalabs.ai/type", "credentials")
_CANDIDATE = ("spec", "rollout", "candidate")
_IN_HASH: tuple[FieldPath, ...] = (
    ("spec", "type"),
    ("spec", "model"),
    ("spec", "baseURL"),
    *(("spec", "defaults", name) for name in ("temperature", "topP", "maxTokens", "contextWindow")),
    ("spec", "pricing"),
    ("spec", "credential", "secretRef", "name"),
    ("spec", "secretRef", "name"),
)
_READ_BY_OPERATOR: tuple[FieldPath, ...] = (("spec", "capabilities"), ("metadata",))


def references(agent: JsonObject) -> tuple[ObjectReference, ...]:
    """`providers` by name, the providers of a candidate, and the field that the CRD had until 2026-03-19."""
    return tuple(
        each
        for path in _reference_paths(agent)
        for each in reference(agent, _omnia.PROVIDER, *path, literal=True)
    )


def _reference_paths(agent: JsonObject) -> Iterator[FieldPath]:
    for path, _ in entries(agent, "spec", "providers"):
        yield (*path, "providerRef")
    for path, _ in entries(agent, *_CANDIDATE, "providerRefs"):
        yield (*path, "providerRef")
    yield ("spec", "providerRef")


def reads(use: Use) -> tuple[SecretReference, ...]:
    return (*_omnia.credential(use.source), *_omnia.platform_keys(use.source))


def on_change(use: Use, paths: tuple[FieldPath, ...]) -> Consequence:
    if starts_with(use.reference.path, _CANDIDATE):
        reason = "its operator does not watch the providers of a candidate"
        return Consequence(Effect.KEEPS_OLD, reason)
    if not paths:
        reason = "except for headers, platform, auth and timeouts: for these it must be restarted"
        return Consequence(Effect.RESTARTS, reason)
    if _omnia.any_below(paths, _IN_HASH):
        return Consequence(Effect.RESTARTS)
    if all(any(starts_with(path, field) for field in _READ_BY_OPERATOR) for path in paths):
        return Consequence(Effect.RECONCILED)
    return Consequence(Effect.KEEPS_OLD, "its operator restarts it for other fields only")


def on_rotation(use: Use, secret: SecretReference, labels: Mapping[str, str] | None) -> Consequence:
    if starts_with(secret.path, ("spec", "auth")):
        return Consequence(Effect.KEEPS_OLD, "its operator does not watch the Secret of a platform")
    if starts_with(use.reference.path, _CANDIDATE):
        reason = "its operator does not watch the providers of a candidate"
        return Consequence(Effect.KEEPS_OLD, reason)
    if secret.namespace != _omnia.namespace_of(use.consumer):
        return Consequence(Effect.KEEPS_OLD, "its operator watches no Secret of another namespace")
    name, value = _LABEL
    if labels is None:
        reason = (
            f"unless the Secret has the label {name}: {value}, for which its operator restarts it"
        )
        return Consequence(Effect.KEEPS_OLD, reason)
    if labels.get(name) == value:
        return Consequence(Effect.RESTARTS)
    return Consequence(
        Effect.KEEPS_OLD, f"its operator watches only Secrets with the label {name}: {value}"
    )


def on_missing_key(use: Use, secret: SecretReference) -> Consequence:
    del use, secret
    return Consequence(Effect.BREAKS, "at the next start of its pods")


def on_deletion(use: Use) -> Consequence:
    del use
    return Consequence(Effect.BREAKS, "its phase becomes Failed")


def running(agent: JsonObject) -> int | None:
    """0 only if no pod is desired either."""
    replicas = [dig(agent, "status", "replicas", name) for name in ("desired", "ready")]
    numbers = [number for number in replicas if isinstance(number, int)]
    return max(numbers) if len(numbers) == len(replicas) else None


def workloads(agent: JsonObject) -> tuple[Workload, ...]:
    namespace, name = _omnia.namespace_of(agent), str(agent["metadata"]["name"])
    candidate = [f"{name}-canary"] if dig(agent, "status", "rollout", "active") is True else []
    return tuple(Workload(namespace, each) for each in (name, *candidate))


CONSUMER = Consumer(
    system="omnia",
    endpoint=_omnia.AGENT_RUNTIME,
    targets=frozenset({_omnia.PROVIDER}),
    references=references,
    reads=reads,
    on_change=on_change,
    on_rotation=on_rotation,
    on_missing_key=on_missing_key,
    on_deletion=on_deletion,
    pods=PodSet(
        "app.kubernetes.io/name=omnia-agent", "app.kubernetes.io/instance", container="runtime"
    ),
    running=running,
    workloads=workloads,
)
