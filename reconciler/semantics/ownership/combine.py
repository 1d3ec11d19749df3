"""Putting a partial object over another one, and taking fields out of one (structured-merge-diff)."""

from __future__ import annotations

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.ownership.atoms import Atom, Form, ListAtom, MapAtom
from reconciler.semantics.ownership.changes import stepped
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.steps import field_step, item_step
from reconciler.semantics.values import ABSENT, Absent, copied


def merged(atom: Atom, live: Json, applied: Json) -> Json:
    """`applied` over `live`: nothing is removed, what both have is taken from `applied`."""
    value = _merge(atom, live, applied)
    return {} if isinstance(value, Absent) else copied(value)


def _merge(atom: Atom, live: Json | Absent, applied: Json | Absent) -> Json | Absent:
    form: Form = atom.form(live if applied is ABSENT else applied)
    form = atom.first(form)
    if form == "map" and atom.mapping is not None:
        ours, theirs = (value if isinstance(value, dict) else {} for value in (applied, live))
        if not atom.mapping.atomic and (ours or theirs):
            return _merge_fields(atom.mapping, theirs, ours)
    elif form == "list" and atom.list is not None:
        new, old = (value if isinstance(value, list) else [] for value in (applied, live))
        if atom.list.associative and (new or old):
            return _merge_items(atom.list, old, new)
    return live if applied is ABSENT else applied


def _merge_fields(mapping: MapAtom, live: JsonObject, applied: JsonObject) -> JsonObject | Absent:
    out: JsonObject = {}
    for key in {**live, **applied}:
        child = mapping.child(key)
        value = (
            ABSENT
            if child is None
            else _merge(child, live.get(key, ABSENT), applied.get(key, ABSENT))
        )
        if not isinstance(value, Absent):
            out[key] = value
    return out or ABSENT


def _merge_items(items: ListAtom, live: list[Json], applied: list[Json]) -> list[Json] | Absent:
    """Shared items stand in the order of `applied`; the others keep their place relative to them."""
    old, new = list(stepped(items, live)), dict(stepped(items, applied))
    once: dict[str, Json | Absent] = {}
    for step, value in old:
        # Duplicates that an update stored do not take part in the merge of one item: null stands for them.
        once[step] = None if step in once else value
    shared = [step for step in new if step in once]
    out: list[Json | Absent] = []
    done: set[str] = set()
    waiting = list(new)
    index = 0
    while index < len(old) or waiting:
        step = old[index][0] if index < len(old) else ""
        if step and waiting and step == waiting[0]:
            out.append(_merge(items.element, once[step], new[step]))
            done.add(step)
            waiting.pop(0)
            index += 1
            shared = shared[1:]
            continue
        if step and waiting and step in new and shared and step != shared[0]:
            index += 1  # shared, but its turn comes later
            continue
        if step and step not in new:
            out.append(_merge(items.element, old[index][1], ABSENT))
            index += 1
            continue
        if step in done:
            index += 1
        if waiting:
            step = waiting.pop(0)
            out.append(_merge(items.element, once.get(step, ABSENT), new[step]))
            done.add(step)
            if shared and shared[0] == step:
                shared = shared[1:]
    return [value for value in out if not isinstance(value, Absent)] or ABSENT


def removed(atom: Atom, value: Json, fields: FieldSet) -> Json:
    """A copy without these fields. A mapping that only loses keys of its own ends as null, not as {}."""
    form = atom.first(atom.form(value))
    if form == "map" and atom.mapping is not None:
        return _remove_fields(atom.mapping, value, fields)
    if form == "list" and atom.list is not None:
        return _remove_items(atom.list, value, fields)
    return value


def _remove_fields(mapping: MapAtom, value: Json, fields: FieldSet) -> Json:
    if not isinstance(value, dict) or mapping.atomic:
        return None
    out: JsonObject = {}
    for key, item in value.items():
        node = fields.children.get(field_step(key))
        child = mapping.child(key)
        if node is None or child is None:
            out[key] = copied(item)
        elif not node.member:
            out[key] = removed(child, item, node)
    return out or None


def _remove_items(items: ListAtom, value: Json, fields: FieldSet) -> Json:
    if not isinstance(value, list) or not items.associative:
        return None
    out: list[Json] = []
    for item in value:
        node = fields.children.get(item_step(items, item))
        if node is None:
            out.append(copied(item))
        elif not node.member:
            out.append(removed(items.element, item, node))
    return out or None
