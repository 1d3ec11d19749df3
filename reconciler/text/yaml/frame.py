"""Parser state of one document: the collections that are still open, and the anchors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath, starts_with
from reconciler.text.yaml import limits
from reconciler.text.yaml.position import NodePosition, Position

REJECTED_KEY: Final = (
    "\x00"  # replaces a key with a finding: its value is read, checked and dropped
)
_MERGE: Final = "\x00<<"


def kept_part(path: FieldPath) -> FieldPath:
    """The part of a path before the first rejected key."""
    return path[: path.index(REJECTED_KEY)] if REJECTED_KEY in path else path


@dataclass(slots=True)
class Frame:
    """A mapping or a list whose end event has not come yet.

    Attributes:
        is_key: the collection is the key of a mapping, which is an error.
        nodes_before: how many nodes were read before it.
        keys: position of each key so far.
        last_path: path of the last node in it.
        end: offset at which the last node in it ends.
    """

    value: JsonObject | list[Json]
    path: FieldPath
    position: Position
    anchor: str
    is_key: bool
    nodes_before: int
    keys: dict[str, Position] = field(default_factory=dict)
    last_path: FieldPath = ()
    end: int = 0
    _key: str | None = None
    _key_position: Position | None = None
    _merges: list[tuple[Json, Position]] = field(default_factory=list)

    @property
    def expects_key(self) -> bool:
        return isinstance(self.value, dict) and self._key is None

    @property
    def next_path(self) -> FieldPath:
        if isinstance(self.value, list):
            return (*self.path, len(self.value))
        if self._key is None:
            return self.path
        if self._key == _MERGE:
            return (*self.path, REJECTED_KEY, len(self._merges))
        return (*self.path, self._key)

    def start_key(self, key: str, position: Position) -> None:
        self._key, self._key_position = key, position
        self.keys.setdefault(key, position)

    def start_merge(self, position: Position) -> None:
        self._key, self._key_position = _MERGE, position

    def add(self, value: Json, node: NodePosition) -> NodePosition:
        """Add a value; returns its position completed with that of its key."""
        self.last_path = self.next_path
        self.end = node.value.end
        if isinstance(self.value, list):
            self.value.append(value)
            return node
        key, position = self._key, self._key_position
        self._key = self._key_position = None
        if key == _MERGE and position is not None:
            self._merges.append((value, position))
        elif key is not None and key != REJECTED_KEY:
            self.value[key] = value
        return NodePosition(position, node.value, node.scalar, node.plain, node.block)

    def apply_merges(
        self,
        add_finding: Callable[[str, str, Position], None],
        positions: dict[FieldPath, NodePosition] | None,
    ) -> None:
        """`<<`: adds keys of other mappings that this mapping does not set itself; the first mapping wins."""
        if not isinstance(self.value, dict):
            return
        for value, position in self._merges:
            sources = value if isinstance(value, list) else [value]
            for source in sources:
                if source is None:
                    continue  # a rejected alias, which has a finding already
                if not isinstance(source, dict):
                    add_finding("T001", "`<<` takes a mapping, or a list of mappings", position)
                    continue
                for key, merged in source.items():
                    if key not in self.value:
                        self.value[key] = merged
                        _add_merged(positions, (*self.path, key), merged, position)


def _add_merged(
    positions: dict[FieldPath, NodePosition] | None,
    path: FieldPath,
    value: Json,
    position: Position,
) -> None:
    """Merged fields get the position of the `<<`: that is the line to change in this mapping."""
    if positions is None or REJECTED_KEY in path:
        return
    positions[path] = NodePosition(position, position)
    children = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, child in children:
        _add_merged(positions, (*path, step), child, position)


@dataclass(frozen=True, slots=True)
class Anchor:
    value: Json
    path: FieldPath
    nodes: int


class Anchors:
    """The anchors of one document. Aliases are counted, so that a small text cannot expand without limit."""

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed
        self._anchors: dict[str, Anchor] = {}
        self._aliases = 0
        self._nodes = 0

    def add(self, name: str, value: Json, path: FieldPath, nodes: int) -> None:
        self._anchors[name] = Anchor(value, path, nodes)

    def rejection(self, name: str) -> str:
        """Why an alias is not allowed; "" when it is."""
        if not self._allowed:
            return "aliases are not allowed in manifests"
        anchor = self._anchors.get(name)
        if anchor is None:
            return "no completed anchor with this name comes before the alias"
        if (
            self._aliases >= limits.MAX_ALIASES
            or self._nodes + anchor.nodes > limits.MAX_ALIASED_NODES
        ):
            return f"more than {limits.MAX_ALIASES} aliases, or {limits.MAX_ALIASED_NODES} aliased values"
        return ""

    def use(self, name: str) -> Anchor:
        anchor = self._anchors[name]
        self._aliases += 1
        self._nodes += anchor.nodes
        return anchor

    @staticmethod
    def copy_positions(
        positions: dict[FieldPath, NodePosition], old: FieldPath, new: FieldPath
    ) -> None:
        """Fields inside an aliased value get the positions that they have below the anchor."""
        inside = [path for path in positions if len(path) > len(old) and starts_with(path, old)]
        for path in inside:
            positions[(*new, *path[len(old) :])] = positions[path]
