"""The status of environments, as text and as JSON (`status.schema.json`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from reconciler.model.identity import Names
from reconciler.model.record import RecordedReference
from reconciler.model.record.rotations import Closed, RecordedRotation
from reconciler.model.revision import Revision
from reconciler.model.status import EnvironmentStatus, LockStatus, SecretStatus
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._codec import encode
from reconciler.reports._commands import command_line
from reconciler.reports._secrets import STATES
from reconciler.reports._status_table import (
    is_locked,
    is_unknown,
    open_rotations,
    status_table,
    wrong_keys,
)
from reconciler.reports._words import (
    clean,
    count,
    listed,
    literal,
    phrase,
    plain,
    since,
    when,
)

SCHEMA_VERSION: Final = "1"
_CLOSED: Final[dict[str, str]] = {
    Closed.PICKED_UP.value: "picked up",
    Closed.SUPERSEDED.value: "rotated again",
    Closed.UNREAD.value: "no longer read",
}


def status_json(statuses: Iterable[EnvironmentStatus]) -> str:
    report = {"schemaVersion": SCHEMA_VERSION, "environments": encode(tuple(statuses))}
    return json.dumps(report, indent=2) + "\n"


def status_text(statuses: Sequence[EnvironmentStatus], style: Style) -> str:
    """Open rotations, then the last closed one of each key, or all of them with -v.

    Several environments begin with a table, and only those of which it does not say all follow, or all with -v.
    """
    several = len(statuses) > 1
    table = ["\n".join(status_table(statuses, style))] if several else []
    incomplete = [
        s
        for s in statuses
        if style.verbose
        or is_unknown(s)
        or is_locked(s)
        or open_rotations(s)
        or wrong_keys(s)
        or s.changed_by_others
    ]
    blocks = ["\n".join(_environment(s, style)) for s in (incomplete if several else statuses)]
    return "\n\n".join([*table, *blocks]) + "\n"


def _environment(status: EnvironmentStatus, style: Style) -> Iterator[str]:
    yield "  ".join([clean(status.name), *map(plain, _facts(status, style))])
    yield ""
    owners = (used.owner.group_kind for secret in status.secrets for used in secret.references)
    names = Names.among(owners)
    for secret in status.secrets:
        yield from map(plain, _wrong(secret, names, style))
        if secret.open:
            yield from map(plain, _open(status.name, secret, secret.open, names, style))
            yield ""
    closed = [line for secret in status.secrets for line in _history(secret, style)]
    yield from (*map(plain, closed), *([""] if closed else []))
    yield from (f"not known: {plain(literal(note))}" for note in status.notes)
    if status.error:
        yield f"STOPPED     {clean(status.error.message)}"
        yield from (f"  fix      {clean(hint)}" for hint in [status.error.hint] if hint)
        yield ""
    yield f"{clean(status.name)}: {_verdict(status, style)}"


def _facts(status: EnvironmentStatus, style: Style) -> Iterator[str]:
    if status.applied.time:
        yield f"applied {_short(status.applied.revision)}, {when(status.applied.time, style)}"
    elif status.recorded and not (status.notes or status.error):
        yield "never applied completely" if status.objects else "never applied"
    if status.watched.time:
        yield f"watched {when(status.watched.time, style)} or more recently (noted once a day)"
    if status.lock:
        yield from _lock(status.lock, style)
    if status.cluster:
        yield f"cluster {literal(status.cluster.name)}"


def _lock(lock: LockStatus, style: Style) -> Iterator[str]:
    if lock.unread and style.verbose:
        yield f"lock not checked: {literal(lock.unread)}"
    if lock.holder:
        end = ", not renewed in time: the next apply takes it" if lock.expired else ""
        yield f"locked by {literal(lock.holder)} {since(lock.acquired, style)}{end}"


def _short(revision: str) -> str:
    commit, _, dirty = revision.partition("+")
    return literal(Revision(commit, dirty=bool(dirty)).short)


def _run(revision: str) -> str:
    return f" by a run of {_short(revision)}" if revision else ""


def _open(
    environment: str, secret: SecretStatus, rotation: RecordedRotation, names: Names, style: Style
) -> Iterator[str]:
    opened = rotation.opened
    yield f"OPEN        {_subject(secret)}   {since(opened.time, style)}"
    what = "another value"
    if opened.key_before and not rotation.previous:
        what = f"its consumers read {literal(opened.key_before)} before"
    noticed = f", noticed {when(opened.noticed, style)}" if opened.noticed else ""
    yield f"  {what}{noticed}{_run(opened.revision)}"
    if opened.gap:
        yield f"  after a gap: {phrase(opened.gap)}, noticed {when(opened.gap_since, style)}"
    if secret.references:
        users = listed(_user(used, names) for used in secret.references)
        yield f"  needed by {users}"
    name = f"{secret.secret.namespace}/{secret.secret.name}"
    words = ("acknowledge", environment, name, "--reason", "TEXT")
    yield f"  accept   {command_line(style, *words)}"


def _wrong(secret: SecretStatus, names: Names, style: Style) -> Iterator[str]:
    """One entry for each state: one consumer may need JSON, and another take any text."""
    for state in dict.fromkeys(used.state for used in secret.wrong):
        users = [used for used in secret.wrong if used.state is state]
        first = min(used.since for used in users)
        yield f"{STATES[state][0]:<12}{_subject(secret)}   since {when(first, style)}"
        yield f"  needed by {listed(_user(used, names) for used in users)}"
        yield ""


def _user(used: RecordedReference, names: Names) -> str:
    field = f"{name_of(used.owner, names)} ({literal(used.path)})"
    reader = used.reader.partition(".")[0]
    return f"consumers of kind {literal(reader)} because of {field}" if reader else field


def _history(secret: SecretStatus, style: Style) -> Iterator[str]:
    closed = [rotation for rotation in secret.rotations if rotation.closed]
    for rotation in closed if style.verbose else closed[-1:]:
        yield f"CLOSED      {_subject(secret)}   {since(rotation.opened.time, style)}; {_end(rotation, style)}"
    ahead = secret.acknowledged
    if ahead and (style.verbose or ahead.covers(style.now)):
        yield (
            f"AHEAD       {_subject(secret)}   acknowledged until {when(ahead.until, style)}: "
            f"{literal(ahead.reason)}"
        )


def _end(rotation: RecordedRotation, style: Style) -> str:
    closed = rotation.closed
    assert closed is not None  # noqa: S101 -- only closed rotations have an end
    words = _CLOSED.get(closed.how) or phrase(closed.how)
    time = f" {when(closed.time, style)}" if closed.time else ""
    reason = f": {literal(closed.reason)}" if closed.reason else ""
    return f"{words}{time}{_run(closed.revision)}{reason}"


def _subject(secret: SecretStatus) -> str:
    key = secret.secret
    return f"Secret {literal(f'{key.namespace}/{key.name}')} [{literal(key.key)}]"


def _verdict(status: EnvironmentStatus, style: Style) -> str:
    if status.error or status.notes:
        return "unknown"
    if not status.recorded:
        drift = plain(command_line(style, "drift", status.name))
        return f"no record: never applied, or the record was removed ({drift} tells which)"
    number = open_rotations(status)
    rotations = f"{count(number, 'open rotation')}" if number else "no open rotation"
    wrong = wrong_keys(status)
    unusable = f"; {count(wrong, 'Secret key')} missing or unusable" if wrong else ""
    others = status.changed_by_others
    more = plain(command_line(style, "history", status.name))
    changed = f"; {count(others, 'object')} changed by others ({more})" if others else ""
    keys = count(len(status.secrets), "Secret key")
    return f"{rotations}{unusable}{changed}; {count(status.objects, 'object')} and {keys} on record"
