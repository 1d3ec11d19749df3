"""What needs attention, as issues with a location in the repository: for formats that a forge or a CI system reads.

An issue is a finding on the sources, or what a run says about a live object. The latter is where git defines the
object; what is nowhere in git is in the environment's file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.difference import Why
from reconciler.model.finding import Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import Style
from reconciler.reports._changes import changed_fields
from reconciler.reports._entries import Entry, Level
from reconciler.reports._findings import FindingGroup, named, together
from reconciler.reports._verdict import view
from reconciler.reports._words import clean, plain, short

STOPPED: Final = "stopped"  # the code of the issue about an environment that the run could not end
LONGEST_MESSAGE: Final = 1_000  # characters
_SEVERITIES: Final = {Level.LOOK: Severity.WARNING, Level.BAD: Severity.ERROR}


class Check(StrEnum):
    """What an issue says about an object."""

    MANIFEST = "manifest"
    LIVE = "live"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that needs attention, and where.

    Attributes:
        code: of a finding, `FL011`; otherwise a word of the reports, `no-key`.
        title: the code and the environments, short.
        message: sentences on one line, without control characters.
        where: in the repository.
        also: other locations.
        fingerprint: the same in later runs while the issue remains, whatever its line; unique in a report.
        objects: that it is about.
        check: what of the objects: their manifest, what is live, or their keys.
    """

    code: str
    severity: Severity
    title: str
    message: str
    where: Location
    also: tuple[Location, ...] = ()
    fingerprint: str = ""
    objects: tuple[ObjectRef, ...] = ()
    check: Check = Check.MANIFEST


def issues(run: Run, style: Style) -> tuple[Issue, ...]:
    """Errors first, then by location."""
    every = [_of_finding(group) for group in together(run.environments)]
    for environment in run.environments:
        every += _of_environment(run, environment, style)
    order = list(Severity)
    every.sort(key=lambda issue: (order.index(issue.severity), issue.where, issue.code))
    return tuple(_placed(issue, style.folder) for issue in _told_apart(every))


def _of_finding(group: FindingGroup) -> Issue:
    finding = group.finding
    objects = f" ({named(group.objects, group.names)})" if group.objects else ""
    hint = f". Help: {finding.hint}" if finding.hint else ""
    return Issue(
        finding.code,
        finding.severity,
        clean(finding.code),
        short(f"{finding.message}{objects}{hint}", LONGEST_MESSAGE),
        finding.where,
        group.also,
        _digest(
            finding.code, finding.where.path, finding.path, *(ref.address for ref in group.objects)
        ),
        group.objects,
    )


def _of_environment(run: Run, environment: EnvironmentRun, style: Style) -> Iterator[Issue]:
    shown = view(run, environment, style)
    for entry in (*shown.settings, *shown.entries):
        if entry.level < Level.LOOK:
            continue
        code = entry.label.lower().replace(" ", "-")
        where, *also = _places(environment, entry)
        yield Issue(
            code,
            _SEVERITIES[entry.level],
            f"{entry.label} in {clean(environment.name)}",
            short(_message(entry), LONGEST_MESSAGE),
            where,
            tuple(also),
            _digest(code, environment.name, plain(entry.subject)),
            entry.owners,
            Check.KEYS if entry.secret else Check.LIVE,
        )


def _message(entry: Entry) -> str:
    fields = [plain(changed_fields(entry))] if entry.fields else []
    notes = [plain(field.note) for field in entry.fields if field.note]
    sentences = [*fields, *notes, *map(plain, (*entry.essential, *entry.sentences)), *entry.quoted]
    actions = [f"{verb}: {plain(sentence)}" for verb, sentence in entry.actions]
    return f"{plain(entry.subject)}: " + "; ".join(dict.fromkeys((*sentences, *actions)))


def _places(environment: EnvironmentRun, entry: Entry) -> list[Location]:
    """The places in git that define what the entry is about; at least one."""
    owners = set(entry.owners)
    places = _of_secrets(environment, owners) if entry.secret else _of_objects(environment, owners)
    fallback = Location(f"environments/{environment.name}/environment.yaml", 1)
    return list(dict.fromkeys(places)) or [fallback]


def _of_secrets(environment: EnvironmentRun, owners: set[ObjectRef]) -> Iterator[Location]:
    yield from (row.where for row in environment.secrets if row.owner in owners and row.where)


def _of_objects(environment: EnvironmentRun, owners: set[ObjectRef]) -> Iterator[Location]:
    for change in environment.changes:
        if change.ref in owners:
            moved = (each for each in change.differences if each.why is not Why.CHANGE)
            yield from (each.where for each in moved if each.where)
            yield from [change.where] if change.where else []


def _told_apart(every: list[Issue]) -> Iterator[Issue]:
    """Issues of the same fingerprint are told apart by their order."""
    counted: Counter[str] = Counter()
    for issue in every:
        counted[issue.fingerprint] += 1
        number = counted[issue.fingerprint]
        again = _digest(issue.fingerprint, str(number)) if number > 1 else issue.fingerprint
        yield replace(issue, fingerprint=again)


def _digest(*parts: str) -> str:
    text = "\0".join(parts).encode(errors="surrogatepass")
    return hashlib.sha256(text).hexdigest()


def _placed(issue: Issue, folder: str) -> Issue:
    """The issue with its locations as paths from the top of the git repository."""
    also = tuple(_below(folder, place) for place in issue.also)
    return replace(issue, where=_below(folder, issue.where), also=also)


def _below(folder: str, place: Location) -> Location:
    if not folder or place.path.startswith("/"):
        return place
    return replace(place, path=f"{folder}/{place.path}")
