"""Merge an applied body over a live object, and remove fields from an object (structured-merge-diff)."""

from __future__ import annotations

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.ownership.atoms import Atom, ListAtom, MapAtom
from reconciler.semantics.ownership.changes import with_elements
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.path_elements import field_element, item_element
from reconciler.semantics.values import copied


def merged(atom: Atom, live: Json, applied: Json) -> Json:
    """`live` with the fields of `applied` set; the merge removes nothing."""
    return copied(_merge(atom, live, applied))


def _merge(atom: Atom, live: Json, applied: Json) -> Json:
    """A missing live value is merged as null."""
    part = atom.part_for(applied)
    if isinstance(part, MapAtom):
        old, new = (value if isinstance(value, dict) else {} for value in (live, applied))
        if not part.atomic and (old or new):
            return _merge_fields(part, old, new)
    elif isinstance(part, ListAtom):
        before, after = (value if isinstance(value, list) else [] for value in (live, applied))
        if part.associative and (before or after):
            return _merge_items(part, before, after)
    return applied


def _merge_fields(atom: MapAtom, live: JsonObject, applied: JsonObject) -> JsonObject:
    merged_fields = dict(live)
    for key, value in applied.items():
        child = atom.child(key)
        if child is not None:
            merged_fields[key] = _merge(child, live.get(key), value)
    return merged_fields


def _merge_items(atom: ListAtom, live: list[Json], applied: list[Json]) -> list[Json]:
    """Items of both lists come in the order of `applied`; items of `live` keep their place between them."""
    old, new = list(with_elements(atom, live)), dict(with_elements(atom, applied))
    live_items: JsonObject = {}
    for element, value in old:
        # An item that an update stored twice is merged as null.
        live_items[element] = None if element in live_items else value
    shared = [element for element in new if element in live_items]
    items: list[Json] = []
    merged_elements: set[str] = set()
    pending = list(new)
    index = 0
    while index < len(old) or pending:
        element = old[index][0] if index < len(old) else ""
        if element and pending and element == pending[0]:
            items.append(_merge(atom.item_atom, live_items[element], new[element]))
            merged_elements.add(element)
            pending.pop(0)
            index += 1
            shared = shared[1:]
            continue
        if element and pending and element in new and shared and element != shared[0]:
            index += 1  # a shared item that comes later in `applied`
            continue
        if element and element not in new:
            items.append(old[index][1])
            index += 1
            continue
        if element in merged_elements:
            index += 1
        if pending:
            element = pending.pop(0)
            items.append(_merge(atom.item_atom, live_items.get(element), new[element]))
            if shared and shared[0] == element:
                shared = shared[1:]
    return items


def removed(atom: Atom, value: Json, fields: FieldSet) -> Json:
    """A copy of `value` without these fields; a mapping or a list that loses all its content becomes null.

    Nothing in the set is inside a value that is owned as one (`merge.reconcile_with_schema`).
    """
    part = atom.part_for(value)
    if isinstance(part, MapAtom):
        return _remove_fields(part, value, fields)
    if isinstance(part, ListAtom):
        return _remove_items(part, value, fields)
    return value


def _remove_fields(atom: MapAtom, value: Json, fields: FieldSet) -> Json:
    if not isinstance(value, dict):
        return None
    remaining: JsonObject = {}
    for key, child_value in value.items():
        node = fields.children.get(field_element(key))
        child = atom.child(key)
        if node is None or child is None:
            remaining[key] = copied(child_value)
        elif not node.member:
            remaining[key] = removed(child, child_value, node)
    return remaining or None


def _remove_items(atom: ListAtom, value: Json, fields: FieldSet) -> Json:
    if not isinstance(value, list):
        return None
    remaining: list[Json] = []
    for item_value in value:
        node = fields.children.get(item_element(atom, item_value))
        if node is None:
            remaining.append(copied(item_value))
        elif not node.member:
            remaining.append(removed(atom.item_atom, item_value, node))
    return remaining or None
