"""Entries of `impact`: one tree for each Secret, provider or model, down to the pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.model.identity import ObjectRef
from reconciler.model.impact import Affected, Consequence, Effect, PickUp
from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports._consumers import by_root, name
from reconciler.reports._entries import Entry, Level
from reconciler.reports._words import literal, plain, when, word

_EFFECTS: Final[dict[Effect, str]] = {
    Effect.NOTHING: "nothing",
    Effect.FOLLOWS: "the same as for the object that it uses",
    Effect.RECONCILED: "its operator reconciles it",
    Effect.NEXT_RUN: "from its next run",
    Effect.RESTARTS: "restarts",
    Effect.KEEPS_OLD: "keeps the old value until restarted",
    Effect.BREAKS: "breaks",
}


def about_impact(environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    """One entry for each root."""
    rows = by_root(environment)
    others = {each.ref for each in environment.unmanaged}
    written = {
        (row.reference.namespace, row.reference.name): row.reading.written
        for row in environment.secrets
    }
    for root in environment.traced:
        time = written.get((root.namespace, root.name), "") if root.kind == "Secret" else ""
        yield Entry(
            label="IMPACT",
            level=Level.CHANGE,
            subject=f"{word(root.kind)} {name(root)}",
            owners=(root,),
            time=f"written {when(time, style)}" if time else "unmanaged" if root in others else "",
            sentences=() if rows.get(root) else ("no consumer that this run listed uses it",),
            quoted=tuple(_tree(root, rows.get(root, ()), time)),
            actions=tuple(_restarts(rows.get(root, ()), time)),
        )


def _tree(root: ObjectRef, rows: tuple[Affected, ...], time: str) -> Iterator[str]:
    below: dict[ObjectRef, list[Affected]] = {}
    for row in rows:
        below.setdefault(row.through, []).append(row)

    def walk(node: ObjectRef, depth: int, above: tuple[ObjectRef, ...]) -> Iterator[str]:
        for row in below.get(node, ()):
            yield from (plain(f"{'  ' * depth}{line}") for line in _lines(row, time))
            if row.consumer not in above:
                yield from walk(row.consumer, depth + 1, (*above, row.consumer))

    return walk(root, 0, (root,))


def _lines(row: Affected, time: str) -> Iterator[str]:
    unmanaged = "" if row.managed else ", not in git"
    path = f" ({literal(row.path)}{unmanaged})" if row.path else ""
    yield f"{word(row.consumer.kind)} {name(row.consumer)}{path}"
    changes = (("change", row.on_change), ("rotation", row.on_rotation))
    for event, consequence in changes:
        if consequence is not None and consequence.effect is not Effect.FOLLOWS:
            yield f"  {event}: {_said(consequence)}"
    if row.has_pods:
        yield f"  pods: {_pods(row, time)}"


def _said(consequence: Consequence) -> str:
    reason = f" ({literal(consequence.reason)})" if consequence.reason else ""
    return f"{_EFFECTS[consequence.effect]}{reason}"


def _pods(row: Affected, time: str) -> str:
    if row.started is None:
        return f"unknown, {literal(row.unread or 'they were not listed')}"
    if not row.started:
        return "none runs"
    number = f"{len(row.started):,}"
    if not time or not row.keys:
        return f"{number}, the oldest started {literal(min(row.started))}"
    if row.pick_up(time) is PickUp.PICKED_UP:
        return f"{number}, started after the Secret was written"
    old = sum(start <= time for start in row.started)
    return f"{number}, {old:,} from before the Secret was written: restart {'it' if old == 1 else 'them'}"


def _restarts(rows: tuple[Affected, ...], time: str) -> Iterator[tuple[str, str]]:
    commands: dict[str, None] = {}
    for row in rows:
        if time and row.keys and row.pick_up(time) is PickUp.OLD:
            commands |= dict.fromkeys(row.restart)
    return (("restart", literal(command)) for command in commands)
