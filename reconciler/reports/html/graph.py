"""Who uses what, as a picture: Secrets and providers on the left, whoever uses them to the right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.identity import Names, ObjectRef
from reconciler.model.impact import Affected, Effect
from reconciler.model.run import EnvironmentRun
from reconciler.reports._entries import Level
from reconciler.reports._words import count, fitted

_MOST: Final = 120  # boxes; the table has all
_COLUMNS: Final = 8  # the longest path, also where a report from elsewhere has a cycle
_BOX, _GAP = (230, 44), (80, 12)  # width and height
_LONGEST: Final = 30  # characters of a line in a box
_LEVELS: Final = {
    Effect.NEXT_RUN: Level.CHANGE,
    Effect.RESTARTS: Level.CHANGE,
    Effect.KEEPS_OLD: Level.LOOK,
    Effect.BREAKS: Level.BAD,
}
_ORDER: Final = list(Effect)

Edge = tuple[ObjectRef, ObjectRef]  # what is used, and who uses it


@dataclass(frozen=True, slots=True)
class Box:
    """An object, with what happens to it in a few words."""

    x: int
    y: int
    kind: str
    name: str
    effect: str
    level: Level


@dataclass(frozen=True, slots=True)
class Arrow:
    """From what is used to who uses it, as a path of SVG."""

    path: str
    level: Level


@dataclass(frozen=True, slots=True)
class Graph:
    """The picture.

    Attributes:
        summary: what it shows, for those who do not see it; the table below it has all of that in words.
        left_out: the number of consumers without a box.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int
    summary: str
    left_out: int
    box: tuple[int, int] = _BOX


def graph(environment: EnvironmentRun, names: Names) -> Graph | None:
    """The picture of the consumers of an environment; None without any."""
    effects = _effects(environment.affected)
    rows = sorted(environment.affected, key=lambda row: -_rank(effects.get(row.consumer)))
    edges, refs = _drawn(rows)
    if not edges:
        return None
    places = _places(edges, refs)
    boxes = tuple(_box(ref, places[ref], effects.get(ref), names) for ref in refs)
    level = {ref: each.level for ref, each in zip(refs, boxes, strict=True)}
    arrows = tuple(Arrow(_path(places[used], places[user]), level[user]) for used, user in edges)
    every = {row.consumer for row in rows if not row.is_provider}
    left_out = len(every - set(refs))
    return Graph(
        boxes,
        arrows,
        max(x for x, _ in places.values()) + _BOX[0] + 2,
        max(y for _, y in places.values()) + _BOX[1] + 2,
        f"Picture of {count(len(boxes), 'object')} and their consumers: the table below says the same in words",
        left_out,
    )


def _effects(rows: Iterable[Affected]) -> dict[ObjectRef, Effect]:
    """The worst that happens to each consumer: by another value of a Secret, or by a change of anything else."""
    effects: dict[ObjectRef, Effect] = {}
    for row in rows:
        consequence = row.on_rotation if row.root.kind == "Secret" else row.on_change
        if consequence:
            before = effects.get(row.consumer, Effect.NOTHING)
            effects[row.consumer] = max(before, consequence.effect, key=_ORDER.index)
    return effects


def _rank(effect: Effect | None) -> int:
    return _ORDER.index(effect) if effect else -1


def _drawn(rows: Iterable[Affected]) -> tuple[tuple[Edge, ...], tuple[ObjectRef, ...]]:
    """As many references as there is room for, with the way from their root, and the objects in them."""
    through = {(row.root, row.consumer): row.through for row in rows}
    edges: dict[Edge, None] = {}
    refs: dict[ObjectRef, None] = {}
    for row in rows:
        way = _way(row, through)
        more = dict.fromkeys(ref for edge in way for ref in edge)
        if len(refs) + len(more.keys() - refs.keys()) <= _MOST:
            edges |= dict.fromkeys(way)
            refs |= more
    return tuple(edges), tuple(refs)


def _way(row: Affected, through: Mapping[tuple[ObjectRef, ObjectRef], ObjectRef]) -> list[Edge]:
    """The references from the root to a consumer."""
    way, used, user = [(row.through, row.consumer)], row.through, row.consumer
    while used != row.root and len(way) < _COLUMNS:
        user, used = used, through.get((row.root, used), row.root)
        way.append((used, user))
    return [(used, user) for used, user in reversed(way) if used != user]


def _places(edges: Iterable[Edge], refs: tuple[ObjectRef, ...]) -> dict[ObjectRef, tuple[int, int]]:
    """The corner of each box: in a column to the right of everything that it uses; columns are centred."""
    column = dict.fromkeys(refs, 0)
    users: dict[ObjectRef, list[ObjectRef]] = {}
    for used, user in edges:
        users.setdefault(user, []).append(used)
    for _ in range(_COLUMNS - 1):
        for used, user in edges:
            column[user] = min(max(column[user], column[used] + 1), _COLUMNS - 1)
    width, height = _BOX[0] + _GAP[0], _BOX[1] + _GAP[1]
    columns = [[ref for ref in refs if column[ref] == number] for number in range(_COLUMNS)]
    tallest = max(map(len, columns))
    tops: dict[ObjectRef, int] = {}
    for members in columns:
        members.sort(key=lambda ref: _middle(tops, users.get(ref, ())))
        first = (tallest - len(members)) * height // 2
        tops |= {ref: 1 + first + row * height for row, ref in enumerate(members)}
    return {ref: (1 + column[ref] * width, tops[ref]) for ref in refs}


def _middle(tops: Mapping[ObjectRef, int], refs: Iterable[ObjectRef]) -> float:
    """Where the objects are that somebody uses, so that few arrows cross."""
    known = [tops[ref] for ref in refs if ref in tops]
    return sum(known) / len(known) if known else 0.0


def _box(ref: ObjectRef, place: tuple[int, int], effect: Effect | None, names: Names) -> Box:
    words = effect.value.replace("-", " ") if effect in _LEVELS else ""
    return Box(
        *place,
        fitted(names.kind(ref.group_kind), _LONGEST - len(words)),
        fitted(f"{ref.namespace}/{ref.name}", _LONGEST),
        words,
        _LEVELS.get(effect, Level.QUIET) if effect else Level.QUIET,
    )


def _path(used: tuple[int, int], user: tuple[int, int]) -> str:
    """A curve from the right of one box to the left of another."""
    half = _BOX[1] // 2
    left, right = (used[0] + _BOX[0], used[1] + half), (user[0], user[1] + half)
    middle = (left[0] + right[0]) // 2
    return f"M{left[0]} {left[1]}C{middle} {left[1]} {middle} {right[1]} {right[0]} {right[1]}"
