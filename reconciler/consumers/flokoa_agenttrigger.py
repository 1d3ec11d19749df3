"""Flokoa AgentTrigger: sends events to an Agent, and its answers to another one. It has no pods."""

from __future__ import annotations

from reconciler.consumer import Consumer, follows
from reconciler.consumers import _flokoa
from reconciler.consumers._references import reference
from reconciler.kind import ObjectReference
from reconciler.kinds._flokoa import GROUP, VERSION
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint


def references(trigger: JsonObject) -> tuple[ObjectReference, ...]:
    agent = _flokoa.AGENT.group_kind
    return (
        *reference(trigger, agent, "spec", "agent"),
        *reference(trigger, agent, "spec", "pushNotification", "agentRef"),
    )


CONSUMER = Consumer(
    system="flokoa",
    endpoint=Endpoint(GROUP, VERSION, "AgentTrigger", "agenttriggers"),
    targets=frozenset({_flokoa.AGENT.group_kind}),
    references=references,
    on_deletion=follows,
)
