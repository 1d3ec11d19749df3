"""Entries about Secrets as consumers read them, the ExternalSecrets that write them, and their certificates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.model.identity import Names
from reconciler.model.resolution import USABLE, Certificate, ConsumerSecret, Copy, ExternalSecret
from reconciler.model.run import EnvironmentRun
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._entries import Entry, Level, names_in
from reconciler.reports._secrets import STATES, UNKNOWN, malformed
from reconciler.reports._words import count, listed, literal, phrase, when

_FEW: Final = 3  # consumers of an entry that are named
_SOON: Final = 30  # days


def about_resolution(environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    names = names_in(environment)
    yield from _consumers(environment.consumer_secrets, names)
    yield from (_external(external, style) for external in environment.external_secrets)
    yield from map(_certificate, environment.certificates)


def _consumers(rows: Iterable[ConsumerSecret], names: Names) -> Iterator[Entry]:
    """One entry for each key that consumers read, with the first of them."""
    groups: dict[object, list[ConsumerSecret]] = {}
    for row in rows:
        if row.reading.state not in UNKNOWN:  # the report lists those as not checked
            same = (row.reference, row.provider, row.reading, row.copy)
            groups.setdefault(same, []).append(row)
    return (_entry(group, names) for group in groups.values())


def _entry(rows: list[ConsumerSecret], names: Names) -> Entry:
    row = rows[0]
    label, level = _label(row)
    users = [name_of(each.consumer, names) for each in rows]
    more = [f"{len(users) - _FEW:,} more"] if len(users) > _FEW else []
    field = literal(row.reference.text)
    return Entry(
        label=label,
        level=level,
        subject=f"Secret {_secret(row.reference, row.reading)}",
        owners=(row.provider,),
        sentences=(
            *_state(row),
            f"read by {listed([*users[:_FEW], *more])} because of {name_of(row.provider, names)} ({field})",
            *_operator(row),
        ),
        actions=tuple(_actions(row)),
        secret=True,
    )


def _label(row: ConsumerSecret) -> tuple[str, Level]:
    if row.wrong:
        return STATES[row.reading.state][0], Level.BAD
    if row.copy is Copy.DIFFERENT:
        return "COPY DIFFERS", Level.LOOK
    if row.copy is Copy.SAME:
        return "COPY", Level.QUIET
    if row.reading.state in USABLE and row.copy is Copy.NO_COPY:
        return "OTHER KEY", Level.LOOK
    return STATES[row.reading.state][0], Level.QUIET


def _state(row: ConsumerSecret) -> Iterator[str]:
    if row.wrong and row.reading.state is SecretState.MALFORMED:
        yield malformed(row.reading, row.reference.format)
    elif row.wrong:
        yield STATES[row.reading.state][1]
    elif row.copy is Copy.DIFFERENT:
        yield "its value is not the one that the operator of the provider reads"
    elif row.copy is Copy.SAME:
        yield "its value is the one that the operator of the provider reads"


def _operator(row: ConsumerSecret) -> Iterator[str]:
    if row.operator is None or row.operator_reading is None:
        yield "the operator of the provider reads no Secret for it"
        return
    state = row.operator_reading.state
    fine = "present" if state in USABLE else phrase(state.value)
    yield f"the operator reads {_secret(row.operator, row.operator_reading)}: {fine}"


def _actions(row: ConsumerSecret) -> Iterator[tuple[str, str]]:
    namespace, key = literal(row.reference.namespace), literal(row.reading.key)
    same_secret = row.copy is Copy.NO_COPY and row.operator is not None
    place = f" at {literal(row.where)}" if row.where else ""
    if row.reading.state is SecretState.MISSING_SECRET:
        yield "fix", f"create it in namespace {namespace} with the key {key}"
    elif same_secret and row.operator_reading and row.operator_reading.state in USABLE:
        named = literal(row.operator_reading.key)
        yield "fix", f"name the key in the reference, {named}{place}: then all read the same"
    elif row.wrong:
        yield "fix", f"write the real value to the key {key} in namespace {namespace}"
    elif row.copy is Copy.DIFFERENT:
        yield "fix", f"update the copy in namespace {namespace}, unless the two should differ"


def _secret(reference: SecretReference, reading: SecretReading) -> str:
    return f"{literal(f'{reference.namespace}/{reference.name}')} [{literal(reading.key)}]"


def _external(external: ExternalSecret, style: Style) -> Entry:
    ready = external.ready == "True"
    refreshed = when(external.refreshed, style)
    words = ": ".join(text for text in (external.reason, external.message) if text)
    return Entry(
        label="SYNCED" if ready else "NOT SYNCED",
        level=Level.QUIET if ready else Level.LOOK,
        subject=f"ExternalSecret {literal(f'{external.namespace}/{external.name}')}",
        sentences=(
            f"it writes Secret {literal(f'{external.namespace}/{external.secret}')}; "
            + (f"last refreshed {refreshed}" if refreshed else "it was never refreshed"),
        ),
        quoted=(words,) if words and not ready else (),
        secret=True,
    )


def _certificate(certificate: Certificate) -> Entry:
    days = certificate.days_left
    gone, soon = days < 0, days < _SOON
    left = f"expired {count(-days, 'day')} ago" if gone else f"expires in {count(days, 'day')}"
    place = f" at {literal(certificate.where)}" if certificate.where else ""
    return Entry(
        label="EXPIRED" if gone else "EXPIRES",
        level=Level.LOOK if soon else Level.QUIET,
        subject=f"Secret {literal(f'{certificate.namespace}/{certificate.name}')} [{literal(certificate.key)}]",
        sentences=(f"a certificate in it {left}, {when(certificate.expires, Style())}",),
        actions=(("fix", f"write a new certificate to it, or name another{place}"),)
        if soon
        else (),
        secret=True,
    )
