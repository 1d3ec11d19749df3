"""What becomes of a Secret reference between two runs, and what the record keeps of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.document import Document
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.record import ROTATIONS, Record, SecretKey
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
from tests.stages.builders import API_VERSION, REF

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
        record = advance_secrets(record, [row], f"2026-08-{day:02}T00:00:00Z")
    return record


def test_the_first_sight_is_no_rotation() -> None:
    assert seen(ok(b"a"), None).rotation is Rotation.FIRST_SEEN


def test_a_row_has_the_place_of_its_field_in_git() -> None:
    path = ("spec", "credential", "secretRef")
    place = Location("templates/claude.yaml.j2", 7, 3)
    origins = {path: Origin(place), (): Origin(Location("templates/claude.yaml.j2", 1, 1))}
    manifest = Manifest(REF, API_VERSION, Document.of({}), origins)
    reference = SecretReference.at(path, "omnia", "claude", ("A", "B"), several=True)
    assert reference.text == "spec.credential.secretRef[A]"
    (row,) = compare_secrets([ResolvedSecret(REF, reference, ok(b"a"))], None, [manifest])
    assert row.where == place


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
    assert (entry.fingerprint, entry.since) == (fp(b"b"), WRITTEN)
    assert [rotation.body() for rotation in entry.rotations] == [
        {
            "previous": str(fp(b"a")),
            "opened": {"time": WRITTEN, "revision": ""},
            "closed": {"time": DAY_2, "how": "recorded"},
        }
    ]


def test_only_the_last_rotations_of_a_key_are_kept() -> None:
    values = [str(number).encode() for number in range(1, 2 * ROTATIONS)]
    (entry,) = after(*map(ok, values)).secrets.values()
    previous = [rotation.body()["previous"] for rotation in entry.rotations]
    assert previous == [str(fp(value)) for value in values[-ROTATIONS - 1 : -1]]


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


@pytest.mark.parametrize(
    "state",
    [state for state in SecretState if state is not SecretState.OK],
)
def test_the_last_fingerprint_outlives_whatever_becomes_of_the_secret(state: SecretState) -> None:
    """Also where the reference falls back to the first key that it looks for."""
    for key in REFERENCE.keys:
        gone = SecretReading(state, "KEY")
        record = after(ok(b"a", key=key), gone, gone)
        found = record.secrets[SecretKey("omnia", "claude", key)]
        assert (found.fingerprint, found.since) == (fp(b"a"), DAY_1)


def test_a_key_is_remembered_while_a_reference_looks_for_it() -> None:
    record = after(ok(b"a", key="api-key"), ok(b"b"), ok(b"c"))
    assert {key.key: len(s.references) for key, s in record.secrets.items()} == {
        "KEY": 1,
        "api-key": 0,
    }
    explicit = replace(REFERENCE, keys=("KEY",))
    (row,) = compare_secrets([ResolvedSecret(REF, explicit, ok(b"b"))], record, ())
    assert [key.key for key in advance_secrets(record, [row], DAY_3).secrets] == ["KEY"]


def test_one_secret_key_is_one_entry_with_every_reference_to_it() -> None:
    """A reference that comes with the rotation neither hides it nor is rotated itself."""
    first = replace(REF, name="a-first")
    record = after(ok(b"a"))
    both = [ResolvedSecret(owner, REFERENCE, ok(b"b")) for owner in (first, REF)]
    rows = compare_secrets(both, record, ())
    assert [row.rotation for row in rows] == [Rotation.FIRST_SEEN, Rotation.ROTATED]
    (entry,) = advance_secrets(record, rows, DAY_2).secrets.values()
    assert [(r.owner, r.since) for r in entry.references] == [(first, DAY_2), (REF, WRITTEN)]
    assert len(entry.rotations) == 1


def test_what_a_later_version_says_of_a_secret_stays() -> None:
    later = Document.of({"later": 1})
    record = after(ok(b"a"))
    ((key, entry),) = record.secrets.items()
    (reference,) = entry.references
    entry = replace(entry, unknown=later, references=(replace(reference, unknown=later),))
    record = replace(record, secrets={key: entry}, unknown=later)
    for reading in (ok(b"b"), SecretReading(SecretState.EMPTY, "KEY"), ok(b"a", keyring=OTHER)):
        record = advance_secrets(record, [seen(reading, record)], DAY_3)
        (entry,) = record.secrets.values()
        assert record.unknown == entry.unknown == entry.references[0].unknown == later


def test_a_reference_that_git_does_not_have_any_more_is_forgotten() -> None:
    assert advance_secrets(after(ok(b"a")), [], DAY_2).secrets == {}


def test_equal_facts_leave_the_record_as_it_was() -> None:
    record = after(ok(b"a"))
    assert advance_secrets(record, [seen(ok(b"a"), record)], DAY_3) == replace(record)
