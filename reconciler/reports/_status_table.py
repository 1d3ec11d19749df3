"""The status of several environments as a table, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.record.rotations import Moment
from reconciler.model.revision import Revision
from reconciler.model.status import EnvironmentStatus
from reconciler.report import Style
from reconciler.reports._words import clean, literal, plain, when

_HEAD: Final = ("ENVIRONMENT", "APPLIED", "COMMIT", "WATCHED", "OPEN", "OBJECTS", "CLUSTER")
_NOTHING: Final = "-"


def status_table(statuses: Sequence[EnvironmentStatus], style: Style) -> Iterator[str]:
    """The lines of the table, in the order of the environments."""
    rows = [_HEAD, *(_row(status, style) for status in statuses)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def open_rotations(status: EnvironmentStatus) -> int:
    return sum(secret.open is not None for secret in status.secrets)


def wrong_keys(status: EnvironmentStatus) -> int:
    return sum(bool(secret.wrong) for secret in status.secrets)


def is_unknown(status: EnvironmentStatus) -> bool:
    """Whether the record could not be read."""
    return bool(status.error or status.notes)


def is_locked(status: EnvironmentStatus) -> bool:
    return bool(status.lock and status.lock.holder)


def _row(status: EnvironmentStatus, style: Style) -> tuple[str, ...]:
    cluster = plain(literal(status.cluster.name)) if status.cluster else _NOTHING
    if is_unknown(status):
        return (clean(status.name), "unknown", *[_NOTHING] * 4, cluster)
    return (
        clean(status.name),
        _age(status.applied, style) or "never",
        _commit(status.applied),
        _age(status.watched, style) or "never",
        str(open_rotations(status) or _NOTHING),
        f"{status.objects:,}",
        cluster,
    )


def _age(moment: Moment, style: Style) -> str:
    return plain(when(moment.time, style))


def _commit(moment: Moment) -> str:
    commit, _, dirty = moment.revision.partition("+")
    return plain(literal(Revision(commit, dirty=bool(dirty)).short)) if commit else _NOTHING
