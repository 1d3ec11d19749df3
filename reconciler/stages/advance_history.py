"""Computes the history in the next record: what an apply wrote, or what others did before a watch. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from reconciler.model.change import Change, State
from reconciler.model.environment import ExtraFields
from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.history import ADDED, Part, RecordedRun, Touched, with_run
from reconciler.model.record.rotations import Moment
from reconciler.model.rotation import NOT_READ, SecretRow

_BY_OTHERS: Final = frozenset({State.DRIFTED, State.MISSING, State.CONFLICT, State.FOREIGN})


def advance_history(
    record: Record,
    command: str,
    at: Moment,
    changes: Iterable[Change],
    rows: Iterable[SecretRow] | None,
    written: AbstractSet[ObjectRef] | None,
) -> Record:
    """The record with this run in its history, if it has news.

    Args:
        rows: None for a run over selected objects, which does not see the others.
        written: what an apply wrote or deleted; None for a run that only looks, whose news is what others did.
    """
    changes = tuple(changes)
    touched = [
        Touched(change.ref, change.state.value)
        for change in changes
        if (change.ref in written if written is not None else change.state in _BY_OTHERS)
    ]
    parts = record.history[-1].parts if record.history else ()
    if rows is not None:
        parts = (*_added(changes), *_unusable(parts, tuple(rows)))
    run = RecordedRun.of(command, at.time, at.revision, touched, parts)
    return replace(record, history=with_run(record.history, run))


def _added(changes: Iterable[Change]) -> Iterator[Part]:
    """The fields that others added and that fail a run, such as those that decide where prompts and keys go."""
    for change in changes:
        for field in change.foreign:
            if field.policy is ExtraFields.FAIL:
                yield Part(change.ref, ADDED, field.shown_path)


def _unusable(before: tuple[Part, ...], rows: tuple[SecretRow, ...]) -> Iterator[Part]:
    """The keys of Secrets that are missing or unusable; those of a Secret that was not read stay as they were."""
    for row in rows:
        if row.wrong:
            key = row.reading.key or " | ".join(row.reference.keys)
            yield Part(row.reference.secret, row.reading.state.value, key)
    unread = {row.reference.secret for row in rows if row.reading.state in NOT_READ}
    yield from (part for part in before if part.ref in unread)
