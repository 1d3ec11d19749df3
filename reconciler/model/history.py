"""What happened to an environment, from the reports on a branch or from the record."""

from __future__ import annotations

from reconciler.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """A run, or what happened to a key of a Secret.

    Attributes:
        time: RFC 3339, or as git writes it.
        what: the command of a run, or `rotation`.
        revision: the git revision of the configuration that the run read.
        verdict: in a few words.
        commit: of the branch of reports; "" from the record.
        changed: what an apply did, a line for each object.
        began, resolved: what needs attention since this run, or no longer; a line each.
    """

    time: str
    what: str
    revision: str = ""
    verdict: str = ""
    commit: str = ""
    changed: tuple[str, ...] = ()
    began: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """The events of an environment.

    Attributes:
        source: where they come from: `the branch reports`, `the record`.
        events: the newest first.
        complete: there is nothing older.
    """

    environment: str
    source: str
    events: tuple[Event, ...] = ()
    complete: bool = True
