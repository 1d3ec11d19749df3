"""Consumers of the scenarios: agents of a rotated Secret in every state, and those of a provider."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.identity import ObjectRef, secret_ref
from reconciler.model.impact import Affected, Consequence, Effect

VERTEX = ObjectRef("agent.flokoa.ai", "ModelProvider", "llm", "vertex")
SECRET = secret_ref("llm", "vertex-sa")
RESTARTS, KEEPS = Consequence(Effect.RESTARTS), Consequence(Effect.KEEPS_OLD, "nothing watches it")
BREAKS, FOLLOWS = Consequence(Effect.BREAKS), Consequence(Effect.FOLLOWS)
BEFORE, AFTER = "2026-07-24T03:06:00Z", "2026-07-24T03:08:00Z"


def model(root: ObjectRef, name: str, through: ObjectRef | None = None) -> Affected:
    ref = ObjectRef("agent.flokoa.ai", "Model", "llm", name)
    reconciled = Consequence(Effect.RECONCILED)
    return Affected(
        root, ref, through or root, "spec.providerRef.name", managed=True,
        on_change=reconciled, on_rotation=FOLLOWS, on_missing_key=FOLLOWS, on_deletion=BREAKS,
    )  # fmt: skip


def agent(
    root: ObjectRef,
    name: str,
    through: ObjectRef,
    rotation: Consequence = RESTARTS,
    started: tuple[str, ...] | None = None,
    unread: str = "",
) -> Affected:
    ref = ObjectRef("agent.flokoa.ai", "Agent", "team-b", name)
    return Affected(
        root, ref, through, "spec.modelRef.name", keys=("key.json",),
        on_change=RESTARTS, on_rotation=rotation, on_missing_key=BREAKS, on_deletion=BREAKS,
        started=started, unread=unread,
        restart=(f"kubectl rollout restart deployment/{name} -n team-b",),
    )  # fmt: skip


def of_secret() -> tuple[Affected, ...]:
    """A provider, its model, and agents that have the new key, the old one, or of whom nobody knows."""
    fast = model(SECRET, "fast", VERTEX)
    denied = "no permission to list pods in team-b"
    return (
        Affected(SECRET, VERTEX, SECRET, "spec.google.serviceAccountKeySecretRef", managed=True),
        fast,
        *(agent(SECRET, f"new-{n}", fast.consumer, started=(AFTER, AFTER)) for n in range(4)),
        agent(SECRET, "summarizer", fast.consumer, KEEPS, (AFTER, BEFORE)),
        agent(SECRET, "idle", fast.consumer, started=()),
        agent(SECRET, "hidden", fast.consumer, unread=denied),
        agent(SECRET, "forgotten", fast.consumer, KEEPS, unread=denied),
    )


def unread_of_secret() -> tuple[Affected, ...]:
    """The same, as a run that lists no pods reports them."""
    return tuple(replace(row, started=None, unread="") for row in of_secret())


def of_provider(root: ObjectRef, number: int = 5) -> tuple[Affected, ...]:
    """Two models and some agents."""
    first = model(root, "fast")
    agents = (agent(root, f"agent-{n}", first.consumer) for n in range(number))
    return (first, model(root, "slow"), *agents)
