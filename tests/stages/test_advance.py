"""The record's objects after a run: what is taken over, what stays, what is forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import RefusalReason
from reconciler.model.change import Change, State
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Observation, Observed, Orphan, Refusal
from reconciler.model.record import Record, RecordedObject
from reconciler.stages.advance import advance_objects
from reconciler.stages.plan import plan, plan_object
from tests.stages.builders import (
    REF,
    UID,
    US,
    conflict,
    fields,
    given,
    observation,
    owner,
    record,
    stored,
)

SPEC = {"type": "claude", "model": "claude-sonnet-4-5"}
OURS = owner(US, "spec.type", "spec.model")
LIVE = stored(SPEC, OURS)
OLD = record("spec.type")
CREATED = "2026-07-01T00:00:00Z"
APPLIED = RecordedObject(UID, "b" * 40, "digest", Document.of(fields("spec.type")), "now")


def after(
    old: Record, observed: Observation, applied: dict[ObjectRef, RecordedObject] | None = None
) -> Record:
    change = plan_object(given(old), observed)
    return advance_objects(old, Observed((observed,)), [change], applied or {}, US)


def entry(recorded: Record) -> RecordedObject:
    return recorded.objects[REF]


def test_what_was_applied_is_new() -> None:
    observed = observation(SPEC, stored({"type": "claude"}, OURS), LIVE)
    assert entry(after(OLD, observed, {REF: APPLIED})) == APPLIED


@pytest.mark.parametrize(("uid", "kept"), [(UID, True), ("another", False)])
def test_what_a_later_version_says_of_an_object_stays_as_long_as_the_object(
    uid: str, *, kept: bool
) -> None:
    later = Document.of({"later": 1})
    old = replace(OLD, objects={REF: replace(OLD.objects[REF], unknown=later)}, unknown=later)
    observed = observation(SPEC, stored({"type": "claude"}, OURS), LIVE)
    record = after(old, observed, {REF: replace(APPLIED, uid=uid)})
    assert record.unknown == later
    assert (entry(record).unknown == later) is kept
    assert entry(after(old, observation(SPEC, LIVE, LIVE))).unknown == later


def test_what_needed_nothing_is_taken_over_with_the_fields_that_are_ours_now() -> None:
    recorded = entry(after(OLD, observation(SPEC, LIVE, LIVE)))
    assert recorded.owned.body() == fields("spec.type", "spec.model")
    assert (recorded.uid, recorded.revision, recorded.applied) == (
        UID,
        "a" * 40,
        "2026-07-30T00:00:00Z",
    ), "who applied it, and when, stays"


def test_a_lost_record_heals_itself() -> None:
    live = stored(SPEC, OURS, creationTimestamp=CREATED)
    recorded = entry(after(Record("prod"), observation(SPEC, live, live)))
    assert recorded.owned.body() == fields("spec.type", "spec.model")
    assert (recorded.uid, recorded.revision, recorded.applied) == (UID, "", CREATED)


def test_an_object_that_was_made_again_starts_anew() -> None:
    old = record("spec.type", "spec.model", uid="22222222-2222-2222-2222-222222222222")
    merged = entry(after(old, observation(SPEC, LIVE, LIVE)))
    assert (merged.uid, merged.revision) == (UID, "")


def test_what_is_not_ours_by_apply_is_never_taken_over() -> None:
    """An equal object of somebody else: the record stays as it is, with or without an entry."""
    live = stored(SPEC, owner("kubectl-create", "spec.type", "spec.model", operation="Update"))
    change = replace(plan_object(given(), observation(SPEC, live, live)), state=State.UNCHANGED)
    observed = Observed((observation(SPEC, live, live),))
    assert advance_objects(Record("prod"), observed, [change], {}, US).objects == {}
    assert advance_objects(OLD, observed, [change], {}, US) == OLD


@pytest.mark.parametrize(
    "observed",
    [
        replace(observation(SPEC, None, None), refusal=Refusal(RefusalReason.FORBIDDEN, "no")),
        replace(observation(SPEC, None, None), refusal=Refusal(RefusalReason.NO_NAMESPACE, "no")),
        replace(observation(SPEC, LIVE, None), refusal=Refusal(RefusalReason.INVALID, "no")),
        observation(SPEC, stored({"type": "claude", "model": "old"}, OURS), LIVE),
        observation(SPEC, None, LIVE),
        observation(
            SPEC,
            stored(
                {"type": "claude", "model": "theirs"},
                owner(US, "spec.type"),
                owner("kubectl-edit", "spec.model", operation="Update"),
            ),
            LIVE,
            conflict(".spec.model", "kubectl-edit"),
        ),
    ],
    ids=["failed", "waiting", "invalid", "changed", "missing", "conflict"],
)
def test_what_failed_or_was_left_alone_keeps_its_entry(observed: Observation) -> None:
    assert after(OLD, observed) == OLD


def test_what_failed_and_was_never_recorded_gets_no_entry() -> None:
    observed = replace(observation(SPEC, None, None), refusal=Refusal(RefusalReason.FAILED, "no"))
    assert after(Record("prod"), observed).objects == {}


class TestKept:
    """Gone from git, still in the cluster."""

    OBSERVED = Observed((), orphans=(Orphan(REF, LIVE),))

    def after(self, old: Record, observed: Observed = OBSERVED) -> Record:
        changes: tuple[Change, ...] = plan(given(old), observed).changes
        return advance_objects(old, observed, changes, {}, US)

    def test_it_stays_in_the_record(self) -> None:
        recorded = entry(self.after(OLD))
        assert recorded.owned.body() == fields("spec.type", "spec.model")
        assert recorded.revision == "a" * 40

    def test_one_that_only_the_label_knows_comes_into_the_record(self) -> None:
        assert entry(self.after(Record("prod"))).uid == UID

    def test_it_is_forgotten_when_it_is_gone_from_the_cluster_too(self) -> None:
        assert self.after(OLD, Observed((), gone=frozenset({REF}))).objects == {}

    def test_one_that_was_not_looked_at_stays_as_it_was(self) -> None:
        assert self.after(OLD, Observed(())) == OLD


def test_nothing_else_of_the_record_moves() -> None:
    old = replace(OLD, revision="c" * 40, applied="then", observed="before")
    moved = after(old, observation(SPEC, LIVE, LIVE))
    assert replace(moved, objects=old.objects) == old


def test_an_object_of_git_is_recorded_with_the_revision_that_has_it() -> None:
    observed = observation(SPEC, LIVE, LIVE)
    change = replace(plan_object(given(OLD), observed), state=State.UNCHANGED)
    advanced = advance_objects(OLD, Observed((observed,)), [change], {}, US, revision="b" * 40)
    assert advanced.objects[REF].revision == "b" * 40
