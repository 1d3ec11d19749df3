"""Reports an object that git has renamed once, with the consumers that still use the old name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from reconciler.model.change import State
from reconciler.model.run import EnvironmentRun
from reconciler.reports._entries import Entry
from reconciler.reports._states import STATES
from reconciler.reports._words import literal

_NEW: Final = STATES[State.NEW][0]
_OLD: Final = (STATES[State.KEPT][0], STATES[State.REMOVED][0])


def with_old_names(entries: Iterable[Entry], environment: EnvironmentRun) -> Iterator[Entry]:
    """The entries, with a single one for both names until an apply has changed either object."""
    old_names = {change.ref: change.renamed for change in environment.changes if change.renamed}
    if not old_names:
        yield from entries
        return
    each = tuple(entries)
    old = {entry.owners[0]: entry for entry in each if entry.label in _OLD and entry.owners}
    pairs = [
        (entry, old[name])
        for entry in each
        if entry.label == _NEW and entry.owners and (name := old_names.get(entry.owners[0])) in old
    ]
    both = {id(new): _renamed(new, before) for new, before in pairs}
    folded = {id(before) for _, before in pairs}
    for entry in each:
        if id(entry) not in folded:
            yield both.get(id(entry), entry)


def _renamed(new: Entry, old: Entry) -> Entry:
    """Everything about the old name; the new object is the same in all but its name."""
    return replace(
        new,
        label="RENAMED",
        level=max(new.level, old.level),
        owners=(*new.owners, *old.owners),
        fields=(),
        sentences=(
            f"its old name is {old.subject}",
            *new.sentences,
            *(
                f"the old one: {sentence}"
                for sentence in (*map(literal, old.quoted), *old.sentences)
            ),
        ),
        essential=(*new.essential, *old.essential),
        actions=(*new.actions, *old.actions),
    )
