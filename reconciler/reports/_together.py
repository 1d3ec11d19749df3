"""A change that several objects have in common, such as that of a values layer, is shown once with its objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from reconciler.model.identity import Names, ObjectRef
from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._consumers import affects, by_root, on_change
from reconciler.reports._entries import Entry, FieldLine, Level, names_in
from reconciler.reports._words import count, listed

_LABELS: Final = ("CHANGED", "CONFIGURED")
_NAMED: Final = 20  # objects; -v lists all of them

Shared = dict[tuple[str, FieldLine], tuple[ObjectRef, ...]]


def shown_once(
    entries: Iterable[Entry], environment: EnvironmentRun, style: Style
) -> Iterator[Entry]:
    """The entries, in which no two objects have the same change of the same line of git."""
    each = tuple(entries)
    shared = _shared(each)
    yield from _about_shared(shared, environment, style)
    for entry in each:
        left = tuple(field for field in entry.fields if (entry.label, field) not in shared)
        says_more = left or entry.quoted or entry.essential or entry.actions
        if left == entry.fields:
            yield entry
        elif says_more:
            yield replace(entry, fields=left)


def _shared(entries: tuple[Entry, ...]) -> Shared:
    owners: dict[tuple[str, FieldLine], list[ObjectRef]] = defaultdict(list)
    for entry in entries:
        if entry.label in _LABELS and entry.level is Level.CHANGE:
            for field in entry.fields:
                if field.where:
                    owners[entry.label, field] += entry.owners
    return {key: tuple(refs) for key, refs in owners.items() if len(refs) > 1}


def _about_shared(shared: Shared, environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    """One entry for all fields that the same objects have in common."""
    by_objects: dict[tuple[str, tuple[ObjectRef, ...]], list[FieldLine]] = defaultdict(list)
    for (label, field), refs in shared.items():
        by_objects[label, refs].append(field)
    names, consumers = names_in(environment), by_root(environment)
    for (label, refs), fields in by_objects.items():
        rows = [row for ref in refs for row in consumers.get(ref, ())]
        yield Entry(
            label=label,
            level=Level.CHANGE,
            subject=count(len(refs), "object"),
            owners=refs,
            fields=tuple(fields),
            sentences=(f"of {_listing(refs, names, style)}", *affects(rows, on_change)),
        )


def _listing(refs: tuple[ObjectRef, ...], names: Names, style: Style) -> str:
    shown = refs if style.verbose else refs[:_NAMED]
    parts = [name_of(ref, names) for ref in shown]
    if left := len(refs) - len(shown):
        parts.append(f"{left:,} more")
    return listed(parts)
