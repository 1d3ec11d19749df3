"""What reports say about keys that nobody is known to read, and about values that nobody can read."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.rotation import Rotation
from reconciler.model.secret import SecretReading, SecretState
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.scenarios import SCENARIOS


def test_who_leads_to_a_rotated_key_and_reads_none_is_named() -> None:
    run = SCENARIOS["drift"]()
    (environment,) = run.environments
    rows = tuple(row for row in environment.secrets if row.rotation is Rotation.ROTATED)
    affected = tuple(each for each in environment.affected if not each.keys)
    alone = replace(environment, changes=(), secrets=rows, affected=affected)
    text = FORMATS["text"].render(replace(run, environments=(alone,)), Style())
    assert "affected: 2 Models" in text or "affected: 1 Model" in text
    through = "  used through 1 Model: llm/fast, but by no pod that this run listed; any other pod"
    assert through in text
    assert "  no consumer that this run listed reads it; any other pod" in text, "of another Secret"


def test_a_consumer_that_cannot_read_a_value_has_a_complete_sentence() -> None:
    run = SCENARIOS["resolution"]()
    (environment,) = run.environments
    row = replace(
        environment.consumer_secrets[0], reading=SecretReading(SecretState.MALFORMED, "key")
    )
    alone = replace(environment, consumer_secrets=(row,))
    text = FORMATS["text"].render(replace(run, environments=(alone,)), Style(verbose=True))
    assert "  the value is not what its consumer can read\n" in text
