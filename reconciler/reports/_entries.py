"""What a reader must know of one environment: entries, which text and Markdown render each in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from reconciler.model.identity import Names, ObjectRef
from reconciler.model.run import EnvironmentRun


def names_in(*environments: EnvironmentRun) -> Names:
    """The names of their objects, which tell two systems apart where both have a kind of the same name."""
    refs: set[ObjectRef] = set()
    for environment in environments:
        refs |= {change.ref for change in environment.changes}
        refs |= {outcome.ref for outcome in environment.outcomes}
        refs |= {finding.ref for finding in environment.findings if finding.ref}
        refs |= {row.owner for row in environment.secrets}
    return Names.among(ref.group_kind for ref in refs)


class Level(IntEnum):
    """How much an entry asks of its reader."""

    QUIET = 0  # counted; listed only on request
    CHANGE = 1  # what was asked for
    LOOK = 2  # worth a look
    BAD = 3  # somebody has to act


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of an entry.

    Attributes:
        sign: `+` comes, `-` goes, `~` changes, `=` is left alone.
        before, after: canonical JSON; None where the field is not there.
        note: who and why, a sentence.
        where: the place in git, "" for a field that git does not name.
    """

    sign: str
    path: str
    before: str | None
    after: str | None
    note: str = ""
    where: str = ""
    names: tuple[str, str] = ("", "")  # of the two sides, where the order alone leaves a doubt


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to know. `subject`, `time`, `sentences` and `actions` are sentences of `_words`.

    Attributes:
        label: in capitals, few and stable: `DRIFT`, `NO KEY`.
        owners: the objects it concerns.
        quoted: sentences that others wrote (the API server, a status, a stage): data as a whole.
        actions: what to do next: a verb, and a place or a command.
        secret: it is about a Secret, not about a field.
    """

    label: str
    level: Level
    subject: str
    owners: tuple[ObjectRef, ...] = ()
    time: str = ""
    fields: tuple[FieldLine, ...] = ()
    sentences: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    secret: bool = False
