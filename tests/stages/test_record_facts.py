"""What a record says in a report, and what a run takes over into the next: every value of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.change import Change, Outcome, Result, State
from reconciler.model.document import Document
from reconciler.model.observation import Observed, Orphan
from reconciler.model.record import NEVER, Record, RecordedObject
from reconciler.model.record.rotations import Moment
from reconciler.model.run import RecordSummary
from reconciler.stages.advance import (
    advance_in_sync,
    advance_objects,
    advance_watch,
    is_complete,
    unapplied,
)
from reconciler.stages.plan import plan_object
from reconciler.stages.record import StoredRecord
from tests.stages.builders import REF, UID, US, fields, given, observation, owner, record, stored

SPEC = {"type": "claude"}
TIME, CREATED = "2026-08-01T00:00:01Z", "2026-07-01T00:00:00Z"
LIVE = stored(SPEC, owner(US, "spec.type", time=TIME), creationTimestamp=CREATED)
OWNED = Document.of(fields("spec.type"))
OBSERVED = observation(SPEC, LIVE, LIVE)
CHANGE = replace(plan_object(given(), OBSERVED), state=State.UNCHANGED, content="digest")
ENTRY = RecordedObject(UID, "r1", "old", OWNED, "applied", "written")


class TestStored:
    def test_without_a_record_the_reason_says_why(self) -> None:
        nothing = StoredRecord("prod", "home")
        unchecked = nothing.unchecked_rotations()
        assert (unchecked.subject, unchecked.reason) == (
            "rotation history",
            "no record to compare with",
        )
        assert "home/provider-reconciler-prod" in str(unchecked)
        assert unchecked.hint == (
            "a Secret may have changed since the last apply: restart what reads it"
        )
        forbidden = replace(nothing, notes=("forbidden",)).unchecked_rotations()
        assert forbidden.hint == "allow get on configmaps provider-reconciler-prod in home"
        damaged = replace(nothing, notes=("damaged",), config_map=Document.of({}))
        assert damaged.unchecked_rotations().reason == "the record cannot be read"
        assert damaged.unchecked_rotations().hint == unchecked.hint

    def test_its_summary(self) -> None:
        nothing = StoredRecord("prod", "home")
        assert nothing.summary(lost=True, key_lost=True) == RecordSummary(lost=True)
        noted = replace(nothing, notes=("damaged",))
        assert noted.summary(lost=False, key_lost=False) == RecordSummary(unreadable=True)
        known = replace(nothing, record=replace(record(), revision="r", applied="t"))
        assert known.summary(lost=True, key_lost=True) == RecordSummary("r", "t", key_lost=True)
        begun = replace(nothing, record=record())
        assert begun.summary(lost=False, key_lost=False) == RecordSummary(partial=True)
        empty = replace(nothing, record=Record("prod"))
        assert empty.summary(lost=False, key_lost=False) == RecordSummary()


class TestObjects:
    def entry(self, old: RecordedObject | None, change: Change = CHANGE) -> RecordedObject:
        before = Record("prod", objects={REF: old} if old else {})
        observed = Observed((OBSERVED,))
        return advance_objects(before, observed, [change], {}, US, revision="r2").objects[REF]

    def test_an_unchanged_one_has_the_digest_and_the_times_of_this_run(self) -> None:
        assert self.entry(ENTRY) == RecordedObject(UID, "r2", "digest", OWNED, "applied", TIME)
        without_key = replace(CHANGE, content="")
        assert self.entry(ENTRY, without_key).digest == "old"
        assert self.entry(replace(ENTRY, restored=True)).restored is False

    def test_one_without_an_entry_is_as_the_cluster_has_it(self) -> None:
        assert self.entry(None) == RecordedObject(UID, "r2", "digest", OWNED, CREATED, TIME)
        changed = self.entry(None, replace(CHANGE, state=State.CHANGED))
        assert changed == RecordedObject(UID, "", "", OWNED, CREATED, TIME, restored=True)

    def test_a_kept_one_stays_restored(self) -> None:
        kept = replace(CHANGE, state=State.KEPT)
        observed = Observed((), orphans=(Orphan(REF, LIVE),))
        for restored in (True, False):
            before = Record("prod", objects={REF: replace(ENTRY, restored=restored)})
            entry = advance_objects(before, observed, [kept], {}, US, revision="r2").objects[REF]
            assert (entry.restored, entry.revision) == (restored, "r1")

    def test_one_that_is_gone_hides_no_other(self) -> None:
        gone = replace(REF, name="gone")
        observed = Observed((OBSERVED,))
        changes = [replace(CHANGE, ref=gone), CHANGE]
        after = advance_objects(Record("prod"), observed, changes, {}, US, deleted={gone})
        assert set(after.objects) == {REF}


@pytest.mark.parametrize(
    ("result", "left"),
    [(Result.CREATED, 0), (Result.CONFIGURED, 0), (Result.UNCHANGED, 0), (Result.FAILED, 1)],
)
def test_an_apply_is_complete_if_every_object_of_git_is_as_in_git(
    result: Result, left: int
) -> None:
    second = replace(CHANGE, ref=replace(REF, name="second"))
    kept = replace(CHANGE, ref=replace(REF, name="kept"), state=State.KEPT)
    changes, outcomes = [CHANGE, second, kept], [Outcome(REF, result)]
    assert unapplied(changes, outcomes) == left + 1, "the second has no outcome"
    assert unapplied([CHANGE, kept], outcomes) == left
    assert is_complete([CHANGE, kept], outcomes) is (left == 0)
    assert not is_complete(changes, outcomes)


def test_the_run_that_was_in_sync_first_is_kept_until_one_is_not() -> None:
    first, later = Moment("t1", "r"), Moment("t2", "r")
    in_sync = advance_in_sync(Record("prod"), first, in_sync=True)
    assert in_sync == Record("prod", in_sync=first)
    assert advance_in_sync(in_sync, later, in_sync=True) == in_sync
    other = Moment("t3", "r2")
    assert advance_in_sync(in_sync, other, in_sync=True).in_sync == other
    assert advance_in_sync(in_sync, later, in_sync=False) == Record("prod", in_sync=NEVER)


def test_a_watch_at_the_same_time_is_no_new_one() -> None:
    watched = Record("prod", watched=Moment("2026-08-01T00:00:00Z", "r"))
    assert advance_watch(watched, Moment("2026-08-01T00:00:00Z", "r2")) == watched
