"""A collection under construction, and the anchors of a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath, starts_with
from reconciler.text.yaml import limits
from reconciler.text.yaml.position import Place, Position

NO_KEY: Final = "\x00"  # stands for a key that is refused: its value is read, checked and dropped
_MERGE: Final = "\x00<<"


def known(path: FieldPath) -> FieldPath:
    """The part of a path that leads to something that is kept."""
    return path[: path.index(NO_KEY)] if NO_KEY in path else path


@dataclass(slots=True)
class Frame:
    """A mapping or a list that is being read."""

    value: JsonObject | list[Json]
    path: FieldPath
    at: Position
    anchor: str
    as_key: bool
    first: int  # how many nodes stand before it
    seen: dict[str, Position] = field(default_factory=dict)
    last_path: FieldPath = ()
    end: int = 0  # of the last node in it
    _key: str | None = None
    _key_at: Position | None = None
    _merges: list[tuple[Json, Position, FieldPath]] = field(default_factory=list)

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self._key is None

    @property
    def next_path(self) -> FieldPath:
        if isinstance(self.value, list):
            return (*self.path, len(self.value))
        if self._key is None:
            return self.path
        if self._key == _MERGE:
            return (*self.path, NO_KEY, len(self._merges))
        return (*self.path, self._key)

    def start_key(self, key: str, at: Position) -> None:
        self._key, self._key_at = key, at
        self.seen.setdefault(key, at)

    def start_merge(self, at: Position) -> None:
        self._key, self._key_at = _MERGE, at

    def put(self, value: Json, place: Place) -> Place:
        """Add a value; its place with the key it stands under."""
        self.last_path = self.next_path
        self.end = place.value.end
        if isinstance(self.value, list):
            self.value.append(value)
            return place
        key, at = self._key, self._key_at
        self._key = self._key_at = None
        if key == _MERGE and at is not None:
            self._merges.append((value, at, self.last_path))
        elif key is not None and key != NO_KEY:
            self.value[key] = value
        return Place(at, place.value, place.scalar, place.plain, place.block)

    def apply_merges(
        self, fault: Callable[[str, str, Position], None], places: dict[FieldPath, Place] | None
    ) -> None:
        """`<<`: keys of other mappings, where this one does not set them itself; the first named wins."""
        if not isinstance(self.value, dict):
            return
        for value, at, _ in self._merges:
            sources = value if isinstance(value, list) else [value]
            for source in sources:
                if source is None:
                    continue  # an alias that was refused, and told
                if not isinstance(source, dict):
                    fault("T001", "`<<` takes a mapping, or a list of mappings", at)
                    continue
                for key, merged in source.items():
                    if key not in self.value:
                        self.value[key] = merged
                        _place_merged(places, (*self.path, key), merged, at)


def _place_merged(
    places: dict[FieldPath, Place] | None, path: FieldPath, value: Json, at: Position
) -> None:
    """Merged fields stand where the `<<` stands: that is the line to change in this mapping."""
    if places is None or NO_KEY in path:
        return
    places[path] = Place(at, at)
    children = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, child in children:
        _place_merged(places, (*path, step), child, at)


@dataclass(frozen=True, slots=True)
class Anchor:
    value: Json
    path: FieldPath
    nodes: int


class Anchors:
    """The anchors of one document; aliases count, so that none can make a small text grow without end."""

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed
        self._anchors: dict[str, Anchor] = {}
        self._used = 0
        self._nodes = 0

    def keep(self, name: str, value: Json, path: FieldPath, nodes: int) -> None:
        self._anchors[name] = Anchor(value, path, nodes)

    def refuses(self, name: str) -> str:
        """Why an alias cannot be used; "" when it can."""
        if not self._allowed:
            return "aliases are not allowed in manifests"
        anchor = self._anchors.get(name)
        if anchor is None:
            return "an alias to something that is not there, or not complete, yet"
        if (
            self._used >= limits.MAX_ALIASES
            or self._nodes + anchor.nodes > limits.MAX_ALIASED_NODES
        ):
            return f"more than {limits.MAX_ALIASES} aliases, or {limits.MAX_ALIASED_NODES} values behind them"
        return ""

    def use(self, name: str) -> Anchor:
        anchor = self._anchors[name]
        self._used += 1
        self._nodes += anchor.nodes
        return anchor

    @staticmethod
    def copy_places(places: dict[FieldPath, Place], old: FieldPath, new: FieldPath) -> None:
        """Fields behind an alias stand where the anchor has them; the alias itself has its own place."""
        inside = [path for path in places if len(path) > len(old) and starts_with(path, old)]
        for path in inside:
            places[(*new, *path[len(old) :])] = places[path]
