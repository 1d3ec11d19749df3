"""Sentences about consumers: how many, the first names, what happens to them, and who has a new key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from reconciler.model.identity import ObjectRef
from reconciler.model.impact import Affected, Consequence, Effect, PickUp
from reconciler.model.run import EnvironmentRun
from reconciler.reports._words import count, listed, literal, word

_NAMES: Final = 3  # of a group
_COMMANDS: Final = 3
# By effect: what one of them does, and what several do; "" if they only use it.
_EFFECTS: Final[dict[Effect, tuple[str, str]]] = {
    Effect.NOTHING: ("", ""),
    Effect.FOLLOWS: ("", ""),
    Effect.RECONCILED: ("", ""),
    Effect.NEXT_RUN: ("has it from the next run", "have it from the next run"),
    Effect.RESTARTS: ("restarts", "restart"),
    Effect.KEEPS_OLD: ("keeps the old value until restarted", "keep the old value until restarted"),
    Effect.BREAKS: ("breaks", "break"),
}
_USES: Final = Consequence(Effect.FOLLOWS)
Happens = Callable[[Affected], Consequence | None]
ByRoot = Mapping[ObjectRef, tuple[Affected, ...]]


def by_root(environment: EnvironmentRun) -> ByRoot:
    rows: dict[ObjectRef, list[Affected]] = {}
    for row in environment.affected:
        rows.setdefault(row.root, []).append(row)
    return {root: tuple(group) for root, group in rows.items()}


def on_change(row: Affected) -> Consequence | None:
    return row.on_change


def on_rotation(row: Affected) -> Consequence | None:
    return row.on_rotation


def on_missing_key(row: Affected) -> Consequence | None:
    return row.on_missing_key


def on_deletion(row: Affected) -> Consequence | None:
    return row.on_deletion


def uses(_: Affected) -> Consequence:
    """Only that a consumer uses it."""
    return _USES


def name(ref: ObjectRef) -> str:
    """`llm/helper`, as data; a kind without namespaces has none."""
    return literal(f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name)


def named(refs: Iterable[ObjectRef]) -> str:
    """`a, b, c and 1 more`."""
    refs = list(refs)
    first = [name(ref) for ref in refs[:_NAMES]]
    left = len(refs) - len(first)
    return listed([*first, f"{left:,} more"] if left else first)


def groups(rows: Iterable[Affected], happens: Happens) -> Iterator[str]:
    """`3 Agents, which restart: a, b and c`, for each kind and effect, without unaffected consumers."""
    order = list(Effect)
    effects: dict[ObjectRef, Effect] = {}
    for row in rows:
        consequence = happens(row)
        if consequence is not None:
            before = effects.get(row.consumer, Effect.NOTHING)
            effects[row.consumer] = max(before, consequence.effect, key=order.index)
    members: dict[tuple[Effect, str], list[ObjectRef]] = {}
    for ref, effect in sorted(effects.items()):
        if effect is not Effect.NOTHING:
            words = effect if any(_EFFECTS[effect]) else Effect.FOLLOWS
            members.setdefault((words, ref.kind), []).append(ref)
    for (effect, kind), refs in sorted(
        members.items(), key=lambda each: (-order.index(each[0][0]), each[0][1])
    ):
        does = _EFFECTS[effect][len(refs) > 1]
        yield f"{count(len(refs), word(kind))}{f', which {does}' if does else ''}: {named(refs)}"


def affects(rows: Iterable[Affected], happens: Happens, verb: str = "affects") -> tuple[str, ...]:
    """One sentence with all groups; () without any."""
    text = "; ".join(groups(rows, happens))
    return (f"{verb} {text}",) if text else ()


def totals(rows: Iterable[Affected]) -> str:
    """`4 Agents, 2 Models`: each consumer once."""
    refs = {row.consumer for row in rows if not row.is_provider}
    kinds: dict[str, int] = {}
    for ref in sorted(refs):
        kinds[ref.kind] = kinds.get(ref.kind, 0) + 1
    return ", ".join(count(number, word(kind)) for kind, number in kinds.items())


def picked_up(rows: Iterable[Affected], since: str) -> Iterator[str]:
    """Among the consumers of a key: those with the new value, those with the old one, and the unknown ones."""
    holders = {row.consumer: row for row in rows}
    states = {ref: row.pick_up(since) for ref, row in holders.items()}
    new = sorted(
        ref for ref, state in states.items() if state in (PickUp.PICKED_UP, PickUp.NOT_RUNNING)
    )
    if new:
        yield f"picked up by {len(new):,} of {len(holders):,}: {named(new)}"
    old = {ref: holders[ref] for ref, state in states.items() if state is PickUp.OLD}
    for reason, refs in _by_reason(old).items():
        has = "has" if len(refs) == 1 else "have"
        because = f"; {literal(reason)}" if reason else ""
        yield f"{_kinds(refs)} {has} the old key: {named(refs)}{because}"
    unknown = {ref: holders[ref] for ref, state in states.items() if state is PickUp.UNKNOWN}
    for reason, group in _by_unread(unknown).items():
        yield f"unknown for {'; '.join(groups(group, on_rotation))} ({literal(reason)})"


def restarts(rows: Iterable[Affected], since: str) -> Iterator[tuple[str, str]]:
    """The commands that restart consumers with the old key, and unknown ones that nothing else restarts."""
    commands: dict[str, None] = {}
    for row in rows:
        state = row.pick_up(since)
        stays = row.on_rotation is not None and row.on_rotation.effect is Effect.KEEPS_OLD
        if state is PickUp.OLD or (state is PickUp.UNKNOWN and stays):
            commands |= dict.fromkeys(row.restart)
    for command in list(commands)[:_COMMANDS]:
        yield "restart", literal(command)
    if len(commands) > _COMMANDS:
        yield "restart", f"and {len(commands) - _COMMANDS:,} more, which the JSON report lists"


def _kinds(refs: Iterable[ObjectRef]) -> str:
    kinds: dict[str, int] = {}
    for ref in refs:
        kinds[ref.kind] = kinds.get(ref.kind, 0) + 1
    return listed(count(number, word(kind)) for kind, number in kinds.items())


def _by_reason(rows: Mapping[ObjectRef, Affected]) -> dict[str, list[ObjectRef]]:
    reasons: dict[str, list[ObjectRef]] = {}
    for ref, row in sorted(rows.items()):
        reasons.setdefault(row.on_rotation.reason if row.on_rotation else "", []).append(ref)
    return reasons


def _by_unread(rows: Mapping[ObjectRef, Affected]) -> dict[str, list[Affected]]:
    reasons: dict[str, list[Affected]] = {}
    for _, row in sorted(rows.items()):
        reasons.setdefault(row.unread or "their pods were not listed", []).append(row)
    return reasons
