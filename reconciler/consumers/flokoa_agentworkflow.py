"""Flokoa AgentWorkflow: its runs call agents. Older operators also ran tasks with a Model of their own."""

from __future__ import annotations

from reconciler.consumer import Consumer, Use, follows
from reconciler.consumers import _flokoa
from reconciler.consumers._references import entries, reference
from reconciler.kind import ObjectReference
from reconciler.kinds._flokoa import GROUP, VERSION
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint
from reconciler.model.impact import Consequence, Effect
from reconciler.model.path import FieldPath


def references(workflow: JsonObject) -> tuple[ObjectReference, ...]:
    agent, model = _flokoa.AGENT.group_kind, _flokoa.MODEL
    return tuple(
        each
        for path, _ in entries(workflow, "spec", "tasks")
        for each in (
            *reference(workflow, agent, *path, "agent"),
            *reference(workflow, model, *path, "agentTask", "model"),
            *reference(workflow, model, *path, "agentTask", "agent", "model"),
        )
    )


def on_change(use: Use, paths: tuple[FieldPath, ...]) -> Consequence:
    del paths
    if use.reference.target == _flokoa.MODEL:
        return Consequence(Effect.NEXT_RUN, "operators since 2026-06 refuse tasks of this type")
    return Consequence(Effect.FOLLOWS)


CONSUMER = Consumer(
    system="flokoa",
    endpoint=Endpoint(GROUP, VERSION, "AgentWorkflow", "agentworkflows"),
    targets=frozenset({_flokoa.AGENT.group_kind, _flokoa.MODEL}),
    references=references,
    on_deletion=follows,
    on_change=on_change,
)
