"""What becomes of a Secret reference between two runs, and what the record keeps of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.record import ROTATIONS, Record, SecretKey
from reconciler.model.record.rotations import (
    Acknowledgement,
    Closing,
    Moment,
    Opening,
    RecordedRotation,
)
from reconciler.model.record.stored import from_json, to_json
from reconciler.model.rotation import Rotation, SecretRow, reported
from reconciler.model.secret import (
    Fingerprint,
    Format,
    Keyring,
    SecretReading,
    SecretReference,
    SecretState,
)
from reconciler.stages.advance import advance_secrets, advance_watch
from reconciler.stages.secrets import compare_secrets, with_pick_up
from tests.stages.builders import API_VERSION, REF

REFERENCE = SecretReference("omnia", "claude", "spec.credential.secretRef", ("KEY", "api-key"))
KEYRING, OTHER = Keyring(bytes(32)), Keyring(bytes([1] * 32))
WRITTEN = "2026-08-19T03:07:00Z"
REVISION = "c" * 40
AT = Moment("2026-08-20T00:00:00Z", REVISION)
DAY_1, DAY_2, DAY_3 = (f"2026-08-0{day}T00:00:00Z" for day in (1, 2, 3))


def fp(value: bytes, keyring: Keyring = KEYRING) -> Fingerprint:
    return keyring.fingerprint("prod", "omnia", "claude", "KEY", value)


def ok(value: bytes, *, key: str = "KEY", keyring: Keyring = KEYRING) -> SecretReading:
    return SecretReading(SecretState.OK, key, fp(value, keyring), ("KEY",), WRITTEN)


def row_of(reading: SecretReading, record: Record | None, at: Moment = AT) -> SecretRow:
    (row,) = compare_secrets([ResolvedSecret(REF, REFERENCE, reading)], record, (), at)
    return row


def rows_of(
    record: Record | None, *resolved: tuple[ObjectRef, SecretReference, SecretReading]
) -> tuple[SecretRow, ...]:
    return compare_secrets([ResolvedSecret(*parts) for parts in resolved], record, (), AT)


def after(*readings: SecretReading) -> Record:
    """The record after runs that saw these, a day apart."""
    record = Record("prod")
    for day, reading in enumerate(readings, start=1):
        at = Moment(f"2026-08-{day:02}T00:00:00Z", REVISION)
        row = row_of(reading, record, at)
        record = advance_secrets(record, [row], at)
    return record


def test_the_first_sight_is_no_rotation() -> None:
    assert row_of(ok(b"a"), None).rotation is Rotation.FIRST_SEEN


def test_the_record_says_of_a_missing_key_whether_anyone_needs_it() -> None:
    """Both at the first sight, and when git makes it optional, or needed, later."""
    missing = SecretReading(SecretState.MISSING_KEY)
    record = Record("prod")
    for optional in (True, False, True):
        (row,) = rows_of(record, (REF, replace(REFERENCE, optional=optional), missing))
        record = advance_secrets(record, [row], AT)
        ((used,),) = (entry.references for entry in record.secrets.values())
        assert (used.state, used.wrong) == (SecretState.MISSING_KEY, not optional)


def test_a_row_has_the_place_of_its_field_in_git() -> None:
    path = ("spec", "credential", "secretRef")
    place = Location("templates/claude.yaml.j2", 7, 3)
    origins = {path: Origin(place), (): Origin(Location("templates/claude.yaml.j2", 1, 1))}
    manifest = Manifest(REF, API_VERSION, Document.of({}), origins)
    reference = SecretReference.at(path, "omnia", "claude", ("A", "B"), several=True)
    assert reference.text == "spec.credential.secretRef[A]"
    (row,) = compare_secrets([ResolvedSecret(REF, reference, ok(b"a"))], None, [manifest], AT)
    assert row.where == place


def test_the_same_value_is_no_rotation_and_keeps_its_date() -> None:
    row = row_of(ok(b"a"), after(ok(b"a"), ok(b"a")))
    assert (row.rotation, row.since) == (Rotation.NONE, DAY_1)


def test_another_value_is_a_rotation_since_the_secret_was_written() -> None:
    row = row_of(ok(b"b"), after(ok(b"a")))
    assert (row.rotation, row.before, row.since) == (Rotation.ROTATED, fp(b"a"), WRITTEN)
    assert row.noticed is True


def test_a_recorded_rotation_stays_open_and_keeps_the_previous_fingerprint() -> None:
    record = after(ok(b"a"), ok(b"b"))
    (entry,) = record.secrets.values()
    assert (entry.fingerprint, entry.since) == (fp(b"b"), WRITTEN)
    opened = Opening(WRITTEN, REVISION, noticed=DAY_2)
    assert entry.rotations == (RecordedRotation(str(fp(b"a")), opened),)
    row = row_of(ok(b"b"), record)
    assert (row.rotation, row.open) == (Rotation.ROTATED, True)
    assert (str(row.before), row.since, row.event) == (str(fp(b"a")), WRITTEN, entry.open)
    assert row.noticed is False
    assert advance_secrets(record, [row], Moment(DAY_3)) == record


def test_a_secret_without_a_time_of_its_last_write_is_rotated_since_a_run_noticed() -> None:
    row = row_of(replace(ok(b"b"), written=""), after(ok(b"a")))
    assert row.since == AT.time


@pytest.mark.parametrize(
    ("written", "since"),
    [
        ("2026-08-01T00:00:01Z", "2026-08-01T00:00:01Z"),
        (DAY_1, AT.time),
        ("2020-01-01T00:00:00Z", AT.time),
        ("once", AT.time),
    ],
)
@pytest.mark.parametrize("look", ["since", "observed", "watched"])
def test_a_time_from_before_the_last_look_at_the_old_value_is_not_when_it_was_written(
    written: str, since: str, look: str
) -> None:
    record = replace(after(ok(b"a")), observed="")
    if look != "since":
        ((key, known),) = record.secrets.items()
        record = replace(record, secrets={key: replace(known, since="2020-01-01T00:00:00Z")})
        record = replace(record, **{look: Moment(DAY_1) if look == "watched" else DAY_1})
    row = row_of(replace(ok(b"b"), written=written), record)
    assert (row.since, row.event and row.event.opened.time) == (since, since)


def test_a_run_over_other_objects_is_no_look_at_a_key() -> None:
    other = replace(REFERENCE, name="other")
    record = after(ok(b"a"))
    (row,) = rows_of(record, (replace(REF, name="other"), other, ok(b"x")))
    later = advance_secrets(record, [row], Moment(DAY_3), frozenset({row.owner}))
    assert (len(later.secrets), later.observed) == (2, record.observed)


def test_a_further_rotation_supersedes_the_open_one() -> None:
    (entry,) = after(ok(b"a"), ok(b"b"), ok(b"a")).secrets.values()
    first, second = entry.rotations
    assert first.closed == Closing(DAY_3, "superseded", REVISION)
    assert (second.previous, second.closed) == (str(fp(b"b")), None)


def test_only_the_last_rotations_of_a_key_are_kept() -> None:
    values = [str(number).encode() for number in range(1, 2 * ROTATIONS)]
    (entry,) = after(*map(ok, values)).secrets.values()
    previous = [rotation.previous for rotation in entry.rotations]
    assert previous == [str(fp(value)) for value in values[-ROTATIONS - 1 : -1]]


def test_another_key_of_the_installation_starts_anew() -> None:
    row = row_of(ok(b"b", keyring=OTHER), after(ok(b"a")))
    assert (row.rotation, row.open) == (Rotation.BASELINE_RESET, False)
    assert row.before == fp(b"a")


def test_another_key_of_the_installation_closes_no_rotation() -> None:
    record = after(ok(b"a"), ok(b"b"), ok(b"b", keyring=OTHER))
    row = row_of(ok(b"b", keyring=OTHER), record)
    assert (row.rotation, row.open) == (Rotation.ROTATED, True)
    unrecorded = row_of(ok(b"b", keyring=OTHER), after(ok(b"a"), ok(b"b")))
    assert (unrecorded.rotation, unrecorded.open) == (Rotation.BASELINE_RESET, True)


@pytest.mark.parametrize("state", [SecretState.FORBIDDEN, SecretState.UNAVAILABLE])
def test_what_could_not_be_read_shows_the_record_and_changes_nothing(state: SecretState) -> None:
    record = after(ok(b"a", key="api-key"))
    row = row_of(SecretReading(state, "KEY"), record)
    assert (row.recorded, row.rotation) == (True, Rotation.NONE)
    assert row.reading == SecretReading(SecretState.OK, "api-key", fp(b"a"))
    assert advance_secrets(record, [row], Moment(DAY_3)) == record


def test_a_read_that_failed_is_told_and_leaves_the_record_alone() -> None:
    record = after(ok(b"a"))
    row = row_of(SecretReading(SecretState.ERROR, "KEY"), record)
    assert (row.reading.state, row.recorded) == (SecretState.ERROR, False)
    assert advance_secrets(record, [row], Moment(DAY_3)) == record


@pytest.mark.parametrize(
    "state", [SecretState.MISSING_SECRET, SecretState.MISSING_KEY, SecretState.EMPTY]
)
def test_a_secret_that_goes_missing_is_no_rotation(state: SecretState) -> None:
    row = row_of(SecretReading(state, "KEY"), after(ok(b"a")))
    assert (row.rotation, row.wrong) == (Rotation.NONE, True)


def test_since_when_a_secret_is_missing_is_remembered() -> None:
    missing = SecretReading(SecretState.MISSING_SECRET, "KEY")
    record = after(ok(b"a"), missing, missing)
    assert row_of(missing, record).since == DAY_2
    assert row_of(SecretReading(SecretState.EMPTY, "KEY"), record).since == "", "another state"


@pytest.mark.parametrize(
    "state",
    [state for state in SecretState if state is not SecretState.OK],
)
def test_the_last_fingerprint_outlives_whatever_becomes_of_the_secret(state: SecretState) -> None:
    """Also where the reference falls back to the first key that it looks for."""
    for key in REFERENCE.keys:
        gone = SecretReading(state, "KEY")
        record = after(ok(b"a", key=key), gone, gone)
        entry = record.secrets[SecretKey("omnia", "claude", key)]
        assert (entry.fingerprint, entry.since) == (fp(b"a"), DAY_1)


def test_a_key_is_remembered_while_a_reference_looks_for_it() -> None:
    record = after(ok(b"a", key="api-key"), ok(b"b"), ok(b"c"))
    assert {key.key: len(s.references) for key, s in record.secrets.items()} == {
        "KEY": 1,
        "api-key": 0,
    }
    explicit = replace(REFERENCE, keys=("KEY",))
    (row,) = compare_secrets([ResolvedSecret(REF, explicit, ok(b"b"))], record, (), AT)
    assert [key.key for key in advance_secrets(record, [row], Moment(DAY_3)).secrets] == ["KEY"]


def test_a_reference_that_comes_later_has_its_own_date() -> None:
    record, second = after(ok(b"a")), replace(REF, name="second")
    both = ((REF, REFERENCE, ok(b"a")), (second, REFERENCE, ok(b"a")))
    record = advance_secrets(record, rows_of(record, *both), Moment(DAY_2))
    assert [row.since for row in rows_of(record, *both)] == [DAY_1, DAY_2]


def test_a_rotation_belongs_to_the_key_with_every_reference_to_it() -> None:
    """A reference that comes with the rotation neither hides it nor is the first to see the value."""
    first = replace(REF, name="a-first")
    record = after(ok(b"a"))
    rows = rows_of(record, (first, REFERENCE, ok(b"b")), (REF, REFERENCE, ok(b"b")))
    assert [row.rotation for row in rows] == [Rotation.ROTATED] * 2
    assert rows[0].event == rows[1].event
    (entry,) = advance_secrets(record, rows, Moment(DAY_2)).secrets.values()
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
        record = advance_secrets(record, [row_of(reading, record)], Moment(DAY_3))
        (entry,) = record.secrets.values()
        assert record.unknown == entry.unknown == entry.references[0].unknown == later


def test_a_reference_that_git_does_not_have_any_more_is_forgotten() -> None:
    assert advance_secrets(after(ok(b"a")), [], Moment(DAY_2)).secrets == {}


def test_equal_facts_leave_the_record_as_it_was() -> None:
    record = after(ok(b"a"))
    assert advance_secrets(record, [row_of(ok(b"a"), record)], Moment(DAY_3)) == replace(record)


MISSING = SecretReading(SecretState.MISSING_SECRET, "KEY")


class TestAGap:
    """The Secret goes, or is of no use, and comes back."""

    GAPS = (
        MISSING,
        SecretReading(SecretState.MISSING_KEY, "KEY"),
        SecretReading(SecretState.EMPTY, "KEY"),
        SecretReading(SecretState.PLACEHOLDER, "KEY"),
        SecretReading(SecretState.MALFORMED, "KEY"),
    )

    @pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.state)
    @pytest.mark.parametrize("key", REFERENCE.keys)
    def test_another_value_after_it_is_a_rotation(self, gap: SecretReading, key: str) -> None:
        record = after(ok(b"a", key=key), gap, gap)
        row = row_of(ok(b"b", key=key), record)
        assert (row.rotation, row.before, row.gap) == (Rotation.ROTATED, fp(b"a"), gap.state)
        assert row.event
        assert (row.event.opened.gap, row.event.opened.gap_since) == (gap.state, DAY_2)

    @pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.state)
    @pytest.mark.parametrize("key", REFERENCE.keys)
    def test_the_same_value_after_it_is_back(self, gap: SecretReading, key: str) -> None:
        record = after(ok(b"a", key=key), gap)
        row = row_of(ok(b"a", key=key), record)
        assert (row.rotation, row.open) == (Rotation.BACK, False)
        assert (row.gap, row.since) == (gap.state, DAY_2)
        assert (
            row_of(ok(b"a", key=key), advance_secrets(record, [row], AT)).rotation is Rotation.NONE
        )

    @pytest.mark.parametrize("state", [SecretState.FORBIDDEN, SecretState.ERROR])
    def test_a_read_that_failed_is_no_gap(self, state: SecretState) -> None:
        record = after(ok(b"a"), SecretReading(state, "KEY"))
        assert row_of(ok(b"a"), record).rotation is Rotation.NONE
        row = row_of(ok(b"b"), record)
        assert (row.rotation, row.gap) == (Rotation.ROTATED, None)

    def test_a_rotation_that_was_open_before_it_stays_open_in_it_and_after_it(self) -> None:
        record = after(ok(b"a"), ok(b"b"), MISSING)
        gone = row_of(MISSING, record)
        assert (gone.rotation, gone.open, gone.wrong) == (Rotation.NONE, True, True)
        back = row_of(ok(b"b"), record)
        assert (back.rotation, back.open, str(back.before)) == (
            Rotation.ROTATED,
            True,
            str(fp(b"a")),
        )

    def test_a_rotation_that_may_not_be_read_stays_open(self) -> None:
        row = row_of(SecretReading(SecretState.FORBIDDEN, "KEY"), after(ok(b"a"), ok(b"b")))
        assert (row.rotation, row.open, row.recorded) == (Rotation.ROTATED, True, True)

    def test_a_secret_that_was_never_there_is_seen_for_the_first_time(self) -> None:
        assert row_of(ok(b"a"), after(MISSING)).rotation is Rotation.FIRST_SEEN

    def test_a_secret_that_exists_again_without_the_fingerprint_key_is_not_as_recorded(
        self,
    ) -> None:
        row = row_of(SecretReading(SecretState.UNAVAILABLE, "KEY"), after(ok(b"a"), MISSING))
        assert (row.reading.state, row.recorded) == (SecretState.UNAVAILABLE, False)


class TestAnotherKey:
    """The consumer reads another key of the Secret than before."""

    def test_one_of_higher_precedence_appears(self) -> None:
        record = after(ok(b"a", key="api-key"))
        row = row_of(ok(b"b"), record)
        assert (row.rotation, row.open, row.before) == (Rotation.OTHER_KEY, True, None)
        assert row.event == RecordedRotation(
            "", Opening(WRITTEN, REVISION, AT.time, key_before="api-key")
        )
        recorded = advance_secrets(record, [row], AT)
        assert row_of(ok(b"b"), recorded).rotation is Rotation.OTHER_KEY, "it has a life, too"

    def test_the_one_that_it_reads_goes_and_comes_back(self) -> None:
        record = after(ok(b"a"), ok(b"b", key="api-key"))
        assert row_of(ok(b"b", key="api-key"), record).rotation is Rotation.OTHER_KEY
        row = row_of(ok(b"a"), record)
        assert (row.rotation, row.event and row.event.opened.key_before) == (
            Rotation.OTHER_KEY,
            "api-key",
        )
        assert row.before is None, "its own value is the last known one"
        left = advance_secrets(record, [row], AT).secrets[SecretKey("omnia", "claude", "api-key")]
        assert [r.closed and r.closed.how for r in left.rotations] == ["unread"]

    def test_one_that_comes_back_with_another_value_is_rotated(self) -> None:
        record = after(ok(b"a"), ok(b"b", key="api-key"))
        row = row_of(ok(b"c"), record)
        assert (row.rotation, row.before) == (Rotation.ROTATED, fp(b"a"))
        recorded = row_of(ok(b"c"), advance_secrets(record, [row], AT))
        assert (recorded.rotation, recorded.noticed) == (Rotation.ROTATED, False)

    def test_one_that_shadows_the_value_and_is_empty_leaves_the_value_known(self) -> None:
        empty = SecretReading(SecretState.EMPTY, "KEY")
        record = after(ok(b"a", key="api-key"), empty)
        assert row_of(ok(b"a", key="api-key"), record).rotation is Rotation.BACK
        assert row_of(ok(b"b", key="api-key"), record).rotation is Rotation.ROTATED

    @pytest.mark.parametrize("keys", [("KEY",), ("KEY", "other")])
    def test_one_that_git_names_is_no_event(self, keys: tuple[str, ...]) -> None:
        renamed = replace(REFERENCE, keys=keys)
        (row,) = rows_of(after(ok(b"a", key="api-key")), (REF, renamed, ok(b"b")))
        assert (row.rotation, row.open) == (Rotation.FIRST_SEEN, False)


class TestGitMoves:
    """What git changes is no rotation, and hides none."""

    def test_the_rotation_of_a_key_that_git_names_no_more_is_not_that_of_the_new_one(self) -> None:
        renamed = replace(REFERENCE, keys=("other",))
        missing = SecretReading(SecretState.MISSING_KEY, "other")
        (row,) = rows_of(after(ok(b"a"), ok(b"b")), (REF, renamed, missing))
        assert (row.event, row.open) == (None, False)

    def test_a_reference_that_moves_to_another_field_knows_the_value(self) -> None:
        moved = replace(REFERENCE, text="spec.auth.credentialsSecretRef")
        record = after(ok(b"a"))
        (row,) = rows_of(record, (REF, moved, ok(b"a")))
        assert (row.rotation, row.since) == (Rotation.NONE, DAY_1)
        (row,) = rows_of(record, (replace(REF, name="new"), moved, ok(b"b")))
        assert (row.rotation, row.before) == (Rotation.ROTATED, fp(b"a"))

    @pytest.mark.parametrize("change", [{"namespace": "other"}, {"name": "other"}])
    def test_another_secret_or_namespace_is_seen_for_the_first_time(
        self, change: dict[str, str]
    ) -> None:
        (row,) = rows_of(after(ok(b"a")), (REF, replace(REFERENCE, **change), ok(b"b")))
        assert row.rotation is Rotation.FIRST_SEEN


class TestClosing:
    """What closes a rotation."""

    KEY = SecretKey("omnia", "claude", "KEY")

    @pytest.mark.parametrize("recorded", [False, True])
    def test_a_pick_up_by_every_consumer(self, *, recorded: bool) -> None:
        record = after(ok(b"a"), ok(b"b")) if recorded else after(ok(b"a"))
        rows = with_pick_up([row_of(ok(b"b"), record)], {self.KEY}, AT)
        assert [(row.rotation, row.open) for row in rows] == [(Rotation.PICKED_UP, False)]
        after_it = advance_secrets(record, rows, AT)
        (rotation,) = after_it.secrets[self.KEY].rotations
        assert rotation.closed == Closing(AT.time, "picked-up", REVISION)
        assert row_of(ok(b"b"), after_it).rotation is Rotation.NONE

    def test_a_pick_up_of_another_key_does_not_close_it(self) -> None:
        rows = (row_of(ok(b"b"), after(ok(b"a"))),)
        assert with_pick_up(rows, {replace(self.KEY, key="OTHER")}, AT) == rows

    def test_a_missing_secret_is_picked_up_by_nobody(self) -> None:
        rows = (row_of(MISSING, after(ok(b"a"), ok(b"b"))),)
        assert with_pick_up(rows, {self.KEY}, AT) == rows

    def test_a_pick_up_closes_it_for_every_reference(self) -> None:
        """Also for one that could not read the value in this run."""
        account = replace(REFERENCE, text="spec.other", format=Format.JSON_OBJECT)
        malformed = SecretReading(SecretState.MALFORMED, "KEY")
        record = after(ok(b"a"), ok(b"b"))
        rows = rows_of(record, (REF, REFERENCE, ok(b"b")), (REF, account, malformed))
        record = advance_secrets(record, rows, AT)
        rows = rows_of(record, (REF, REFERENCE, ok(b"b")), (REF, account, malformed))
        assert [row.open for row in rows] == [True, True]
        rows = with_pick_up(rows, {self.KEY}, AT)
        assert [row.open for row in rows] == [False, False]
        assert [row.rotation for row in rows] == [Rotation.PICKED_UP, Rotation.NONE]
        (rotation,) = advance_secrets(record, rows, AT).secrets[self.KEY].rotations
        assert rotation.closed
        assert rotation.closed.how == "picked-up"

    @pytest.mark.parametrize(("until", "covered"), [(AT.time, True), (DAY_3, False)])
    def test_an_acknowledgement_ahead_until_its_end(self, until: str, *, covered: bool) -> None:
        record = after(ok(b"a"))
        ahead = Acknowledgement(until, "weekly", DAY_1)
        known = replace(record.secrets[self.KEY], acknowledged=ahead)
        record = replace(record, secrets={self.KEY: known})
        row = row_of(ok(b"b"), record)
        assert row.open is not covered
        assert row.rotation is (Rotation.ACKNOWLEDGED if covered else Rotation.ROTATED)
        (rotation,) = advance_secrets(record, [row], AT).secrets[self.KEY].rotations
        closing = Closing(AT.time, "acknowledged", REVISION, "weekly")
        assert rotation.closed == (closing if covered else None)


class TestOnly:
    """A run over selected objects."""

    OTHER = replace(REF, name="other")
    SECOND = replace(REFERENCE, name="second")

    def test_it_leaves_the_secrets_of_other_objects_alone(self) -> None:
        second = replace(ok(b"x"), fingerprint=fp(b"x"))
        rows = rows_of(None, (REF, REFERENCE, ok(b"a")), (self.OTHER, self.SECOND, second))
        record = advance_secrets(Record("prod"), rows, Moment(DAY_1))
        selected = rows_of(record, (REF, REFERENCE, ok(b"b")))
        after_it = advance_secrets(record, selected, AT, frozenset({REF}))
        assert after_it.secrets[TestClosing.KEY].open
        second_key = SecretKey("omnia", "second", "KEY")
        assert after_it.secrets[second_key] == record.secrets[second_key]

    def test_it_keeps_the_references_of_other_objects_to_the_same_key(self) -> None:
        rows = rows_of(None, (REF, REFERENCE, ok(b"a")), (self.OTHER, REFERENCE, ok(b"a")))
        record = advance_secrets(Record("prod"), rows, Moment(DAY_1))
        selected = rows_of(record, (REF, REFERENCE, ok(b"b")))
        after_it = advance_secrets(record, selected, AT, frozenset({REF}))
        owners = [r.owner for r in after_it.secrets[TestClosing.KEY].references]
        assert owners == [REF, self.OTHER]

    def test_a_reference_that_a_selected_object_lost_is_forgotten(self) -> None:
        after_it = advance_secrets(after(ok(b"a")), [], AT, frozenset({REF}))
        assert after_it.secrets[TestClosing.KEY].references == ()


@pytest.mark.parametrize(
    ("before", "renewed"),
    [
        ("", True),
        ("2026-08-19T00:00:01Z", False),
        ("2026-08-19T00:00:00Z", True),
        ("2026-08-21T00:00:00Z", True),
        ("once", True),
    ],
)
def test_the_time_of_the_last_watch_is_renewed_once_a_day(before: str, *, renewed: bool) -> None:
    record = Record("prod", watched=Moment(before))
    assert advance_watch(record, AT).watched == (AT if renewed else Moment(before))


class TestConsumers:
    """A key that consumers read because of a field, where the operator reads another one."""

    READERS = (ObjectRef("agent.flokoa.ai", "Agent", "shop", "support"),)
    COPY = replace(REFERENCE, namespace="shop", keys=("KEY",))
    KEY = SecretKey("shop", "claude", "KEY")
    KIND = "Agent.agent.flokoa.ai"

    def rows(
        self, record: Record | None, value: bytes, *, at: Moment = AT
    ) -> tuple[SecretRow, ...]:
        """The operator always reads the same value."""
        mine = ResolvedSecret(REF, REFERENCE, ok(b"a"))
        return compare_secrets(
            [mine, ResolvedSecret(REF, self.COPY, ok(value), self.READERS)], record, (), at
        )

    def recorded(self, *values: bytes) -> Record:
        record = Record("prod")
        for day, value in enumerate(values, start=1):
            at = Moment(f"2026-08-{day:02}T00:00:00Z", REVISION)
            record = advance_secrets(record, self.rows(record, value, at=at), at)
        return record

    def test_its_rotation_is_told_and_recorded_until_it_is_picked_up(self) -> None:
        record = self.recorded(b"x")
        mine, theirs = self.rows(record, b"y")
        assert [row.rotation for row in (mine, theirs)] == [Rotation.NONE, Rotation.ROTATED]
        assert reported((mine, theirs)) == (mine, theirs)
        record = advance_secrets(record, (mine, theirs), AT)
        again = self.rows(record, b"y")
        assert again[1].open
        assert reported(again) == again
        closed = with_pick_up(again, {self.KEY}, AT)
        assert closed[1].rotation is Rotation.PICKED_UP
        record = advance_secrets(record, closed, AT)
        assert reported(self.rows(record, b"y")) == self.rows(record, b"y")[:1]

    def test_what_has_no_news_is_recorded_and_not_told(self) -> None:
        rows = self.rows(None, b"x")
        assert reported(rows) == rows[:1]
        (reference,) = self.recorded(b"x").secrets[self.KEY].references
        assert (reference.owner, reference.reader) == (REF, self.KIND)

    def test_a_key_that_the_operator_reads_as_well_is_told_once(self) -> None:
        same = replace(REFERENCE, keys=("KEY",))
        pairs = [
            ResolvedSecret(REF, REFERENCE, ok(b"b")),
            ResolvedSecret(REF, same, ok(b"b"), self.READERS),
        ]
        rows = compare_secrets(pairs, after(ok(b"a")), (), AT)
        assert [row.rotation for row in rows] == [Rotation.ROTATED] * 2
        assert reported(rows) == rows[:1]

    def test_another_key_of_the_secret_that_the_operator_reads_has_a_life_of_its_own(self) -> None:
        token = replace(REFERENCE, keys=("HF_TOKEN",))

        def rows(record: Record | None, value: bytes) -> tuple[SecretRow, ...]:
            theirs = ResolvedSecret(REF, token, ok(value, key="HF_TOKEN"), self.READERS)
            return compare_secrets(
                [ResolvedSecret(REF, REFERENCE, ok(b"a")), theirs], record, (), AT
            )

        record = advance_secrets(Record("prod"), rows(None, b"x"), Moment(DAY_1))
        record = from_json(to_json(record))
        after_it = rows(record, b"y")
        assert [row.rotation for row in after_it] == [Rotation.NONE, Rotation.ROTATED]
        assert reported(after_it) == after_it

    @pytest.mark.parametrize("unlisted", [frozenset({KIND}), None])
    def test_what_nobody_could_list_stays_on_record(self, unlisted: frozenset[str] | None) -> None:
        record = self.recorded(b"x", b"y")
        mine = self.rows(record, b"y")[:1]
        kept = advance_secrets(record, mine, Moment(DAY_3), None, unlisted)
        assert kept.secrets == record.secrets
        assert kept.secrets[self.KEY].open

    def test_a_consumer_that_is_gone_closes_it(self) -> None:
        record = self.recorded(b"x", b"y")
        mine = self.rows(record, b"y")[:1]
        assert self.KEY not in advance_secrets(record, mine, Moment(DAY_3)).secrets
