"""The history in the next record: a key that was not read this time is as missing as it was."""

from __future__ import annotations

import pytest

from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.rotations import Moment
from reconciler.model.rotation import SecretRow
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.stages.advance_history import advance_history

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
