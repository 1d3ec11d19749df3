"""Entries: what a report says about an environment, for text and Markdown to lay out."""

from __future__ import annotations

from enum import IntEnum

from reconciler.frozen import dataclass
from reconciler.model.identity import Names, ObjectRef
from reconciler.model.run import EnvironmentRun


def names_in(*environments: EnvironmentRun) -> Names:
    """The shortest unique names for the objects of these environments."""
    refs: set[ObjectRef] = set()
    for environment in environments:
        refs |= {change.ref for change in environment.changes}
        refs |= {outcome.ref for outcome in environment.outcomes}
        refs |= {finding.ref for finding in environment.findings if finding.ref}
        refs |= {row.owner for row in environment.secrets}
        refs |= {row.consumer for row in environment.affected}
        refs |= {finding.ref for finding in environment.live_findings}
        refs |= {unmanaged.ref for unmanaged in environment.unmanaged}
        refs |= {moved.ref for moved in environment.moved if moved.ref}
    return Names.among(ref.group_kind for ref in refs)


class Level(IntEnum):
    """How much attention an entry needs."""

    QUIET = 0  # counted, and listed only with -v
    CHANGE = 1  # a change that the command makes or shows
    LOOK = 2  # worth a look
    BAD = 3  # someone has to act


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of an entry.

    Attributes:
        sign: `+` added, `-` removed, `~` changed, `=` not touched.
        before, after: canonical JSON; None if the field does not exist.
        note: who wrote the live value, and why it differs.
        where: the location in git, "" for a field that is not in git.
        names: of the two sides, if their order does not identify them.
    """

    sign: str
    path: str
    before: str | None
    after: str | None
    note: str = ""
    where: str = ""
    names: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Entry:
    """A message about an object or a Secret. `subject`, `time`, `sentences` and `actions` are sentences of `_words`.

    Attributes:
        label: in capitals, stable: `DRIFT`, `NO KEY`.
        owners: the objects that it is about.
        essential: sentences that no report leaves out, however little room it has.
        quoted: sentences that are entirely data, from the API server, a status or a stage.
        actions: what to do next: a word, and a location or a command.
        secret: it is about a Secret.
    """

    label: str
    level: Level
    subject: str
    owners: tuple[ObjectRef, ...] = ()
    time: str = ""
    fields: tuple[FieldLine, ...] = ()
    sentences: tuple[str, ...] = ()
    essential: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    secret: bool = False
