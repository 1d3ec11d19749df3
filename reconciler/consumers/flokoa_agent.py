"""Flokoa Agent: a Deployment that gets the settings and keys of a ModelProvider as environment variables.

Its Secrets are projected into its pods, so it reads them in its own namespace, whatever the namespace of the provider.
Its operator restarts the pods when the environment changes, and when a Secret changes that a ModelProvider *of the
Secret's namespace* names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.consumer import Consumer, PodSet, Use, Workload
from reconciler.consumers import _flokoa
from reconciler.consumers._references import entries, reference
from reconciler.kind import ObjectReference
from reconciler.model.document import JsonObject, dig
from reconciler.model.identity import GroupKind
from reconciler.model.impact import Consequence, Effect
from reconciler.model.path import FieldPath, starts_with
from reconciler.model.secret import SecretReference


def references(agent: JsonObject) -> tuple[ObjectReference, ...]:
    """The Model; until v0.1.0 the field was `spec.model`."""
    return (
        *reference(agent, _flokoa.MODEL, "spec", "modelRef"),
        *reference(agent, _flokoa.MODEL, "spec", "model"),
    )


def reads(use: Use) -> tuple[SecretReference, ...]:
    """The keys of the ModelProvider, in the agent's namespace, without those that the agent sets itself."""
    if _kind(use.source) != _flokoa.MODEL_PROVIDER:
        return ()
    namespace, own = _namespace(use.consumer), set(_own_variables(use.consumer))
    return tuple(
        SecretReference.at(path, namespace, name, (key,), optional=optional)
        for path, name, key, variable, optional in _flokoa.projected(use.source)
        if variable not in own
    )


def on_change(use: Use, paths: tuple[FieldPath, ...]) -> Consequence:
    ignored = _flokoa.IGNORED if _kind(use.source) == _flokoa.MODEL_PROVIDER else ()
    if paths and all(any(starts_with(path, field) for field in ignored) for path in paths):
        return Consequence(Effect.NOTHING, "the operator passes none of these fields to agents")
    return Consequence(Effect.RESTARTS)


def on_rotation(use: Use, secret: SecretReference, labels: Mapping[str, str] | None) -> Consequence:
    del secret, labels
    if use.source["metadata"].get("namespace") == _namespace(use.consumer):
        return Consequence(Effect.RESTARTS)
    reason = "it reads the Secret of its own namespace, which its operator watches only for a ModelProvider there"
    return Consequence(Effect.KEEPS_OLD, reason)


def on_missing_key(use: Use, secret: SecretReference) -> Consequence:
    del use
    if secret.optional:
        return Consequence(Effect.BREAKS, "its pods start without the key, and the vendor refuses")
    return Consequence(Effect.BREAKS, "its new pods do not start; old ones run until they end")


def on_deletion(use: Use) -> Consequence:
    del use
    return Consequence(Effect.BREAKS, "its last Deployment keeps running, and nothing updates it")


def running(agent: JsonObject) -> int | None:
    replicas = dig(agent, "status", "replicas")
    return replicas if isinstance(replicas, int) else None


def workloads(agent: JsonObject) -> tuple[Workload, ...]:
    return (Workload(_namespace(agent), str(agent["metadata"]["name"])),)


def _own_variables(agent: JsonObject) -> Iterator[str]:
    """The variables that the agent sets itself; the operator leaves its own of that name out."""
    for _, entry in entries(agent, "spec", "runtime", "env"):
        if isinstance(entry.get("name"), str):
            yield entry["name"]


def _kind(body: JsonObject) -> GroupKind:
    return GroupKind(str(body["apiVersion"]).partition("/")[0], str(body["kind"]))


def _namespace(body: JsonObject) -> str:
    return str(body["metadata"].get("namespace") or "")


CONSUMER = Consumer(
    system="flokoa",
    endpoint=_flokoa.AGENT,
    targets=frozenset({_flokoa.MODEL}),
    references=references,
    reads=reads,
    on_change=on_change,
    on_rotation=on_rotation,
    on_missing_key=on_missing_key,
    on_deletion=on_deletion,
    pods=PodSet("flokoa.ai/agent", "flokoa.ai/agent", container="agent"),
    running=running,
    workloads=workloads,
)
