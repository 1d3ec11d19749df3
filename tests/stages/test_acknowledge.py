"""What an acknowledgement closes, and what it leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import UsageError
from reconciler.model.record import Record, RecordedSecret, SecretKey
from reconciler.model.record.rotations import (
    Acknowledgement,
    Closing,
    Moment,
    Opening,
    RecordedRotation,
)
from reconciler.stages.acknowledge import AcknowledgeInput, acknowledge

AT = Moment("2026-08-20T00:00:00Z", "c" * 40)
UNTIL = "2026-08-27T00:00:00Z"
OPEN = RecordedRotation("hs1:k:1", Opening("2026-08-19T00:00:00Z"))
CLOSED = replace(OPEN, closed=Closing("2026-08-19T01:00:00Z", "picked-up"))
A, B, OTHER = (
    SecretKey("omnia", "claude", "A"),
    SecretKey("omnia", "claude", "B"),
    SecretKey("llm", "openai", "A"),
)
RECORD = Record(
    "prod",
    secrets={
        A: RecordedSecret(rotations=(CLOSED, OPEN)),
        B: RecordedSecret(rotations=(OPEN,)),
        OTHER: RecordedSecret(rotations=(CLOSED,)),
    },
)


@pytest.mark.parametrize(
    ("names", "closed"),
    [(("omnia/claude",), (A, B)), (("omnia/claude/B",), (B,)), ((), (A, B))],
    ids=["every key", "one key", "all"],
)
def test_it_closes_what_is_open_with_its_reason(
    names: tuple[str, ...], closed: tuple[SecretKey, ...]
) -> None:
    done = acknowledge(RECORD, AcknowledgeInput(names, "restarted"), AT)
    assert (done.closed, done.ahead) == (closed, ())
    closing = Closing(AT.time, "acknowledged", AT.revision, "restarted")
    for key, before in RECORD.secrets.items():
        after = done.record.secrets[key]
        expected = tuple(
            replace(each, closed=closing) if key in closed and not each.closed else each
            for each in before.rotations
        )
        assert after == replace(before, rotations=expected)


def test_until_a_date_it_holds_for_rotations_to_come() -> None:
    done = acknowledge(RECORD, AcknowledgeInput(("llm/openai",), "weekly", UNTIL), AT)
    assert (done.closed, done.ahead) == ((), (OTHER,))
    ahead = Acknowledgement(UNTIL, "weekly", AT.time, AT.revision)
    assert done.record.secrets[OTHER].acknowledged == ahead
    assert done.record.secrets[A] == RECORD.secrets[A]


def test_without_a_date_one_that_was_given_ahead_stays() -> None:
    ahead = Acknowledgement(UNTIL, "weekly", AT.time)
    known = {B: replace(RECORD.secrets[B], acknowledged=ahead)}
    done = acknowledge(Record("prod", secrets=known), AcknowledgeInput((), "once"), AT)
    assert done.record.secrets[B].acknowledged == ahead


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("omnia/nope", "the record has no Secret omnia/nope"),
        ("omnia/claude/C", "the record has no Secret omnia/claude/C"),
        ("claude", "the record has no Secret claude"),
        ("llm/openai", "no rotation of llm/openai is open in the record"),
    ],
)
def test_what_cannot_be_acknowledged_is_a_mistake_and_closes_nothing(
    name: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        acknowledge(RECORD, AcknowledgeInput(("omnia/claude", name), "why"), AT)


def test_all_without_anything_open_changes_nothing() -> None:
    record = Record("prod", secrets={OTHER: RECORD.secrets[OTHER]})
    done = acknowledge(record, AcknowledgeInput((), "why"), AT)
    assert (done.record, done.closed) == (record, ())
