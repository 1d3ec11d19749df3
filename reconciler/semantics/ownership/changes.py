"""The fields in which one object differs from another, as sets (structured-merge-diff's comparison)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.ownership.atoms import Atom, ListAtom, MapAtom
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.path_elements import ElementPath, field_element, item_element
from reconciler.semantics.values import ABSENT, Absent, same


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """The fields that were removed, modified and added; a removed or added field counts with all fields inside it."""

    removed: FieldSet
    modified: FieldSet
    added: FieldSet

    def without(self, fields: FieldSet) -> FieldChanges:
        """The changes outside of these fields and everything below them."""
        if not fields:
            return self
        return FieldChanges(
            *(changed.without(fields) for changed in (self.removed, self.modified, self.added))
        )


def field_changes(atom: Atom, old: Json, new: Json) -> FieldChanges:
    """Compare two values that fit the atom."""
    changes = _Collector()
    _compare(changes, atom, old, new, ())
    return FieldChanges(
        *(FieldSet.of_paths(paths) for paths in (changes.removed, changes.modified, changes.added))
    )


@dataclass(slots=True)
class _Collector:
    removed: list[ElementPath] = field(default_factory=list)
    modified: list[ElementPath] = field(default_factory=list)
    added: list[ElementPath] = field(default_factory=list)


def _compare(
    changes: _Collector, atom: Atom, old: Json | Absent, new: Json | Absent, path: ElementPath
) -> None:
    if same(old, new):
        return
    before, after = atom.part_for(old), atom.part_for(new)
    _compare_as(changes, before, (old, new), path)
    if after is not before:
        _compare_as(changes, after, (old, new), path)
    if old is ABSENT:
        changes.added.append(path)
    elif new is ABSENT:
        changes.removed.append(path)


def _compare_as(
    changes: _Collector,
    part: MapAtom | ListAtom | None,
    pair: tuple[Json | Absent, Json | Absent],
    path: ElementPath,
) -> None:
    """Compare two different values by one part of their atom."""
    if isinstance(part, MapAtom):
        old, new = (value if isinstance(value, dict) else {} for value in pair)
        if not part.atomic and (old or new):
            _compare_fields(changes, part, old, new, path)
            return
    elif isinstance(part, ListAtom):
        before, after = (value if isinstance(value, list) else [] for value in pair)
        if part.associative and (before or after):
            _compare_items(changes, part, before, after, path)
            return
    if ABSENT not in pair:
        changes.modified.append(path)


def _compare_fields(
    changes: _Collector, atom: MapAtom, old: JsonObject, new: JsonObject, path: ElementPath
) -> None:
    for key in old.keys() | new.keys():
        child, child_path = atom.child(key), (*path, field_element(key))
        if child is not None:
            _compare(changes, child, old.get(key, ABSENT), new.get(key, ABSENT), child_path)


def _compare_items(
    changes: _Collector, atom: ListAtom, old: list[Json], new: list[Json], path: ElementPath
) -> None:
    before, after = _by_element(atom, old), _by_element(atom, new)
    for element in {**before, **after}:
        left, right = before.get(element, []), after.get(element, [])
        item_path = (*path, element)
        if len(left) <= 1 and len(right) <= 1:
            _compare(changes, atom.item_atom, _first(left), _first(right), item_path)
        elif len(left) > 1 and len(right) > 1:
            # An update may store duplicates, and duplicates of an item are one field.
            if not same(left, right):
                changes.modified.append(item_path)
        elif len(left) > 1:
            if right:
                _compare(changes, atom.item_atom, ABSENT, right[0], item_path)
            changes.removed.append(item_path)
        else:
            if left:
                _compare(changes, atom.item_atom, left[0], ABSENT, item_path)
            changes.added.append(item_path)


def _first(values: list[Json]) -> Json | Absent:
    return values[0] if values else ABSENT


def _by_element(atom: ListAtom, values: list[Json]) -> dict[str, list[Json]]:
    grouped: dict[str, list[Json]] = {}
    for element, value in with_elements(atom, values):
        grouped.setdefault(element, []).append(value)
    return grouped


def with_elements(atom: ListAtom, values: list[Json]) -> Iterator[tuple[str, Json]]:
    """Each item of an associative list with its path element."""
    return ((item_element(atom, value), value) for value in values)
