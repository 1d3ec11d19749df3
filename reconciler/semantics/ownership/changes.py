"""What one object changes of another, as sets of fields (structured-merge-diff's comparison)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.ownership.atoms import Atom, Form, ListAtom, MapAtom
from reconciler.semantics.ownership.fieldset import FieldSet, Steps
from reconciler.semantics.ownership.steps import field_step, item_step
from reconciler.semantics.values import ABSENT, Absent, same


@dataclass(frozen=True, slots=True)
class Changes:
    """The fields that came, went and differ; a field that holds others is listed with them."""

    removed: FieldSet
    modified: FieldSet
    added: FieldSet

    def without(self, fields: FieldSet) -> Changes:
        """Leave fields out, with all that is below them."""
        if not fields:
            return self
        return Changes(
            *(changed.without(fields) for changed in (self.removed, self.modified, self.added))
        )


def changes(atom: Atom, old: Json, new: Json) -> Changes:
    """Compare two typed objects."""
    found = _Found()
    _compare(found, atom, old, new, ())
    return Changes(
        *(FieldSet.of_paths(paths) for paths in (found.removed, found.modified, found.added))
    )


@dataclass(slots=True)
class _Found:
    removed: list[Steps] = field(default_factory=list)
    modified: list[Steps] = field(default_factory=list)
    added: list[Steps] = field(default_factory=list)

    def missing(self, old: Json | Absent, path: Steps) -> None:
        if path:
            (self.added if old is ABSENT else self.removed).append(path)

    def leaf(self, old: Json | Absent, new: Json | Absent, path: Steps) -> None:
        if old is ABSENT or new is ABSENT:
            self.missing(old, path)
        elif not same(old, new):
            self.modified.append(path)


def _compare(
    found: _Found, atom: Atom, old: Json | Absent, new: Json | Absent, path: Steps
) -> None:
    if old is not ABSENT and new is not ABSENT and same(old, new):
        return
    before, after = atom.form(old), atom.form(new)
    if new is ABSENT:
        is_leaf = _as(found, atom, before, (old, new), path)
    else:
        if old is not ABSENT and before != after:
            _as(found, atom, before, (old, new), path)
        is_leaf = _as(found, atom, after, (old, new), path)
    if not is_leaf and (old is ABSENT or new is ABSENT):
        found.missing(old, path)


def _as(
    found: _Found, atom: Atom, form: Form, pair: tuple[Json | Absent, Json | Absent], path: Steps
) -> bool:
    """Compare as one form; true when the values were compared as a whole."""
    form = atom.first(form)
    if form == "map" and atom.mapping is not None:
        old, new = (value if isinstance(value, dict) else {} for value in pair)
        if not atom.mapping.atomic and (old or new):
            _compare_fields(found, atom.mapping, old, new, path)
            return False
    elif form == "list" and atom.list is not None:
        before, after = (value if isinstance(value, list) else [] for value in pair)
        if atom.list.associative and (before or after):
            _compare_items(found, atom.list, before, after, path)
            return False
    found.leaf(*pair, path)
    return True


def _compare_fields(
    found: _Found, mapping: MapAtom, old: JsonObject, new: JsonObject, path: Steps
) -> None:
    for key in old.keys() | new.keys():
        child = mapping.child(key)
        if child is not None:
            _compare(
                found, child, old.get(key, ABSENT), new.get(key, ABSENT), (*path, field_step(key))
            )


def _compare_items(
    found: _Found, items: ListAtom, old: list[Json], new: list[Json], path: Steps
) -> None:
    before, after = _by_step(items, old), _by_step(items, new)
    for step in {**before, **after}:
        left, right = before.get(step, []), after.get(step, [])
        here = (*path, step)
        if len(left) <= 1 and len(right) <= 1:
            _compare(found, items.element, _only(left), _only(right), here)
        elif len(left) > 1 and len(right) > 1:
            # An update may store duplicates: together they are one field.
            if not same(left, right):
                found.modified.append(here)
        elif len(left) > 1:
            if right:
                _compare(found, items.element, ABSENT, right[0], here)
            found.removed.append(here)
        else:
            if left:
                _compare(found, items.element, left[0], ABSENT, here)
            found.added.append(here)


def _only(values: list[Json]) -> Json | Absent:
    return values[0] if values else ABSENT


def _by_step(items: ListAtom, values: list[Json]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for step, value in stepped(items, values):
        found.setdefault(step, []).append(value)
    return found


def stepped(items: ListAtom, values: list[Json]) -> Iterator[tuple[str, Json]]:
    """Each item of an associative list with its step."""
    return ((item_step(items, value), value) for value in values)
