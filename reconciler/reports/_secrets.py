"""Entries about Secrets: one for each Secret key and state, with every object that needs it; never a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from reconciler.model.identity import Names, ObjectRef
from reconciler.model.impact import Affected
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.secret import NOT_BASE64, Format, SecretReading, SecretState
from reconciler.model.verbs import Verb
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._commands import command_line
from reconciler.reports._consumers import (
    affects,
    by_root,
    groups,
    named,
    on_missing_key,
    on_rotation,
    picked_up,
    restarts,
    uses,
)
from reconciler.reports._entries import Entry, Level, names_in
from reconciler.reports._words import count, listed, literal, since, when, word

# By state: label and explanation.
STATES: Final[dict[SecretState, tuple[str, str]]] = {
    SecretState.OK: ("OK", ""),
    SecretState.MISSING_SECRET: ("NO SECRET", "it does not exist"),
    SecretState.MISSING_KEY: ("NO KEY", "it has no such key"),
    SecretState.EMPTY: ("EMPTY", "the value is empty"),
    SecretState.PLACEHOLDER: ("PLACEHOLDER", "the value is a placeholder that nobody replaced"),
    SecretState.MALFORMED: ("MALFORMED", "the value is not"),
    SecretState.LEAVING: (
        "LEAVING",
        "the Secret is being deleted; only its finalizers keep it",
    ),
    SecretState.FORBIDDEN: ("FORBIDDEN", "no permission to read it, so its state is unknown"),
    SecretState.ERROR: ("UNREADABLE", "it could not be read, so its state is unknown"),
    SecretState.REFUSED: (
        "REFUSED",
        "no provider may use it: it is a credential of the cluster, or belongs to Helm or the reconciler",
    ),
    SecretState.UNAVAILABLE: (
        "PRESENT",
        "it exists; without the fingerprint key, rotations cannot be detected",
    ),
}
_ROTATED: Final[dict[Rotation, tuple[str, Level]]] = {
    Rotation.ROTATED: ("ROTATED", Level.LOOK),
    Rotation.OTHER_KEY: ("OTHER KEY", Level.LOOK),
    Rotation.PICKED_UP: ("PICKED UP", Level.CHANGE),
    Rotation.ACKNOWLEDGED: ("ACKNOWLEDGED", Level.CHANGE),
    Rotation.BACK: ("BACK", Level.CHANGE),
    Rotation.FIRST_SEEN: ("FIRST SEEN", Level.QUIET),
    Rotation.BASELINE_RESET: ("RE-KEYED", Level.LOOK),
    Rotation.NONE: ("OK", Level.QUIET),
}
# What was wrong before a value came back.
_GAPS: Final = {
    SecretState.MISSING_SECRET: "the Secret did not exist",
    SecretState.MISSING_KEY: "the Secret had no such key",
    SecretState.EMPTY: "the value was empty",
    SecretState.PLACEHOLDER: "the value was a placeholder",
    SecretState.MALFORMED: "the value was malformed",
    SecretState.LEAVING: "the Secret was being deleted",
}
_FIXES: Final = {
    SecretState.MISSING_SECRET: "create it with the key {key}",
    SecretState.MISSING_KEY: "add the key to the Secret",
    **dict.fromkeys(
        (SecretState.EMPTY, SecretState.PLACEHOLDER, SecretState.MALFORMED),
        "write the real value to {key}",
    ),
    SecretState.LEAVING: "once it is gone, create it again with the key {key}",
}
_SHAPES: Final = {
    Format.ANY: "what its consumer can read",
    Format.JSON_OBJECT: "a JSON object",
    Format.PEM: "PEM",
}
_OTHER_PODS: Final = "any other pod that started before this has the old key until it restarts"
_TIMED: Final = {*(Rotation.ROTATED, Rotation.OTHER_KEY, Rotation.PICKED_UP, Rotation.ACKNOWLEDGED)}
UNKNOWN = (SecretState.FORBIDDEN, SecretState.ERROR)


def about_secrets(run: Run, environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    names, consumers = names_in(environment), by_root(environment)
    for group in _together(environment.secrets):
        entry = _entry(run, environment.name, group, names, style)
        affected = consumers.get(group[0].reference.secret, ())
        yield _with_consumers(run.verb, entry, group[0], affected)


def _with_consumers(
    verb: Verb, entry: Entry, row: SecretRow, consumers: tuple[Affected, ...]
) -> Entry:
    """The entry with who is affected and, for a rotation, who has the new key."""
    sentences: tuple[str, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    if row.wrong:
        sentences = affects(consumers, on_missing_key)
    elif row.open and verb.reads_consumers:
        readers = [each for each in consumers if each.holds(row.reading.key)]
        time = row.rotated_at
        if not readers:
            sentences = (_no_reader(consumers),)
        elif verb.reads_pods:
            sentences = tuple(picked_up(readers, time))
            actions = tuple(restarts(readers, time))
        else:
            sentences = affects(readers, on_rotation)
    return replace(
        entry,
        sentences=(*entry.sentences, *sentences),
        actions=(*actions, *entry.actions),
    )


def _no_reader(consumers: Iterable[Affected]) -> str:
    """A sentence that no known pod reads a key, although objects that lead to it may be listed."""
    through = "; ".join(groups((each for each in consumers if not each.is_provider), uses))
    if through:
        return f"used through {through}, but by no pod that this run listed; {_OTHER_PODS}"
    return f"no consumer that this run listed reads it; {_OTHER_PODS}"


def label_of(row: SecretRow) -> str:
    if row.reading.state is SecretState.OK:
        unknown = row.recorded and not row.open
        return "AS RECORDED" if unknown else _ROTATED[row.rotation][0]
    return STATES[row.reading.state][0]


def level_of(row: SecretRow) -> Level:
    if row.reading.state is SecretState.OK:
        return _ROTATED[row.rotation][1]
    if row.wrong:
        return Level.BAD
    return Level.LOOK if row.reading.state in UNKNOWN else Level.QUIET


def labels(rows: Iterable[SecretRow]) -> str:
    """`1 no key, 3 ok`: how many references by label, those that need attention first."""
    heaviest = sorted(rows, key=lambda row: -level_of(row))
    numbers = Counter(label_of(row).lower() for row in heaviest)
    return ", ".join(f"{number:,} {label}" for label, number in numbers.items())


def _together(rows: Iterable[SecretRow]) -> list[list[SecretRow]]:
    """The rows in groups with the same Secret key and the same state."""
    groups: dict[object, list[SecretRow]] = {}
    for row in rows:
        reference = row.reference
        same = (
            reference.namespace,
            reference.name,
            row.reading.key if row.reading.state is SecretState.OK else reference.keys,
            row.reading,
            row.rotation,
            row.wrong,
        )
        groups.setdefault((same, row.before, row.since, row.event, row.recorded), []).append(row)
    return list(groups.values())


def _level(run: Run, row: SecretRow) -> Level:
    """The level of a Secret state. A review needs no permission to read Secrets, so lacking it is not a finding."""
    if row.reading.state is SecretState.FORBIDDEN and not run.verb.needs_fingerprints:
        return Level.QUIET
    return level_of(row)


def _entry(run: Run, environment: str, rows: list[SecretRow], names: Names, style: Style) -> Entry:
    row = rows[0]
    owners = tuple(dict.fromkeys(each.owner for each in rows))
    users = listed(user_of(each, names) for each in rows)
    sentences = (*_sentences(row, style), f"needed by {users}", *_age(row, style))
    level = _level(run, row)
    rotated = row.rotation in _TIMED
    brief = level is Level.CHANGE and not style.verbose
    return Entry(
        label=label_of(row),
        level=level,
        subject=f"Secret {_secret(row)} [{literal(_key(row))}]",
        owners=owners,
        time=since(row.since, style) if rotated else "",
        sentences=() if brief else sentences,
        actions=tuple(_actions(run, environment, rows, style)),
        secret=True,
    )


def user_of(row: SecretRow, names: Names) -> str:
    """The provider and its field, and the consumers if only they read this key because of it."""
    field = f"{name_of(row.owner, names)} ({literal(row.reference.text)})"
    if not row.readers:
        return field
    return f"{_kind_of(row.readers)} because of {field}"


def _kind_of(readers: tuple[ObjectRef, ...]) -> str:
    """`1 Agent: shop/support`, of one kind."""
    return f"{count(len(readers), word(readers[0].kind))} ({named(readers)})"


def _secret(row: SecretRow) -> str:
    return literal(f"{row.reference.namespace}/{row.reference.name}")


def _key(row: SecretRow) -> str:
    return row.reading.key or " | ".join(row.reference.keys)


def _age(row: SecretRow, style: Style) -> Iterator[str]:
    if row.recorded:
        time = when(row.since, style)
        yield f"from the record{f', {time}' if time else ''}; not read in this run"


def _sentences(row: SecretRow, style: Style) -> Iterator[str]:
    yield from _about_state(row)
    if row.open and row.event and row.rotation not in _TIMED:
        yield f"a rotation of it is open, {since(row.event.opened.time, style)}"
    if row.gap:
        first = row.event.opened.gap_since if row.event else row.since
        yield f"in between, {_GAPS.get(row.gap, row.gap.value)} (noticed {when(first, style)})"
    if row.event and row.event.closed and row.event.closed.reason:
        yield f"acknowledged: {literal(row.event.closed.reason)}"


def _about_state(row: SecretRow) -> Iterator[str]:
    reading = row.reading
    said = STATES[reading.state][1]
    match reading.state:
        case SecretState.OK:
            yield from _fingerprints(row)
        case SecretState.MISSING_KEY if reading.found_keys:
            yield f"{said}; it has {listed(map(literal, reading.found_keys))}"
        case SecretState.MALFORMED:
            yield malformed(reading, row.reference.format)
        case SecretState.ERROR if reading.unread:
            yield f"{said}: {literal(reading.unread)}"
        case _:
            yield said


def malformed(reading: SecretReading, expected: Format) -> str:
    """What is wrong with a value that its consumer cannot read."""
    if reading.unread == NOT_BASE64:
        return "the value under data is not base64 (plain text belongs under stringData)"
    return f"{STATES[SecretState.MALFORMED][1]} {_SHAPES[expected]}"


def _fingerprints(row: SecretRow) -> Iterator[str]:
    now = row.reading.fingerprint
    match row.rotation:
        case Rotation.OTHER_KEY if row.event:
            before = literal(row.event.opened.key_before)
            yield f"its consumers read {literal(row.reading.key)} now, and {before} before; git is the same"
        case _ if row.rotation in _TIMED and row.before and now:
            yield f"{literal(row.before)} -> {literal(now)}"
        case Rotation.BASELINE_RESET:
            yield "recorded with another fingerprint key: a rotation before this run cannot be detected"
        case _ if now:
            yield f"{literal(now)}"


def _actions(
    run: Run, environment: str, rows: list[SecretRow], style: Style
) -> Iterator[tuple[str, str]]:
    row = rows[0]
    secret, key = _secret(row), literal(_key(row))
    places = " or ".join(dict.fromkeys(literal(each.where) for each in rows if each.where))
    otherwise = f", or name another at {places}" if places else ""
    if fix := _FIXES.get(row.reading.state):
        yield "fix", fix.format(key=key) + otherwise
    match row.reading.state:
        case SecretState.REFUSED:
            yield "fix", f"name another Secret{f' at {places}' if places else ''}"
        case SecretState.FORBIDDEN if run.verb.needs_fingerprints:
            yield "fix", f"allow {literal('get')} on Secret {secret} (the README shows the Role)"
        case SecretState.ERROR if row.reading.hint:
            yield "fix", literal(row.reading.hint)
        case SecretState.ERROR:
            yield "fix", "run the command again; if the error persists, check the API server"
        case SecretState.OK if row.open:
            if row.noticed and not run.verb.writes_record:
                yield "record", command_line(style, "drift", environment, "--record")
                return  # only what is on record can be acknowledged
            name = f"{row.reference.namespace}/{row.reference.name}"
            words = ("acknowledge", environment, name, "--reason", "TEXT")
            yield "accept", command_line(style, *words)
