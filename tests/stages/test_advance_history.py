"""The history in the next record: a key that was not read this time is as missing as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.change import State
from reconciler.model.difference import ABSENT, ForeignField
from reconciler.model.environment import ExtraFields
from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.history import ADDED, Part, RecordedRun, Touched
from reconciler.model.record.rotations import Moment
from reconciler.model.rotation import SecretRow
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.stages.advance_history import advance_history
from reconciler.stages.plan import plan_object
from tests.stages.builders import REF, given, observation, stored

OWNER = ObjectRef("g", "Kind", "llm", "openai")
REFERENCE = SecretReference("llm", "openai", "spec.secretRef", ("api-key", "token"))
AT = Moment("t", "c")


def after(record: Record, state: SecretState, key: str = "") -> Record:
    row = SecretRow(OWNER, REFERENCE, SecretReading(state, key))
    return advance_history(record, "drift", AT, (), [row], None)


@pytest.mark.parametrize("unread", [SecretState.ERROR, SecretState.FORBIDDEN])
def test_a_missing_key_is_news_until_it_is_read(unread: SecretState) -> None:
    record = after(Record("prod"), SecretState.MISSING_SECRET)
    (part,) = record.history[-1].parts
    assert (part.ref.name, part.state, part.name) == (
        "openai",
        "missing-secret",
        "api-key | token",
    )
    assert after(record, unread).history == record.history
    over = after(record, SecretState.OK, "api-key")
    assert [len(run.parts) for run in over.history] == [1, 0]


def test_a_run_over_selected_objects_keeps_what_was_missing() -> None:
    record = after(Record("prod"), SecretState.MISSING_SECRET)
    assert advance_history(record, "drift", AT, (), None, None).history == record.history


NEW = plan_object(given(), observation({"type": "mock"}, None, stored({})))
FOREIGN = ForeignField(("spec", "baseURL"), ABSENT, None, policy=ExtraFields.FAIL)
REPORTED = replace(FOREIGN, path=("spec", "note"), policy=ExtraFields.REPORT)


def test_an_apply_is_told_by_what_it_wrote_and_a_watch_by_what_others_did() -> None:
    drifted = replace(NEW, ref=replace(REF, name="drifted"), state=State.DRIFTED)
    changes, before = (NEW, drifted), Record("prod")
    (applied,) = advance_history(before, "apply", AT, changes, (), {REF}).history
    assert applied == RecordedRun("apply", "t", "c", (Touched(REF, "new"),))
    (watched,) = advance_history(before, "drift", AT, changes, (), None).history
    assert watched == RecordedRun("drift", "t", "c", (Touched(drifted.ref, "drifted"),))


def test_an_added_field_is_told_if_it_fails_the_run() -> None:
    change = replace(NEW, state=State.UNCHANGED, foreign=(REPORTED, FOREIGN))
    (run,) = advance_history(Record("prod"), "drift", AT, (change,), (), None).history
    assert run.parts == (Part(REF, ADDED, "spec.baseURL"),)
