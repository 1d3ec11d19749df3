"""Omnia Workspace: the memory services of its namespace embed with a Provider, which they read once, at their start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.consumer import Consumer, PodSet, Use, Workload
from reconciler.consumers import _omnia
from reconciler.consumers._references import entries, reference
from reconciler.kind import ObjectReference
from reconciler.model.document import JsonObject, dig
from reconciler.model.identity import Endpoint
from reconciler.model.impact import Consequence, Effect
from reconciler.model.path import FieldPath, starts_with
from reconciler.model.secret import SecretReference

_UNWATCHED = "nothing restarts its memory service"
_EMBEDDING: FieldPath = ("spec", "embedding")


def references(workspace: JsonObject) -> tuple[ObjectReference, ...]:
    """The providers, always in the namespace of the workspace."""
    return tuple(
        each
        for path, _ in entries(workspace, "spec", "services")
        for each in _provider(workspace, path)
    )


def _provider(workspace: JsonObject, service: FieldPath) -> Iterator[ObjectReference]:
    namespace = namespace_of(workspace)
    path = (*service, "memory", "providerRef")
    return reference(workspace, _omnia.PROVIDER, *path, default=namespace)


def reads(use: Use) -> tuple[SecretReference, ...]:
    """The credential only: the service cannot use the Secret of a platform."""
    return tuple(_omnia.credential(use.source))


def on_change(use: Use, paths: tuple[FieldPath, ...]) -> Consequence:
    del use
    if any(starts_with(path, _EMBEDDING) for path in paths):
        reason = f"{_UNWATCHED}; another dimension makes it embed everything again"
        return Consequence(Effect.KEEPS_OLD, reason)
    return Consequence(Effect.KEEPS_OLD, _UNWATCHED)


def on_rotation(use: Use, secret: SecretReference, labels: Mapping[str, str] | None) -> Consequence:
    del use, secret, labels
    return Consequence(Effect.KEEPS_OLD, _UNWATCHED)


def on_missing_key(use: Use, secret: SecretReference) -> Consequence:
    del use, secret
    return Consequence(Effect.BREAKS, "at the next start of its memory service")


def on_deletion(use: Use) -> Consequence:
    del use
    return Consequence(Effect.BREAKS, "at the next start of its memory service")


def namespace_of(workspace: JsonObject) -> str:
    """A workspace has no namespace itself, and names the one that it is for."""
    return str(dig(workspace, "spec", "namespace", "name") or "")


def workloads(workspace: JsonObject) -> tuple[Workload, ...]:
    """The memory services that embed."""
    namespace, name = namespace_of(workspace), workspace["metadata"]["name"]
    return tuple(
        Workload(namespace, f"memory-{name}-{service.get('name')}")
        for path, service in entries(workspace, "spec", "services")
        if any(_provider(workspace, path))
    )


CONSUMER = Consumer(
    system="omnia",
    endpoint=Endpoint(_omnia.GROUP, _omnia.VERSION, "Workspace", "workspaces"),
    targets=frozenset({_omnia.PROVIDER}),
    references=references,
    reads=reads,
    on_change=on_change,
    on_rotation=on_rotation,
    on_missing_key=on_missing_key,
    on_deletion=on_deletion,
    pods=PodSet("app.kubernetes.io/component=memory-api", "omnia.altairalabs.ai/workspace"),
    pod_namespace=namespace_of,
    workloads=workloads,
)
