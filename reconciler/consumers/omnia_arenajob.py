"""Omnia ArenaJob: a Job whose workers get keys at their start, from Secrets in the namespace of the job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.consumer import Consumer, PodSet, Use
from reconciler.consumers import _omnia
from reconciler.consumers._references import reference
from reconciler.kind import ObjectReference
from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.identity import Endpoint
from reconciler.model.impact import Consequence, Effect
from reconciler.model.path import FieldPath
from reconciler.model.secret import SecretReference

_ENDED = ("Succeeded", "Failed", "Cancelled")
_DEFAULT_KEY = "value"  # of a Secret, if the provider names none


def references(job: JsonObject) -> tuple[ObjectReference, ...]:
    """Providers, and agents, which have providers of their own; a group is a list or a mapping of entries."""
    agent = _omnia.AGENT_RUNTIME.group_kind
    return tuple(
        each
        for path in _entry_paths(job)
        for each in (
            *reference(job, _omnia.PROVIDER, *path, "providerRef", literal=True),
            *reference(job, agent, *path, "agentRef"),
        )
    )


def _entry_paths(job: JsonObject) -> Iterator[FieldPath]:
    for group, held in dig_map(job, "spec", "providers").items():
        keys = (
            range(len(held)) if isinstance(held, list) else held if isinstance(held, dict) else ()
        )
        for key in keys:
            yield ("spec", "providers", group, key)


def reads(use: Use) -> tuple[SecretReference, ...]:
    if _is_through_agent(use):
        return ()
    namespace = _omnia.namespace_of(use.consumer)
    return tuple(
        replace(secret, namespace=namespace, optional=True)
        for secret in _omnia.credential(use.source, _DEFAULT_KEY)
    )


def on_change(use: Use, paths: tuple[FieldPath, ...]) -> Consequence:
    del paths
    return _at_next_run(use)


def on_rotation(use: Use, secret: SecretReference, labels: Mapping[str, str] | None) -> Consequence:
    del secret, labels
    return _at_next_run(use)


def on_missing_key(use: Use, secret: SecretReference) -> Consequence:
    del use, secret
    return Consequence(Effect.BREAKS, "its workers start without the key, and the vendor refuses")


def on_deletion(use: Use) -> Consequence:
    return Consequence(Effect.FOLLOWS if _is_through_agent(use) else Effect.BREAKS)


def _at_next_run(use: Use) -> Consequence:
    return Consequence(Effect.FOLLOWS if _is_through_agent(use) else Effect.NEXT_RUN)


def _is_through_agent(use: Use) -> bool:
    return use.reference.target != _omnia.PROVIDER


def running(job: JsonObject) -> int | None:
    return 0 if dig(job, "status", "phase") in _ENDED else None


CONSUMER = Consumer(
    system="omnia",
    endpoint=Endpoint(_omnia.GROUP, _omnia.VERSION, "ArenaJob", "arenajobs"),
    targets=frozenset({_omnia.PROVIDER, _omnia.AGENT_RUNTIME.group_kind}),
    references=references,
    reads=reads,
    on_change=on_change,
    on_rotation=on_rotation,
    on_missing_key=on_missing_key,
    on_deletion=on_deletion,
    pods=PodSet("app.kubernetes.io/name=arena-worker", "app.kubernetes.io/instance", "worker"),
    running=running,
)
