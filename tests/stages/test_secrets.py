"""What becomes of a Secret reference between two runs, and what the record keeps of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.observation import ResolvedSecret
from reconciler.model.record import Record
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.secret import (
    Fingerprint,
    Keyring,
    SecretReading,
    SecretReference,
    SecretState,
)
from reconciler.stages.advance import advance_secrets
from reconciler.stages.secrets import compare_secrets
from tests.stages.builders import REF

REFERENCE = SecretReference("omnia", "claude", "spec.credential.secretRef", ("KEY", "api-key"))
KEYRING, OTHER = Keyring(bytes(32)), Keyring(bytes([1] * 32))
WRITTEN = "2026-07-30T03:07:00Z"
DAY_1, DAY_2, DAY_3 = (f"2026-08-0{day}T00:00:00Z" for day in (1, 2, 3))


def fp(value: bytes, keyring: Keyring = KEYRING) -> Fingerprint:
    return keyring.fingerprint("prod", "omnia", "claude", "KEY", value)


def ok(value: bytes, *, key: str = "KEY", keyring: Keyring = KEYRING) -> SecretReading:
    return SecretReading(SecretState.OK, key, fp(value, keyring), ("KEY",), WRITTEN)


def seen(reading: SecretReading, record: Record | None) -> SecretRow:
    (row,) = compare_secrets([ResolvedSecret(REF, REFERENCE, reading)], record, ())
    return row


def after(*readings: SecretReading) -> Record:
    """The record after runs that saw these, a day apart."""
    record = Record("prod")
    for day, reading in enumerate(readings, start=1):
        row = seen(reading, record)
        record = advance_secrets(record, [row], f"2026-08-0{day}T00:00:00Z")
    return record


def test_the_first_sight_is_no_rotation() -> None:
    assert seen(ok(b"a"), None).rotation is Rotation.FIRST_SEEN


def test_the_same_value_is_no_rotation_and_keeps_its_date() -> None:
    row = seen(ok(b"a"), after(ok(b"a"), ok(b"a")))
    assert (row.rotation, row.since) == (Rotation.NONE, DAY_1)


def test_another_value_is_a_rotation_since_the_secret_was_written() -> None:
    row = seen(ok(b"b"), after(ok(b"a")))
    assert (row.rotation, row.before, row.since) == (Rotation.ROTATED, fp(b"a"), WRITTEN)


def test_a_recorded_rotation_is_known_and_keeps_the_previous_fingerprint() -> None:
    record = after(ok(b"a"), ok(b"b"))
    assert seen(ok(b"b"), record).rotation is Rotation.NONE
    (entry,) = record.secrets.values()
    assert (entry.previous, entry.since) == (fp(b"a"), WRITTEN)


def test_another_key_of_the_installation_starts_anew() -> None:
    row = seen(ok(b"b", keyring=OTHER), after(ok(b"a")))
    assert row.rotation is Rotation.BASELINE_RESET


def test_another_data_key_is_another_reference() -> None:
    assert seen(ok(b"b", key="api-key"), after(ok(b"a"))).rotation is Rotation.NONE


@pytest.mark.parametrize("state", [SecretState.FORBIDDEN, SecretState.UNAVAILABLE])
def test_what_could_not_be_read_shows_the_record_and_changes_nothing(state: SecretState) -> None:
    record = after(ok(b"a"))
    row = seen(SecretReading(state, "KEY"), record)
    assert (row.recorded, row.rotation) == (True, Rotation.NONE)
    assert (row.reading.state, row.reading.fingerprint) == (SecretState.OK, fp(b"a"))
    assert advance_secrets(record, [row], DAY_3) == record


def test_a_read_that_failed_is_told_and_leaves_the_record_alone() -> None:
    record = after(ok(b"a"))
    row = seen(SecretReading(SecretState.ERROR, "KEY"), record)
    assert (row.reading.state, row.recorded) == (SecretState.ERROR, False)
    assert advance_secrets(record, [row], DAY_3) == record


@pytest.mark.parametrize(
    "state", [SecretState.MISSING_SECRET, SecretState.MISSING_KEY, SecretState.EMPTY]
)
def test_a_secret_that_goes_missing_is_no_rotation(state: SecretState) -> None:
    row = seen(SecretReading(state, "KEY"), after(ok(b"a")))
    assert (row.rotation, row.wrong) == (Rotation.NONE, True)


def test_since_when_a_secret_is_missing_is_remembered() -> None:
    missing = SecretReading(SecretState.MISSING_SECRET, "KEY")
    assert seen(missing, after(ok(b"a"), missing, missing)).since == DAY_2


def test_a_reference_that_git_does_not_have_any_more_is_forgotten() -> None:
    assert advance_secrets(after(ok(b"a")), [], DAY_2).secrets == {}


def test_equal_facts_leave_the_record_as_it_was() -> None:
    record = after(ok(b"a"))
    assert advance_secrets(record, [seen(ok(b"a"), record)], DAY_3) == replace(record)
